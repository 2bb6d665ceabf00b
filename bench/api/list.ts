import { waitFor } from '../../scripts/support/wait-for.ts';
import { createStaticToken } from '../../src/client/credentials/token-source.ts';
import { createMeshClient } from '../../src/client/mesh-client.ts';
import { processorSeconds, quantile, report } from './figures.ts';
import { openReader, type Reader } from './reader.ts';
import { namespace, type Place, type Served } from './stage.ts';
import { restWires, rpcWires } from './wires.ts';

const pageSize = 500;
const pages = 2;
const rounds = 100;
const warmRounds = 10;

/**
 * All plans, page after page over one connection: from the first request until the last answer's bytes are there and decoded, into
 * messages where it is an RPC, by JSON.parse where it is REST.
 */
export async function benchList({ place, service }: Served, quick: boolean): Promise<void> {
  const plans = pageSize * pages;
  await makePlans(place, plans);
  const plain = [...rpcWires, ...restWires].map((protocol) => ({ protocol, gzip: false }));
  const compressed = (['grpc/h3', 'grpc/h2'] as const).map((protocol) => ({ protocol, gzip: true }));
  for (const { protocol, gzip } of [...plain, ...compressed]) {
    await using reader = await openReader(place, protocol, `list-${gzip}`, gzip);
    for (let round = 0; round < warmRounds; round += 1) await listAll(reader);
    const taken: number[] = [];
    const cpuBefore = await processorSeconds(service.pid);
    for (let round = 0; round < (quick ? rounds / 5 : rounds); round += 1) {
      const start = performance.now();
      await listAll(reader);
      taken.push(performance.now() - start);
    }
    const cpuMs = ((await processorSeconds(service.pid)) - cpuBefore) * 1_000;
    report('api list', {
      ...{ protocol, gzip, plans, p50Ms: quantile(taken, 0.5), p95Ms: quantile(taken, 0.95) },
      serverCpuMs: cpuMs / taken.length,
    });
  }
}

async function listAll(reader: Reader): Promise<void> {
  let cursor = '';
  let listed = 0;
  for (let page = 0; page < pages; page += 1) {
    const { plans, nextCursor } = await reader.listPlans(pageSize, cursor);
    cursor = nextCursor;
    listed += plans.length;
  }
  if (listed < pageSize * pages) throw new Error(`${listed} plans were listed`);
}

/** Dry runs of one move. */
async function makePlans(place: Place, count: number): Promise<void> {
  const client = createMeshClient({
    ...{ address: place.url, ca: place.ca, transport: 'h2', principal: 'bench-planner' },
    token: createStaticToken(place.token, 'bench'),
  });
  await waitFor(
    'the service to see the fleet',
    30_000,
    async () => (await client.status.getStatus({})).ready,
  );
  const budget = { maxMoves: 1n };
  for (let made = 0; made < count; made += 1)
    await client.plans.createPlan({ namespace, dryRun: true, budget });
  await client.close();
}
