import { createSocket } from 'node:dgram';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { runMesh } from '../../scripts/support/mesh-process.ts';
import { quantile, report } from './figures.ts';
import type { Served, Stage } from './stage.ts';

interface Downgrade {
  readonly afterMs: number;
  readonly reason: string;
}

/** The CLI where HTTP/3 cannot be had: from its first packet to the connection that it uses, and the whole command. */
export async function benchFallback(stage: Stage, served: Served, quick: boolean): Promise<void> {
  const rounds = quick ? 3 : 9;
  const port = Number(new URL(served.service.url).port);
  await using blocked = await swallowUdp(port);
  await measure('udp blocked', stage, served, `https://127.0.0.1:${blocked.port}`, rounds);
  const without = await stage.serve({ http3: false });
  await measure('http3 off', stage, without, without.place.url, rounds);
  await without.service.stop();
}

async function measure(
  name: string,
  stage: Stage,
  { service, tokens }: Served,
  address: string,
  rounds: number,
): Promise<void> {
  const fallbacks: number[] = [];
  const commands: number[] = [];
  let reason = '';
  for (let round = 0; round < rounds; round += 1) {
    // What one command learnt would spare the next one the attempt: so each has a cache of its own.
    const env = {
      ...process.env,
      ...{ MESH_ADDRESS: address, MESH_CA: String(service.ready.ca) },
      ...{ MESH_TOKEN_FILE: join(tokens, 'admin.jwt'), MESH_CONFIG: join(stage.folder, 'none.yaml') },
      MESH_CACHE: join(stage.folder, `cache-${name}-${round}`),
    };
    const start = performance.now();
    const { code, stdout, stderr } = await runMesh(['transport', 'stats', '-o', 'json'], undefined, { env });
    commands.push(performance.now() - start);
    if (code !== 0) throw new Error(`mesh transport stats: ${stderr}`);
    const { client } = JSON.parse(stdout) as { client: { downgrades: Downgrade[] } };
    const [downgrade] = client.downgrades;
    if (!downgrade) throw new Error(`there was no fallback: ${stdout}`);
    fallbacks.push(downgrade.afterMs);
    ({ reason } = downgrade);
  }
  report('api fallback', {
    ...{ case: name, reason, firstAttemptToFallbackMs: quantile(fallbacks, 0.5) },
    ...{ longestMs: Math.max(...fallbacks), commandMs: quantile(commands, 0.5) },
  });
}

/** A port that leads to the service over TCP and swallows what comes over UDP. */
async function swallowUdp(target: number): Promise<AsyncDisposable & { readonly port: number }> {
  const relay: Server = createServer((socket) => {
    const onward = connect(target, '127.0.0.1');
    socket.on('error', () => onward.destroy()).pipe(onward);
    onward.on('error', () => socket.destroy()).pipe(socket);
  });
  await new Promise<void>((done) => void relay.listen(0, '127.0.0.1', done));
  const address = relay.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const hole = createSocket('udp4');
  await new Promise<void>((done) => void hole.bind(port, '127.0.0.1', done));
  return {
    port,
    async [Symbol.asyncDispose]() {
      hole.close();
      relay.close();
    },
  };
}
