import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { type ApiBench, createApiBench } from '../api/api.testing.ts';
import { explainOffline, planOffline, whatIfOffline } from '../app/plan-offline.ts';
import { namespace } from '../controller/rebalancer.testing.ts';
import { createTestCli, type TestCli } from './cli.testing.ts';

/** `explain` and `plan --what-if`, against the whole service in this process and against files. */
let bench: ApiBench;
let cli: TestCli;
beforeEach(async () => {
  bench = await createApiBench({
    fleet: { peakToMean: 1.6 },
    policy: { triggers: { confirmationMs: 3_600_000 } },
  });
  cli = createTestCli({
    transport: bench.transport(),
    clock: bench.clock,
    env: { MESH_PRINCIPAL: 'ann' },
    services: { planOffline, whatIfOffline, explainOffline },
  });
});
afterEach(() => bench.stop());

const rebalance = (...args: readonly string[]) => cli.run('shards', 'rebalance', ...args);

async function json(...args: readonly string[]) {
  const { code, out, error } = await rebalance(...args, '-o', 'json');
  expect({ code, error }).toEqual({ code: 0, error: '' });
  return JSON.parse(out);
}

interface DryRun {
  readonly plan: { readonly id: string; readonly snapshotDigest: string };
  readonly moves: readonly { readonly shard: string; readonly source: string; readonly kind: string }[];
}

const dryRun = (...more: readonly string[]): Promise<DryRun> => json('plan', '--dry-run', ...more);

/** The dry run as files: `/plan.json`, `/fleet.json`, `/policy.yaml`. */
async function writeFiles(made: DryRun): Promise<readonly string[]> {
  const { digest } = { digest: made.plan.snapshotDigest };
  cli.files.set('/plan.json', new TextEncoder().encode(JSON.stringify(made)));
  await cli.run('snapshot', 'export', '--digest', digest, '--out', '/fleet.json');
  const policy = await cli.run('policies', 'show', '-n', namespace);
  cli.files.set('/policy.yaml', new TextEncoder().encode(policy.out));
  return ['--snapshot', '/fleet.json', '--policy', '/policy.yaml'];
}

