import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type PlanFile, PlanFileSchema, PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { createCli } from '../support/cli.ts';
import { quickPolicy } from '../support/policies.ts';
import { unevenSnapshot } from '../support/snapshots.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { createWorld, repositoryFile, type World } from '../support/world.ts';

/** `mesh shards rebalance plan --snapshot F --policy P`: no service, and the same answer every time. */
let world: World;
let online: PlanFile;
beforeAll(async () => {
  world = await createWorld({ policy: quickPolicy() });
  const { cli } = world;
  // A plan keeps the snapshot that it was made from: both files are of the same moment.
  online = await cli.read(PlanFileSchema, ['shards', 'rebalance', 'plan', '--dry-run'], { as: 'ann' });
  const digest = online.plan?.snapshotDigest ?? '';
  await cli.run(['snapshot', 'export', '--digest', digest, '--out', 'fleet.json']);
  await cli.run(['snapshot', 'export', '--digest', digest, '--out', 'fleet.binpb']);
});
afterAll(() => world[Symbol.asyncDispose]());

const plan = (snapshot: string, ...more: readonly string[]): string[] => [
  ...['shards', 'rebalance', 'plan', '--snapshot', snapshot, '--policy', 'policy.yaml', ...more],
];
const asJson = ['-o', 'json'];

describe('the same snapshot, policy and seed', () => {
  test('give the same bytes, from a JSON file and from a binary one, on every run', async () => {
    const { cli } = world;
    const first = await cli.run([...plan('fleet.json'), ...asJson]);
    expect((JSON.parse(first) as { moves: unknown[] }).moves.length).toBeGreaterThan(0);
    expect(await cli.run([...plan('fleet.json'), ...asJson])).toBe(first);
    expect(await cli.run([...plan('fleet.binpb'), ...asJson])).toBe(first);
    expect(await cli.run([...plan('fleet.json', '--seed', '0'), ...asJson])).toBe(first);
  });

  test('give the same bytes from source and from the executable', async () => {
    const source = createCli({
      program: [process.execPath, 'run', repositoryFile('src', 'app', 'main.ts')],
      folder: world.folder.path,
    });
    expect(await source.run([...plan('fleet.json'), ...asJson])).toBe(
      await world.cli.run([...plan('fleet.json'), ...asJson]),
    );
  });

  test('give the plan that the service makes of that snapshot', async () => {
    const offline = await world.cli.read(PlanFileSchema, plan('fleet.json'));
    expect(offline.moves).toEqual(online.moves);
    expect(offline.plan?.snapshotDigest).toBe(online.plan?.snapshotDigest);
  });
});

describe('a plan to begin with', () => {
  test('is named by the new plan, which says the same every time', async () => {
    const { cli, folder } = world;
    const first = await cli.run([...plan('fleet.json'), ...asJson]);
    await folder.write('first.json', first);
    const warmed = [...plan('fleet.json', '--warm-start', 'first.json'), ...asJson];
    const second = JSON.parse(await cli.run(warmed)) as {
      plan: { warmStartedFrom: string };
      moves: unknown[];
    };
    expect(second.plan.warmStartedFrom).toBe((JSON.parse(first) as { plan: { id: string } }).plan.id);
    expect(second.moves.length).toBeGreaterThan(0);
    expect(await cli.run(warmed)).toBe(JSON.stringify(second, null, 2).concat('\n'));
  });

  test.each([
    ['without a snapshot', ['shards', 'rebalance', 'plan', '--warm-start', 'first.json']],
    ['for a what-if', plan('fleet.json', '--warm-start', 'first.json', '--what-if', 'drain=n0001')],
  ])('is refused %s', async (_, args) => {
    const [problem] = await world.cli.refused([...args, ...asJson], { exit: 2 });
    expect(problem).toMatchObject({ code: 'FIELDS_CONTRADICT', field: '--warm-start' });
  });

  test('of another namespace is refused', async () => {
    const { cli, folder } = world;
    const text = await cli.run([...plan('fleet.json'), ...asJson]);
    await folder.write('first.json', text);
    const { digest: _, ...snapshot } = JSON.parse(await Bun.file(folder.file('fleet.json')).text()) as Record<
      string,
      unknown
    >;
    await folder.write('other-fleet.json', JSON.stringify({ ...snapshot, namespace: 'elsewhere' }));
    const asked = [
      'shards',
      'rebalance',
      'plan',
      '--snapshot',
      'other-fleet.json',
      '--warm-start',
      'first.json',
    ];
    const [problem] = await cli.refused([...asked, ...asJson], { exit: 2 });
    expect(problem).toMatchObject({ code: 'FIELDS_CONTRADICT', field: '--warm-start' });
  });
});

test('another seed gives a plan that says its seed and keeps to the same limits', async () => {
  const { cli } = world;
  const other = await cli.read(PlanFileSchema, plan('fleet.json', '--seed', '42'));
  expect(other.plan?.seed).toBe(42n);
  expect(other.plan?.status).toBe(PlanStatus.DRAFT);
  expect(Number(other.plan?.summary?.violationsAfter)).toBe(0);
});

test('a smaller budget gives a plan within it', async () => {
  const file = await world.cli.read(PlanFileSchema, plan('fleet.json', '--max-moves', '3'));
  expect(file.moves.length).toBeGreaterThan(0);
  expect(file.moves.length).toBeLessThanOrEqual(3);
});

describe('a snapshot written by hand', () => {
  let folder: TempFolder;
  const cli = createCli();
  beforeAll(async () => {
    folder = await createTempFolder();
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  test('is planned for, with the defaults where there is no policy', async () => {
    const file = await folder.write('hand.json', JSON.stringify(unevenSnapshot()));
    const made = await cli.read(PlanFileSchema, [
      ...['shards', 'rebalance', 'plan', '--snapshot', file, '--max-share', '10%'],
    ]);
    expect(made.plan?.namespace).toBe('orders');
    expect(made.moves.length).toBeGreaterThan(0);
  });
});
