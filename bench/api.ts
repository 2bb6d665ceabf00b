import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { benchCalls } from './api/calls.ts';
import { benchFallback } from './api/fallback.ts';
import { report, reported } from './api/figures.ts';
import { benchList } from './api/list.ts';
import { openStage } from './api/stage.ts';
import { benchTelemetry } from './api/telemetry.ts';
import { benchWatchers } from './api/watchers.ts';

/**
 * The service's face as users run it, one JSON object a line: `bun bench/api.ts [--quick] [PART...]`, parts `calls`, `list`,
 * `fallback`, `telemetry`, `watchers`; all when left out. A small simulated fleet and the executable of `MESH`, default `dist/mesh`,
 * with TLS and development credentials. A whole run keeps its figures in `bench/results/api.json`.
 */
const quick = process.argv.includes('--quick');
const wanted = process.argv.slice(2).filter((each) => !each.startsWith('--'));
const parts = ['fallback', 'calls', 'list', 'telemetry', 'watchers'] as const;

function wants(part: (typeof parts)[number]): boolean {
  return wanted.length === 0 || wanted.includes(part);
}

await using stage = await openStage(['--nodes', '6', '--shards', '36', '--seed', '7']);
{
  const served = await stage.serve();
  if (wants('fallback')) await benchFallback(stage, served, quick);
  if (wants('calls')) await benchCalls(served.place, quick);
  if (wants('list')) await benchList(served, quick);
  await served.service.stop();
}
if (wants('telemetry')) {
  const served = await stage.serve({ sources: { shards: 'push', loads: 'push' } });
  await benchTelemetry(served, quick);
  await served.service.stop();
}
if (wants('watchers')) {
  const size = quick
    ? { watchers: 1_000, seconds: 4, eventsPerSecond: 4 }
    : { watchers: 5_000, seconds: 20, eventsPerSecond: 4 };
  for (const wire of ['grpc/h2', 'grpc/h3', 'sse/h2'] as const) {
    const served = await stage.serve();
    await benchWatchers(served, wire, size);
    await served.service.stop();
  }
}
report('api machine', {
  ...{ processor: cpus()[0]?.model ?? '', cores: cpus().length, load1: loadavg()[0] ?? Number.NaN },
  ...{ commit: commit(), command: `npm run bench -- api ${process.argv.slice(2).join(' ')}`.trim() },
  at: new Date().toISOString(),
});
if (wanted.length === 0 && !quick) {
  const folder = join(import.meta.dir, 'results');
  mkdirSync(folder, { recursive: true });
  const lines = reported().map((line) => `  ${JSON.stringify(line)}`);
  writeFileSync(join(folder, 'api.json'), `[\n${lines.join(',\n')}\n]\n`);
}

/** Of the working tree; `+` when something in it is not committed. */
function commit(): string {
  const git = (...args: string[]): string =>
    Bun.spawnSync(['git', ...args], { cwd: import.meta.dir })
      .stdout.toString()
      .trim();
  return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', '../src') === '' ? '' : '+'}`;
}
