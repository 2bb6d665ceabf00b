import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMesh, startMesh } from '../scripts/support/mesh-process.ts';

/**
 * How long the executable takes until it answers, and until the service says that it is ready; one JSON object a line.
 * `bun bench/startup.ts`; `MESH` names another executable than `dist/mesh`.
 */
const commandRuns = 20;
const serveRuns = 5;

const commands: readonly (readonly string[])[] = [
  ['version'],
  ['--help'],
  ['shards', 'rebalance', '--help'],
  ['no-such-command'],
];

function report(name: string, takenMs: readonly number[]): void {
  const sorted = [...takenMs].sort((left, right) => left - right);
  const at = (share: number): number =>
    Number((sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1));
  console.log(
    JSON.stringify({
      bench: 'startup',
      what: name,
      runs: sorted.length,
      p50Ms: at(0.5),
      minMs: at(0),
      maxMs: at(1),
    }),
  );
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

// The first run reads the executable from the disk.
await runMesh(['version']);
for (const command of commands) {
  const taken: number[] = [];
  for (let run = 0; run < commandRuns; run++) taken.push(await timed(() => runMesh(command)));
  report(`mesh ${command.join(' ')}`, taken);
}

const folder = mkdtempSync(join(tmpdir(), 'bench-startup-'));
const fleet = await startMesh(['fleet', 'simulate', '--listen', '127.0.0.1:0']);
try {
  for (const kind of ['new', 'existing']) {
    const taken: number[] = [];
    for (let run = 0; run < serveRuns; run++) {
      const dataDir = join(folder, kind === 'new' ? `new-${run}` : 'new-0');
      const args = ['rebalancer', 'serve', '--dev', '--listen', '127.0.0.1:0', '--fleet', fleet.url];
      const start = performance.now();
      const service = await startMesh([...args, '--data-dir', dataDir]);
      taken.push(performance.now() - start);
      await service.stop();
    }
    report(`mesh rebalancer serve until ready, ${kind} data directory`, taken);
  }
} finally {
  await fleet.stop();
  rmSync(folder, { recursive: true, force: true });
}
