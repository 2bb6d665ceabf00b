import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { type ApiBench, createApiBench } from '../api/api.testing.ts';
import { namespace } from '../controller/rebalancer.testing.ts';
import { type CliAnswer, createTestCli, type TestCli } from './cli.testing.ts';

/** The whole command line against the whole service, in this process. */
let bench: ApiBench;
let cli: TestCli;
beforeEach(async () => {
  bench = await createApiBench();
  cli = cliOf('ann');
});
afterEach(async () => {
  cli.interrupt();
  await bench.stop();
});

function cliOf(principal: string, answer?: string): TestCli {
  return createTestCli({
    transport: bench.transport(),
    clock: bench.clock,
    env: { MESH_PRINCIPAL: principal },
    ...(answer === undefined ? {} : { answer }),
  });
}

async function json(...args: readonly string[]) {
  const { code, out, error } = await cli.run(...args, '-o', 'json');
  expect({ code, error }).toEqual({ code: 0, error: '' });
  return JSON.parse(out);
}

/** A plan of n0001's shards that waits for approval. */
async function plan(): Promise<{ id: string; digest: string; moves: unknown[] }> {
  const made = bench.fleet.controls.hotSpot({ nodes: ['n0001'] }, 2);
  expect(made.ok).toBe(true);
  await bench.clock.advance(30_000);
  const file = await json('shards', 'rebalance', 'plan', '-n', namespace, '--reason', 'hot');
  return { ...file.plan, moves: file.moves };
}

/** Lets time pass until a command has ended. */
async function finish(running: Promise<CliAnswer>): Promise<CliAnswer> {
  let over = false;
  running.finally(() => {
    over = true;
  });
  await bench.clock.advanceUntil(() => over, 3_600_000, 1_000);
  return running;
}

describe('mesh shards rebalance', () => {
  test('plans, is approved by somebody else, runs and shows how it ended', async () => {
    const { id, digest, moves } = await plan();
    expect(moves.length).toBeGreaterThan(0);
    const own = await cli.run('shards', 'rebalance', 'approve', id, '--digest', digest);
    expect(own).toMatchObject({ code: 3, error: expect.stringContaining('APPROVAL_BY_AUTHOR') });

    const followed = cliOf('bea').run('shards', 'rebalance', 'approve', id, '-d', digest, '--wait');
    const { code, out } = await finish(followed);
    expect(out).toMatch(/planStatusChanged .* to=executing/);
    expect(out).toMatch(/outcome\s+\S*COMPLETED|completed/);
    expect(code).toBe(0);
    expect((await cli.run('shards', 'rebalance', 'list')).out).toMatch(new RegExp(`${id} .* completed`));
    const shown = await cli.run('shards', 'rebalance', 'show', id, '--moves', '1');
    expect(shown.out).toContain(`${moves.length} of ${moves.length} moves done`);
  });

  test('shows what it asks consent for, and takes no for an answer', async () => {
    const { id, digest } = await plan();
    const refused = await cliOf('bea', 'n').run('shards', 'rebalance', 'approve', id);
    expect(refused).toMatchObject({ code: 2, out: '', error: expect.stringContaining(digest) });
    const nobody = await cliOf('bea').run('shards', 'rebalance', 'approve', id);
    expect(nobody).toMatchObject({ code: 2, error: expect.stringContaining('FIELD_REQUIRED') });
    const yes = await cliOf('bea', 'yes').run('shards', 'rebalance', 'approve', id);
    expect(yes).toMatchObject({ code: 0, out: expect.stringContaining('mesh shards rebalance watch') });
  });

  test('refuses a digest that is not the plan’s, and a plan that is not there', async () => {
    const { id } = await plan();
    const wrong = await cliOf('bea').run(
      'shards',
      'rebalance',
      'approve',
      id,
      '-d',
      `sha256:${'0'.repeat(64)}`,
    );
    expect(wrong).toMatchObject({ code: 5, error: expect.stringContaining('PLAN_DIGEST_MISMATCH') });
    expect(await cli.run('shards', 'rebalance', 'show', 'nope')).toMatchObject({ code: 4 });
  });

  test('withdraws and rejects; a plan that is over has no way back', async () => {
    const { id } = await plan();
    expect((await cli.run('shards', 'rebalance', 'cancel', id, '--yes')).out).toContain('is cancelled');
    const again = await cli.run('shards', 'rebalance', 'reject', id, '--yes', '-o', 'json');
    expect(again.code).toBe(5);
    expect(JSON.parse(again.error)).toMatchObject({ problems: [{ code: 'PLAN_STATUS' }] });
  });

  test('watches until interrupted and says where to go on', async () => {
    const watching = cli.run('shards', 'rebalance', 'watch', '-o', 'json');
    await bench.clock.advance(1_000);
    await cliOf('bea').run('incidents', 'open', 'slow disks', '-n', namespace);
    await bench.clock.advance(1_000);
    cli.interrupt();
    const { code, out, error } = await finish(watching);
    expect(code).toBe(130);
    const event = JSON.parse(out.trim().split('\n').at(-1) ?? '');
    expect(event).toMatchObject({ type: 'EVENT_TYPE_INCIDENT_OPENED' });
    expect(error).toBe(`resume with --resume-token ${event.sequence}\n`);
  });
});

