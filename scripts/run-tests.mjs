// Runs tiers of tests with Bun's runner and closes with one line that counts them all.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bun, environment, root } from './toolchain.mjs';

/** Longest that one test of a tier may take; a hang is a failure. */
const testTimeoutMs = { unit: 30_000, integration: 120_000, feature: 300_000, hyperscale: 600_000 };

/** Unit tests share nothing but the processor: as many files at a time as it has cores. */
const runnerOptions = { unit: ['--parallel', '--no-isolate'] };

/** @returns {number} 0 when every test passed and at least one ran, else 1 */
export function runTests(tiers) {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-tests-'));
  const total = { passed: 0, failed: 0, skipped: 0 };
  let broken = false;
  for (const { name, paths } of tiers) {
    const present = paths.filter((path) => existsSync(join(root, path)));
    if (present.length === 0) continue;
    process.stdout.write(`\n== ${name} tests ==\n`);
    const report = join(folder, `${name}.xml`);
    const timeout = testTimeoutMs[name] ?? 30_000;
    const result = spawnSync(
      bun,
      [
        'test',
        ...(runnerOptions[name] ?? []),
        '--timeout',
        String(timeout),
        '--reporter=junit',
        `--reporter-outfile=${report}`,
        ...present.map((path) => `./${path}`),
      ],
      { cwd: root, stdio: 'inherit', env: environment() },
    );
    const counts = readCounts(report);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    if (result.status !== 0) broken = true;
  }
  rmSync(folder, { recursive: true, force: true });
  // A file that does not even load fails no test of its own; it must not look like success.
  if (broken && total.failed === 0) total.failed = 1;
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

function readCounts(report) {
  if (!existsSync(report)) return { passed: 0, failed: 0, skipped: 0 };
  const head = /<testsuites[^>]*>/.exec(readFileSync(report, 'utf8'))?.[0] ?? '';
  const number = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
  const failed = number('failures') + number('errors');
  const skipped = number('skipped');
  return { passed: number('tests') - failed - skipped, failed, skipped };
}
