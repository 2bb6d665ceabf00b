import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { MeshProcess } from '../../scripts/support/mesh-process.ts';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { systemClock } from '../../src/base/clock.ts';
import { createStaticToken } from '../../src/client/credentials/token-source.ts';
import type { MeshClient } from '../../src/client/mesh-client.ts';
import { type PushOptions, pushLoads, pushPeers } from '../../src/client/push-telemetry.ts';
import { ListNodesResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/node_service_pb.ts';
import { GetStatusResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { loadBatch, peer, shard } from '../../src/telemetry/telemetry.testing.ts';
import { type Cli, createCli } from '../support/cli.ts';
import { connectTo, devToken } from '../support/client.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { untilMeasured } from '../support/until-measured.ts';
import { exchange, openWire } from '../support/wires.ts';
import { namespace, startService } from '../support/world.ts';

/** A service that fetches nothing: what it knows of its fleet is what agents bring. */

const limitMs = 30_000;
const nodes = ['n1', 'n2', 'n3'];
const shards = Array.from({ length: 9 }, (_, index) => `s${index + 1}`);

let folder: TempFolder;
let service: MeshProcess;
let cli: Cli;
let client: MeshClient;
beforeAll(async () => {
  folder = await createTempFolder();
  const config = await folder.write(
    'rebalancer.yaml',
    'sources: { shards: push, loads: push, peers: push, backpressure: push, mover: http://127.0.0.1:1 }\n',
  );
  const data = folder.file('data');
  service = await startService(['--config', config, '--listen', '127.0.0.1:0', '--data-dir', data]);
  cli = createCli({ service, namespace });
  client = connectTo(service, { token: createStaticToken(devToken(service, 'telemetry'), 'a test') });
});
afterAll(async () => {
  await client.close();
  await service.stop();
  await folder[Symbol.asyncDispose]();
});

/** An answer over REST: what became of the samples, and the last batch that is in. */
interface Acknowledged {
  readonly lastAcceptedSequence: string;
  readonly accepted: string;
  readonly duplicate: string;
}

/** One batch by what a script would use. */
async function post(kind: string, batch: object): Promise<Acknowledged> {
  await using wire = await openWire(service, 'h2');
  const { status, text } = await exchange(wire, `/meshkit/telemetry/${kind}`, {
    headers: {
      authorization: `Bearer ${devToken(service, 'telemetry')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ batch }),
  });
  expect([status, text]).toEqual([200, expect.any(String)]);
  return (JSON.parse(text) as { acknowledgement: Acknowledged }).acknowledgement;
}

function originOf(source: string, sequence: number) {
  return { source, incarnation: '1', sequence: String(sequence) };
}

/** The whole listing, in one batch: each shard has a replica on every node. */
function listing(sequence: number) {
  return {
    origin: originOf('registry', sequence),
    namespace,
    listing: { firstSequence: String(sequence), lastSequence: String(sequence) },
    shards: shards.map((id) => {
      const { version, replicas } = shard(id, nodes);
      const updatedAt = new Date().toISOString();
      return {
        namespace,
        shard: id,
        version: String(version),
        status: 'REPLICA_SET_STATUS_ACTIVE',
        updatedAt,
        replicas: replicas.map(({ number, node, leads, bytes }) => ({
          number,
          node,
          leads,
          bytes: String(bytes),
        })),
      };
    }),
  };
}

/** An agent on each node streams its node and the loads there, one after the other, until it is told to stop. */
async function runAgent(node: string, signal: AbortSignal): Promise<void> {
  const options: PushOptions = {
    client,
    address: service.url,
    clock: systemClock,
    source: `agent-${node}`,
    incarnation: 1,
    signal,
  };
  const replica = nodes.indexOf(node);
  const rounds = async function* <T>(make: (round: number) => T): AsyncGenerator<T> {
    for (let round = 1; !signal.aborted; round += 1) {
      yield make(round);
      await systemClock.sleep(100, signal);
    }
  };
  const rows = shards.map((id): [string, number, number] => [id, replica, 0.5]);
  await Promise.all([
    pushPeers(
      options,
      rounds((sequence) => [peer(node, { zone: node, sequence, observedAt: Date.now() })]),
    ),
    pushLoads(
      options,
      rounds(() => loadBatch(Date.now(), rows)),
    ),
  ]);
}

describe('a service to which everything is pushed', () => {
  const stopping = new AbortController();
  let agents: Promise<unknown>;
  afterAll(async () => {
    stopping.abort();
    await agents;
  });

  test('is not ready before anything has come', async () => {
    expect((await cli.read(GetStatusResponseSchema, ['status'])).ready).toBe(false);
  });

  test('becomes ready by batches over REST and the streams of several agents', async () => {
    expect(await post('shards', listing(1))).toMatchObject({ lastAcceptedSequence: '1', accepted: '9' });
    const signals = nodes.map((node) => ({
      node,
      queue: 'writes',
      pendingCount: '1',
      highWatermark: '100',
      lowWatermark: '10',
      observedAt: new Date().toISOString(),
    }));
    const queues = await post('backpressure', { origin: originOf('queues', 1), signals });
    expect(queues).toMatchObject({ accepted: '3' });
    agents = Promise.all(nodes.map((node) => runAgent(node, stopping.signal)));
    await waitFor(
      'the service to be ready',
      limitMs,
      async () => (await cli.read(GetStatusResponseSchema, ['status'])).ready,
    );
    await untilMeasured(cli);
  });

  test('knows of each node what its agent told', async () => {
    const known = await cli.read(ListNodesResponseSchema, ['peers', 'list']);
    const facts = known.nodes.map(({ node, replicas, leaders }) => [
      node?.id,
      node?.zone,
      Number(replicas),
      Number(leaders),
    ]);
    expect(facts).toEqual([
      ['n1', 'n1', 9, 9],
      ['n2', 'n2', 9, 0],
      ['n3', 'n3', 9, 0],
    ]);
  });

  test('takes a batch that is sent again for what it is', async () => {
    expect(await post('shards', listing(2))).toMatchObject({ lastAcceptedSequence: '2' });
    expect(await post('shards', listing(2))).toMatchObject({ lastAcceptedSequence: '2', accepted: '0' });
  });

  test('lets nobody push who may only read', async () => {
    await using wire = await openWire(service, 'h2');
    const { status } = await exchange(wire, '/meshkit/telemetry/shards', {
      headers: { authorization: `Bearer ${devToken(service)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ batch: listing(3) }),
    });
    expect(status).toBe(403);
  });
});