describe('mesh', () => {
  test('status says what runs there', async () => {
    const { code, out } = await cli.run('status');
    expect(code).toBe(0);
    expect(out).toContain('cluster     c1');
    expect(out).toContain(`namespaces  ${namespace}`);
  });

  test('controllers, peers and scores are tables', async () => {
    expect((await cli.run('controllers', 'list')).out).toMatch(/^NAMESPACE +STATE.*\norders +steady/);
    expect((await cli.run('peers', 'list', '-n', namespace)).out.split('\n')).toHaveLength(1 + 8 + 1);
    expect(
      (await cli.run('controllers', 'scores', '-n', namespace, '--limit', '3')).out.split('\n'),
    ).toHaveLength(1 + 3 + 1);
  });

  test('peers are cordoned by those who may', async () => {
    const { code, out } = await cli.run('peers', 'cordon', 'n0001', '--reason', 'kernel');
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('n0001 is cordoned') });
    const listed = await cli.run('peers', 'list', '-n', namespace);
    expect(listed.out).toMatch(/^n0001 .* cordoned /m);
  });

  test('incidents are opened, listed and closed', async () => {
    const { id } = await json('incidents', 'open', 'slow disks', '--severity', 'critical');
    expect((await cli.run('incidents', 'list')).out).toContain('slow disks');
    expect((await cli.run('incidents', 'close', id, '-r', 'replaced')).code).toBe(0);
    expect((await json('incidents', 'list')).incidents).toEqual([]);
    expect((await json('incidents', 'list', '--all')).incidents).toHaveLength(1);
  });

  test('the audit trail is exported whole and verified without the service', async () => {
    expect((await cli.run('audit', 'export', '--out', '/trail.jsonl')).code).toBe(0);
    const verified = await createTestCliWith(cli.files).run('audit', 'verify', '--file', '/trail.jsonl');
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('is whole') });
    const text = new TextDecoder().decode(cli.files.get('/trail.jsonl')).replace('admin', 'adnim');
    cli.files.set('/trail.jsonl', new TextEncoder().encode(text));
    const altered = await createTestCliWith(cli.files).run('audit', 'verify', '--file', '/trail.jsonl');
    expect(altered).toMatchObject({ code: 5, error: expect.stringContaining('AUDIT_CHAIN_BROKEN') });
  });

  test('a snapshot is exported, and a policy checked against it', async () => {
    expect((await cli.run('snapshot', 'export', '-n', namespace, '--out', '/fleet.json')).code).toBe(0);
    expect((await cli.run('snapshot', 'show', '-n', namespace)).out).toContain('nodes         8, 8 alive');
    const effective = await cli.run('policies', 'show', '-n', namespace);
    cli.files.set('/policy.yaml', new TextEncoder().encode(effective.out));
    const valid = await cli.run('policies', 'validate', '/policy.yaml', '--snapshot', '/fleet.json');
    expect(valid).toMatchObject({ code: 0, out: '/policy.yaml: valid\n' });
  });

  test('an export that is interrupted writes nothing and is no failure of the service', async () => {
    cli.interrupt();
    const exported = await cli.run('snapshot', 'export', '-n', namespace, '--out', '/late.json');
    expect(exported).toMatchObject({ code: 130, error: '' });
    expect(cli.files.has('/late.json')).toBe(false);
  });
});

