import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mesh } from '../../scripts/support/mesh-process.ts';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { type Cli, createCli } from '../support/cli.ts';
import { quickPolicy } from '../support/policies.ts';
import { createWorld, namespace, type World } from '../support/world.ts';

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

/** Runs a command for `head -1`, and tells its exit code last of all on standard error. */
const forHead = ['sh', '-c', '{ "$0" "$@"; echo "ended with $?" >&2; } | head -1', mesh];
/** The same for a reader who has left before the command begins. */
const forNobody = [
  'sh',
  '-c',
  `trap "" PIPE; { while echo; do :; done 2>/dev/null; "$0" "$@"; echo "ended with $?" >&2; } | true`,
  mesh,
];

describe('a reader who has seen enough is no error', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ policy: quickPolicy() });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const cliFor = (program: readonly string[]): Cli =>
    createCli({ service: world.service(), namespace, program });

  test.each([
    ['help', ['help']],
    ['a table', ['status']],
    ['JSON', ['status', '-o', 'json']],
    ['a plan', ['shards', 'rebalance', 'plan', '--dry-run']],
  ])('of %s', async (_, args) => {
    const enough = await cliFor(forHead).answer(args);
    expect(enough.stdout).toMatch(/^.+\n$/);
    expect(enough.stderr).toMatch(/^ended with (0|141)\n$/);
    const nothing = await cliFor(forNobody).answer(args);
    expect(nothing.stderr).toBe('ended with 141\n');
  });

  test('of more than a pipe holds', async () => {
    const answer = await cliFor(forHead).answer(['audit', 'list', '-o', 'json']);
    expect(answer.stderr).toMatch(/^ended with (0|141)\n$/);
  });

  test.each([
    ['every event', ['shards', 'rebalance', 'watch', '--resume-token', '0', '-o', 'json']],
    ['an answer', ['peers', 'list', '--watch']],
  ])('of a watch of %s, which then ends', async (_, args) => {
    const watch = cliFor(forHead).begin(args);
    let ended = false;
    const answer = watch.answer.finally(() => {
      ended = true;
    });
    await waitFor('the watch to end', 20_000, async () => {
      if (!ended) await world.cli.run(['incidents', 'open', 'trouble']);
      return ended;
    });
    expect(await answer).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^.+\n$/),
      stderr: 'ended with 141\n',
    });
  });

  test('of a service, which goes on', async () => {
    const folder = world.folder.file('unread');
    const args = ['--listen', '127.0.0.1:0', '--fleet', world.fleet.url, '--data-dir', folder];
    const service = spawn(mesh, ['rebalancer', 'serve', '--dev', ...args]);
    service.stdout.destroy();
    let log = '';
    service.stderr.on('data', (chunk) => {
      log += String(chunk);
    });
    await waitFor('the service', 20_000, async () => log.includes('"the rebalancer is ready"'));
    const { url } = JSON.parse(log.split('\n').find((line) => line.includes('is ready')) ?? '') as {
      url: string;
    };
    const tls = { ca: readFileSync(join(folder, 'dev', 'ca.pem'), 'utf8') };
    expect((await fetch(`${url}/nothing`, { tls })).status).toBe(404);
    service.kill('SIGTERM');
    expect(await new Promise((done) => service.once('close', done))).toBe(0);
    expect(log.split('\n').filter((line) => line !== '' && !line.startsWith('{'))).toEqual([]);
  });
});