describe('mesh shards rebalance explain', () => {
  test('says of a shard where it goes, why, and what the other places say', async () => {
    const { plan, moves } = await dryRun();
    const shard = moves.find((each) => each.kind === 'MOVE_KIND_RELOCATE')?.shard ?? '';
    const { code, out } = await rebalance('explain', plan.id, '--shard', shard);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^${shard}  shard`));
    expect(out).toMatch(/goes from n\d+ to n\d+/);
    expect(out).toContain('because');
    expect(out).toMatch(/INSTEAD +GAIN +PRICE +SAYS/);
    expect(out).toContain('(as before)');
  });

  test('says of a node what it carries, what leaves and what stays', async () => {
    const { plan, moves } = await dryRun();
    const { out } = await rebalance('explain', plan.id, '--node', moves[0]?.source ?? '', '--limit', '2');
    expect(out).toMatch(/DIMENSION +BEFORE +AFTER +FAIR SHARE +TARGET +LIMIT +CAPACITY/);
    expect(out).toMatch(/leaves: \d+/);
    expect(out).toMatch(/stays: \d+, the largest first/);
    expect(out).toContain('smaller (--limit)');
  });

  test('answers from files what the service answers', async () => {
    const made = await dryRun();
    const files = await writeFiles(made);
    for (const subject of [
      ['--node', made.moves[0]?.source ?? ''],
      ['--shard', made.moves[0]?.shard ?? ''],
    ]) {
      const online = await rebalance('explain', made.plan.id, ...subject);
      const offline = await rebalance('explain', '/plan.json', ...files, ...subject);
      expect(offline).toEqual(online);
    }
  });

  test('tells what is not there by exit code 4, and what is wrong by 2', async () => {
    const { plan } = await dryRun();
    expect(await rebalance('explain', 'nope', '--node', 'n0001')).toMatchObject({ code: 4 });
    expect(await rebalance('explain', plan.id, '--node', 'n9')).toMatchObject({
      code: 4,
      error: expect.stringContaining('NODE_NOT_FOUND'),
    });
    expect(await rebalance('explain', plan.id, '--shard', 's9')).toMatchObject({
      code: 4,
      error: expect.stringContaining('SHARD_NOT_FOUND'),
    });
    expect(await rebalance('explain', plan.id)).toMatchObject({ code: 2 });
    expect(await rebalance('explain', plan.id, '--node', 'a', '--shard', 'b')).toMatchObject({ code: 2 });
    expect(await rebalance('explain', plan.id, '--node', 'n0001', '--limit', '0')).toMatchObject({ code: 2 });
    const policy = await rebalance('explain', plan.id, '--node', 'n0001', '--policy', '/p.yaml');
    expect(policy).toMatchObject({ code: 2, error: expect.stringContaining('FIELDS_CONTRADICT') });
  });

  test('refuses a snapshot that is not the plan’s', async () => {
    const files = await writeFiles(await dryRun());
    await bench.clock.advance(60_000);
    await cli.run('snapshot', 'export', '-n', namespace, '--out', '/fleet.json');
    expect(await rebalance('explain', '/plan.json', ...files, '--node', 'n0001')).toMatchObject({
      code: 2,
      error: expect.stringContaining('another snapshot'),
    });
  });
});

describe('mesh shards rebalance plan --what-if', () => {
  const drain = ['--what-if', 'drain=n0001'];

  test('shows today, then, and then with the plan, and says that nothing can be approved', async () => {
    const { code, out } = await rebalance('plan', ...drain, '--what-if', 'add-nodes=1,like=n0002');
    expect(code).toBe(0);
    expect(out).toMatch(/^what-if {2}drain of orders .*nothing can be approved/);
    expect(out).toContain('drain=n0001');
    expect(out).toMatch(/nodes +8 → 9 \(8 take replicas\), 1 to vacate with \d+ replicas/);
    expect(out).toMatch(/peak\/mean .* today, .* then, .* with the plan/);
    expect(out).toMatch(/replicas to vacate \d+ → 0/);
    expect((await rebalance('list')).out).not.toContain('draft');
  });

  test('lays a policy over', async () => {
    const policy =
      'apiVersion: meshkit.rebalancer/v1\nkind: Policy\ncluster: c1\nspec: { budget: { maxMoves: 1 } }\n';
    cli.files.set('/one.yaml', new TextEncoder().encode(policy));
    const answer = await json('plan', '--what-if', 'policy=/one.yaml');
    expect(answer).toMatchObject({ policyChanged: true, changes: [] });
    expect(answer.moves.length).toBeLessThanOrEqual(1);
    const twice = await rebalance('plan', '--what-if', 'policy=/one.yaml', '--what-if', 'policy=/one.yaml');
    expect(twice).toMatchObject({ code: 2, error: expect.stringContaining('FIELDS_CONTRADICT') });
  });

  test('answers from files what the service answers', async () => {
    const files = await writeFiles(await dryRun());
    const online = await json('plan', ...drain);
    const offline = await json('plan', ...files, ...drain);
    for (const part of [
      'changes',
      'kind',
      'supposed',
      'summary',
      'moves',
      'obstacles',
      'supposedSnapshotDigest',
    ])
      expect(offline[part]).toEqual(online[part]);
  });

  test('names the option that makes no sense', async () => {
    const unknown = await rebalance('plan', ...drain, '--what-if', 'drain=n9');
    expect(unknown).toMatchObject({ code: 4, error: expect.stringContaining('--what-if drain=n9') });
    const file = await writeFiles(await dryRun());
    const offline = await rebalance('plan', ...file, '--what-if', 'scale-load=2,group=nope');
    expect(offline).toMatchObject({ code: 2, error: expect.stringContaining('scale-load=2,group=nope') });
    expect(await rebalance('plan', ...drain, '--policy', '/p.yaml')).toMatchObject({ code: 2 });
    expect(await rebalance('plan', ...drain, '--wait')).toMatchObject({ code: 2 });
    expect(await rebalance('plan', ...drain, '--override', 'SPREAD=why')).toMatchObject({ code: 2 });
  });
});
