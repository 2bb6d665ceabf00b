import { describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { mesh } from '../../scripts/support/mesh-process.ts';

/** Linux's device on which every write fails as on a full disk. */
const fullDisk = '/dev/full';

describe.skipIf(!existsSync(fullDisk))('standard output on a full disk', () => {
  test.each([
    ['an answer', ['version']],
    ['help', ['--help']],
  ])('%s that is lost is told, with an exit code other than 0', async (_, args) => {
    const run = Bun.spawn([mesh, ...args], { stdout: Bun.file(fullDisk), stderr: 'pipe' });
    const said = await new Response(run.stderr).text();
    expect(said).toContain('error FILE_UNREADABLE: standard output cannot be written: ENOSPC');
    expect(await run.exited).toBe(2);
  });
});

test('a reader that has seen enough is no error', async () => {
  const run = Bun.spawn(['sh', '-c', '"$0" help | head -1', mesh], { stdout: 'pipe', stderr: 'pipe' });
  expect(await new Response(run.stdout).text()).toBe('Usage: mesh [options] [command]\n');
  expect(await new Response(run.stderr).text()).toBe('');
});
