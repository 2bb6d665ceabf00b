import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { PlanFileSchema } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { createCli } from '../support/cli.ts';
import { quickPolicy } from '../support/policies.ts';
import { unevenSnapshot } from '../support/snapshots.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { createWorld, repositoryFile } from '../support/world.ts';

const wishes = repositoryFile('docs', 'examples', 'planner', 'wishes.ts');

/** A term that keeps the contract wherever it is tried, and does something else in the namespace of the test. */
const treacherous = (name: string, what: string): string => `
export const plannerExtensions = [{
  name: '${name}',
  description: 'For tests.',
  parameters: [],
  create: () => ({
    terms: (state) => [{
      name: 'odd',
      level: 'balance',
      delta: () => {
        if (state.problem.request.snapshot.namespace === 'n') return 0;
        ${what}
      },
      value: () => 0,
    }],
  }),
}];`;

const policy = (extensions: string): string =>
  quickPolicy().replace('  placement:\n', `  placement:\n    extensions: ${extensions}\n`);

let folder: TempFolder;
beforeAll(async () => {
  folder = await createTempFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('a planner module in the service', () => {
  test('is used by the policies that name its extensions, and by no others', async () => {
    await using world = await createWorld({
      serve: ['--planner-module', wishes],
      policy: policy('[{ name: one-zone }, { name: preferred-label, parameters: { weight: 0.5 } }]'),
    });
    const { cli } = world;
    const made = await cli.read(PlanFileSchema, ['shards', 'rebalance', 'plan', '--dry-run'], { as: 'ann' });
    expect(made.moves.length).toBeGreaterThan(0);
    expect(await cli.run(['policies', 'show', '--effective', '-n', 'orders'])).toContain('preferred-label');
    const refuse = async (extensions: string) => {
      const file = await world.folder.write('other.yaml', policy(extensions));
      return (await cli.refused(['policies', 'apply', file, '--yes'], { exit: 2 }))[0];
    };
    expect(await refuse('[{ name: two-zones }]')).toMatchObject({
      code: 'POLICY_EXTENSION_UNKNOWN',
      field: 'placement.extensions[0].name',
      limit: 'one-zone, preferred-label',
    });
    expect(await refuse('[{ name: one-zone, parameters: { grope: x } }]')).toMatchObject({
      code: 'POLICY_EXTENSION_PARAMETER',
      limit: 'group',
    });
  });

  test('that throws, or never ends, costs the plan and says its name; the service goes on', async () => {
    const throws = await folder.write('throws.ts', treacherous('throws', "throw new Error('boom');"));
    const endless = await folder.write('endless.ts', treacherous('endless', 'for (;;);'));
    await using world = await createWorld({
      serve: ['--planner-module', throws, '--planner-module', endless],
      policy: policy('[{ name: throws }]'),
    });
    const { cli } = world;
    const plan = ['shards', 'rebalance', 'plan', '--dry-run'];
    const [boom] = await cli.refused(plan, { exit: 6, as: 'ann' });
    expect(boom).toMatchObject({ code: 'PLANNER_EXTENSION_FAILED', subject: 'extension/throws' });
    expect(boom?.message).toContain('boom');

    await cli.run([
      'policies',
      'apply',
      await world.folder.write('e.yaml', policy('[{ name: endless }]')),
      '--yes',
    ]);
    const stuck = cli.refused(plan, { exit: 6, as: 'ann' });
    expect(await cli.run(['status'])).toContain('ready');
    expect((await stuck)[0]).toMatchObject({
      code: 'PLANNER_EXTENSION_FAILED',
      subject: 'extension/endless',
    });

    await cli.run(['policies', 'apply', await world.folder.write('n.yaml', policy('[]')), '--yes']);
    const made = await cli.read(PlanFileSchema, plan, { as: 'ann' });
    expect(made.moves.length).toBeGreaterThan(0);
  });

  test.each([
    ['does not exist', undefined],
    ['is no program', 'export const ='],
    ['exports no extensions', 'export const extensions = [];'],
    ['throws', 'throw new Error("no");'],
    [
      'has a delta that is not what happens',
      treacherous('liar', 'return 0;').replace('return 0;', 'return 1;'),
    ],
  ])('that %s is refused before anything starts', async (what, source) => {
    const file = folder.file(`bad-${what.replaceAll(' ', '-')}.ts`);
    if (source !== undefined) await Bun.write(file, source);
    const [problem] = await createCli().refused(
      [
        ...['rebalancer', 'serve', '--dev', '--listen', '127.0.0.1:0', '--fleet', 'http://127.0.0.1:1'],
        ...['--data-dir', folder.file('never'), '--planner-module', file],
      ],
      { exit: 2 },
    );
    expect(problem?.code).toBe('PLANNER_MODULE_INVALID');
    expect(problem?.message).toContain(file);
  });
});

describe('a planner module with files', () => {
  test('plans the same bytes every time, and only with the module', async () => {
    const cli = createCli();
    const snapshot = await folder.write('fleet.json', JSON.stringify(unevenSnapshot()));
    const file = await folder.write('policy.yaml', policy('[{ name: one-zone }]'));
    const plan = ['shards', 'rebalance', 'plan', '--snapshot', snapshot, '--policy', file, '-o', 'json'];
    const first = await cli.run([...plan, '--planner-module', wishes]);
    expect((JSON.parse(first) as { moves: unknown[] }).moves.length).toBeGreaterThan(0);
    expect(await cli.run([...plan, '--planner-module', wishes])).toBe(first);
    const [problem] = await cli.refused(plan.slice(0, -2), { exit: 2 });
    expect(problem?.code).toBe('POLICY_EXTENSION_UNKNOWN');
  });

  test('is checked by a command, which says what deltas cost or what is wrong', async () => {
    const cli = createCli();
    const report = await cli.run(['planner', 'check-module', wishes, '--fleets', '20']);
    expect(report).toContain('one-zone: keeps all 10 promises');
    expect(report).toContain('NS PER DELTA');
    const liar = await folder.write('liar.ts', treacherous('liar', '').replace('return 0;', 'return 1;'));
    const answer = await cli.answer(['planner', 'check-module', liar, '-o', 'json']);
    expect(answer.code).toBe(2);
    expect(JSON.parse(answer.stdout)).toMatchObject({
      valid: false,
      extensions: [{ name: 'liar', failures: [{ part: 'odd', check: 'delta' }] }],
    });
  });
});
