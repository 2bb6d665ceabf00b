import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterTransport } from '@connectrpc/connect';
import { systemClock } from '../../base/clock.ts';
import { RebalancePlanService } from '../../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { StatusService } from '../../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { createTestCli } from '../cli.testing.ts';
import { shellScripts, shells } from './shell-scripts.ts';

const transport = createRouterTransport((router) => {
  router.service(StatusService, { getStatus: () => ({ namespaces: ['orders', 'sessions'] }) });
  router.service(RebalancePlanService, {
    listPlans: () => ({ plans: [{ id: 'p1', namespace: 'orders', reason: 'two\nlines' }] }),
  });
});

async function complete(...words: readonly string[]): Promise<readonly string[]> {
  const cli = createTestCli({ transport, clock: systemClock, env: { HOME: '/home' } });
  cli.files.set(
    '/home/.config/mesh/config.yaml',
    new TextEncoder().encode('profiles: {staging: {address: "https://s"}, local: {}}\n'),
  );
  const { out, code } = await cli.run('__complete', '--', ...words);
  expect(code).toBe(0);
  return out.split('\n').slice(0, -1);
}

describe('the words that may follow', () => {
  test.each([
    [['sh'], ['shards\twhere shards live']],
    [
      ['config', 'u'],
      ['use\tmake a profile the current one', 'unset\ttake a setting out of a profile'],
    ],
    [
      ['--transport', 'h'],
      ['h3', 'h2', 'h1'],
    ],
    [['--transport=h'], ['--transport=h3', '--transport=h2', '--transport=h1']],
    [
      ['--transport', '=', 'h'],
      ['h3', 'h2', 'h1'],
    ],
    [
      ['--transport', '='],
      ['auto', 'h3', 'h2', 'h1'],
    ],
    [
      ['--profile', ''],
      ['staging\thttps://s', 'local'],
    ],
    [['config', 'use', 'st'], ['staging\thttps://s']],
    [
      ['shards', 'rebalance', 'plan', '--what-if', 'drain'],
      ['drain=\tthe node is to be vacated', 'drain-zone=\tevery node of the zone is to be vacated'],
    ],
    [['shards', 'rebalance', 'explain', ''], ['p1\torders two lines']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [
      ['peers', 'list', '-n', ''],
      ['orders', 'sessions'],
    ],
    [['--address', 'x', 'shards', 'rebalance', 'show', ''], ['p1\torders two lines']],
    [['shards', 'rebalance', 'show', 'p1', ''], []],
    [['policies', 'validate', 'a.yaml', ''], [':files']],
    [['--ca', ''], [':files']],
    [['nowhere', ''], expect.arrayContaining(['shards\twhere shards live'])],
  ])('%p', async (words, answer) => {
    expect(await complete(...words)).toEqual(answer);
  });

  test('are the options of the command and the common ones after a dash', async () => {
    const options = (await complete('shards', 'rebalance', 'approve', '--')).map(
      (each) => each.split('\t')[0],
    );
    expect(options).toContain('--digest');
    expect(options).toContain('--transport');
    expect(await complete('shards', 'rebalance', 'approve', '--dig')).toHaveLength(1);
  });

  test('are none when the service cannot be asked', async () => {
    const cli = createTestCli({
      clock: systemClock,
      env: { MESH_ADDRESS: 'http://127.0.0.1:1', MESH_CACHE: '/nowhere' },
    });
    const { out, code, error } = await cli.run('__complete', '--', 'peers', 'list', '-n', '');
    expect({ out, code, error }).toEqual({ out: '', code: 0, error: '' });
  });

  test('hide what is not for people', async () => {
    expect((await complete('')).some((each) => each.startsWith('__'))).toBe(false);
  });
});

/** A stand-in that answers for `mesh __complete` and writes down what it was asked. */
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesh-completion-'));
  const program = join(folder, 'mesh');
  writeFileSync(
    program,
    `#!/bin/sh\nprintf '%s|' "$@" > ${folder}/asked\nprintf 'p1\\ta plan\\np 2\\tanother\\n'\n`,
  );
  chmodSync(program, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What pressing TAB at the end of a line does, in the shell itself; undefined where that is not installed. */
const presses: Readonly<Record<string, string>> = {
  bash: `COMP_WORDS=(mesh shards "")
COMP_CWORD=2
_mesh_complete
printf '%s\\n' "\${COMPREPLY[@]}"`,
  fish: 'complete -C "mesh shards "',
};

describe.each(Object.entries(presses))('%s', (shell, press) => {
  test('asks mesh and shows what it answers', async () => {
    const program = Bun.which(shell);
    if (!program) {
      console.warn(`${shell} is not installed: its script was not run`);
      expect(shellScripts[shell as 'bash']).toContain('__complete');
      return;
    }
    const script = join(folder, 'script');
    writeFileSync(script, `${shellScripts[shell as 'bash']}\n${press}\n`);
    const run = Bun.spawnSync([program, script], { env: { PATH: `${folder}:${process.env.PATH}` } });
    expect(run.stderr.toString()).toBe('');
    expect(
      run.stdout
        .toString()
        .split('\n')
        .filter(Boolean)
        .map((each) => each.split('\t')[0])
        // fish sorts them.
        .sort(),
    ).toEqual(['p 2', 'p1']);
    expect(await Bun.file(join(folder, 'asked')).text()).toBe('__complete|--|shards||');
  });
});

test.each(shells)('the script for %s is understood by its shell', (shell) => {
  const program = Bun.which(shell);
  if (!program) {
    console.warn(`${shell} is not installed: its script was not read`);
    expect(shellScripts[shell]).toContain('mesh');
    return;
  }
  const run = Bun.spawnSync([program, '-n', '/dev/stdin'], { stdin: Buffer.from(shellScripts[shell]) });
  expect(run.stderr.toString()).toBe('');
});
