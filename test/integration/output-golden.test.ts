import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { waitFor } from '../../scripts/support/wait-for.ts';
import type { Plan } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { createCli } from '../support/cli.ts';
import { expectGolden, jsonWithoutVolatile, withoutVolatile } from '../support/golden.ts';
import { approver, author, makePlan, readController } from '../support/plans.ts';
import { quickPolicy } from '../support/policies.ts';
import { steadySnapshot } from '../support/snapshots.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { createWorld, type World } from '../support/world.ts';

/** One move at a time, so that what happens has one order. */
const policy = quickPolicy().replace('name: cpu', 'name: disk').replace('namespace: 3', 'namespace: 1');

describe('what a plan from files looks like', () => {
  let folder: TempFolder;
  beforeAll(async () => {
    folder = await createTempFolder();
    await folder.write('fleet.json', JSON.stringify(steadySnapshot()));
    await folder.write('policy.yaml', policy);
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  // Nothing volatile here: the same files give the same bytes everywhere.
  test.each([
    ['plan-from-files.txt', []],
    ['plan-from-files.json', ['-o', 'json']],
  ])('%s', async (name, form) => {
    const cli = createCli({ folder: folder.path });
    const plan = ['shards', 'rebalance', 'plan', '--snapshot', 'fleet.json', '--policy', 'policy.yaml'];
    await expectGolden(name, await cli.run([...plan, ...form]));
  });
});

describe('what questions about files are answered', () => {
  let folder: TempFolder;
  const files = ['--snapshot', 'fleet.json', '--policy', 'policy.yaml'];
  const rebalance = ['shards', 'rebalance'];
  beforeAll(async () => {
    folder = await createTempFolder();
    await folder.write('fleet.json', JSON.stringify(steadySnapshot()));
    await folder.write('policy.yaml', policy);
    const plan = await createCli({ folder: folder.path }).run([...rebalance, 'plan', ...files, '-o', 'json']);
    await folder.write('plan.json', plan);
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  test.each([
    ['explain-shard', ['explain', 'plan.json', '--shard', 's00', '--limit', '2']],
    ['explain-node', ['explain', 'plan.json', '--node', 'a1', '--limit', '2']],
    ['plan-what-if', ['plan', '--what-if', 'add-nodes=1,like=a2', '--what-if', 'drain=a1']],
  ])('%s', async (name, question) => {
    const cli = createCli({ folder: folder.path });
    await expectGolden(`${name}.txt`, await cli.run([...rebalance, ...question, ...files]));
    await expectGolden(`${name}.json`, await cli.run([...rebalance, ...question, ...files, '-o', 'json']));
  });
});

describe('what a service and a fleet answer', () => {
  let folder: TempFolder;
  let world: World;
  let plan: Plan;
  const rebalance = ['shards', 'rebalance'];

  beforeAll(async () => {
    folder = await createTempFolder();
    const snapshot = await folder.write('fleet.json', JSON.stringify(steadySnapshot()));
    world = await createWorld({ snapshot, policy });
    await world.cli.run(['incidents', 'open', 'a slow disk', '--severity', 'info'], { as: 'olga' });
    ({ plan } = await makePlan(world.cli, ['--reason', 'two full nodes', '--ticket', 'CHG-1']));
    await waitFor('the controller to see the plan', 20_000, async () => {
      return (await readController(world.cli)).planId === plan.id;
    });
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const commands: readonly (readonly [name: string, ...args: string[]])[] = [
    ['status', 'status'],
    ['plan-list', ...rebalance, 'list'],
    ['peers-list', 'peers', 'list'],
    ['policies-list', 'policies', 'list'],
    ['incidents-list', 'incidents', 'list'],
    ['controllers-scores', 'controllers', 'scores'],
    ['fleet-stats', 'fleet', 'stats', '--nodes'],
  ];

  test.each(commands)('%s', async (name, ...args) => {
    await expectGolden(`${name}.txt`, withoutVolatile(await world.cli.run(args)));
    await expectGolden(`${name}.json`, jsonWithoutVolatile(await world.cli.run([...args, '-o', 'json'])));
  });

  test('plan-show, before and after', async () => {
    const { cli } = world;
    await expectGolden(
      'plan-show-pending.txt',
      withoutVolatile(await cli.run([...rebalance, 'show', plan.id])),
    );
    await expectGolden('plan-diff.txt', withoutVolatile(await cli.run([...rebalance, 'diff', plan.id])));
    const approve = [...rebalance, 'approve', plan.id, '--digest', plan.digest, '--wait'];
    await expectGolden('plan-approve-wait.txt', withoutVolatile(await cli.run(approve, { as: approver })));
    await expectGolden(
      'plan-show-completed.txt',
      withoutVolatile(await cli.run([...rebalance, 'show', plan.id])),
    );
    await expectGolden(
      'audit-verify.txt',
      withoutVolatile(await cli.run(['audit', 'verify'])).replace(/\d+/, '<n>'),
    );
    const about = ['audit', 'list', '--subject', `plan/${plan.id}`];
    await expectGolden('audit-list.txt', withoutVolatile(await cli.run(about)).replace(/^ *\d+/gm, ' <n>'));
  });

  test('policies-show', async () => {
    const { cli } = world;
    const show = ['policies', 'show', '--namespace', 'orders'];
    await expectGolden('policies-show.yaml', await cli.run(show));
    await expectGolden('policies-show-effective.yaml', await cli.run([...show, '--effective']));
  });

  test('snapshot-show', async () => {
    const text = withoutVolatile(await world.cli.run(['snapshot', 'show']));
    await expectGolden('snapshot-show.txt', text.replace(/[\d.]+ ms behind/, '<n> ms behind'));
  });

  test('errors, for people and for programs', async () => {
    const { cli } = world;
    const mistakes = [
      [...rebalance, 'show', 'nobody'],
      [...rebalance, 'approve', plan.id, '--digest', `sha256:${'0'.repeat(64)}`],
      [...rebalance, 'plan', '--namespace', 'nowhere'],
      [...rebalance, 'plann'],
      ['peers', 'drain', 'n9999', '--yes'],
      ['policies', 'validate', 'missing.yaml'],
    ];
    const told: string[] = [];
    for (const args of mistakes) {
      for (const form of [[], ['-o', 'json']]) {
        const { code, stdout, stderr } = await cli.answer([...args, ...form], { as: author });
        expect(stdout).toBe('');
        told.push(`$ mesh ${[...args, ...form].join(' ')}\n${stderr}(exit code ${code})\n`);
      }
    }
    const text = told.join('\n').replaceAll(world.folder.path, '<folder>');
    await expectGolden('errors.txt', withoutVolatile(text));
  });
});