describe('a command whose effect cannot simply be taken back', () => {
  test.each<string[]>([
    ['peers', 'drain', 'n0001'],
    ['shards', 'rebalance', 'cancel', 'ID'],
    ['shards', 'rebalance', 'reject', 'ID'],
    ['shards', 'rebalance', 'rollback', 'ID'],
  ])('asks first, and does nothing where nobody can answer: %s %s', async (...args) => {
    const nobody = await cli.run(...args, '-o', 'json');
    expect(nobody.code).toBe(2);
    const { problems } = JSON.parse(nobody.error);
    expect(problems).toMatchObject([{ code: 'CONFIRMATION_REQUIRED', field: '--yes', remedy: 'Add --yes.' }]);
    const no = await cliOf('ann', 'n').run(...args);
    expect(no).toMatchObject({ code: 2, out: '', error: 'Nothing was changed.\n' });
  });

  test('goes on when the person says yes', async () => {
    const { code, out } = await cliOf('ann', 'y').run('peers', 'drain', 'n0001', '--reason', 'kernel');
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('n0001 is draining') });
  });

  test('is a policy that replaces another one, and not the first', async () => {
    const policy = 'apiVersion: meshkit.rebalancer/v1\nkind: Policy\ncluster: c1\nspec: { mode: propose }\n';
    cli.files.set('/policy.yaml', new TextEncoder().encode(policy));
    expect(await cli.run('policies', 'apply', '/policy.yaml')).toMatchObject({ code: 0, error: '' });
    const second = await cli.run('policies', 'apply', '/policy.yaml');
    expect(second.error).toContain('CONFIRMATION_REQUIRED: Replace revision 1 of the policy of cluster c1');
    expect((await cli.run('policies', 'apply', '/policy.yaml', '--yes')).code).toBe(0);
  });
});

describe('a listing that is watched', () => {
  test.each<string[]>([
    ['incidents', 'list'],
    ['controllers', 'list'],
    ['peers', 'list', '-n', namespace],
    ['shards', 'rebalance', 'list'],
  ])('is printed again when something happened, until interrupted: %s %s', async (...args) => {
    const watching = cli.run(...args, '--watch');
    await bench.clock.advance(1_000);
    await cliOf('bea').run('incidents', 'open', 'slow disks', '-n', namespace);
    await bench.clock.advance(2_000);
    cli.interrupt();
    const { code, out } = await finish(watching);
    expect(code).toBe(130);
    const heads = out.split('\n').filter((line) => /^[A-Z]/.test(line));
    expect(heads.length).toBeGreaterThanOrEqual(2);
  });
});

test('a drain is waited for until the node is empty', async () => {
  const draining = cliOf('ann').run('peers', 'drain', 'n0001', '--yes', '--wait');
  let plans: readonly { id: string; digest: string; status: string }[] = [];
  await bench.clock.advance(60_000);
  plans = (await json('shards', 'rebalance', 'list')).plans;
  const [made] = plans;
  if (made?.status.endsWith('PENDING_APPROVAL'))
    await cliOf('bea').run('shards', 'rebalance', 'approve', made.id, '-d', made.digest);
  const { code, out } = await finish(draining);
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('carries nothing any more') });
});

function createTestCliWith(files: ReadonlyMap<string, Uint8Array>): TestCli {
  const offline = createTestCli();
  for (const [path, data] of files) offline.files.set(path, data);
  return offline;
}
