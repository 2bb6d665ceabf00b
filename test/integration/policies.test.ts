import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { PolicyMode } from '../../src/gen/meshkit/rebalancer/v1/policy_pb.ts';
import {
  GetPolicyResponseSchema,
  ListPoliciesResponseSchema,
} from '../../src/gen/meshkit/rebalancer/v1/policy_service_pb.ts';
import { readAudit } from '../support/audit.ts';
import { quickPolicy } from '../support/policies.ts';
import { cluster, createWorld, namespace, repositoryFile, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ policy: quickPolicy() });
});
afterAll(() => world[Symbol.asyncDispose]());

const manifest = (spec: string): string =>
  `apiVersion: meshkit.rebalancer/v1\nkind: Policy\ncluster: ${cluster}\nnamespace: ${namespace}\nspec:\n${spec}\n`;

/** One thing wrong in each; the field is where the file has it. */
const wrong: readonly (readonly [what: string, text: string, code: string, field: string])[] = [
  ['a field that nobody knows', manifest('  budgt: {}'), 'FIELD_UNKNOWN', 'spec.budgt'],
  [
    'a field that nobody knows inside another',
    manifest('  budget: { maxMovs: 1 }'),
    'FIELD_UNKNOWN',
    'spec.budget.maxMovs',
  ],
  ['a negative number', manifest('  budget: { maxMoves: -1 }'), 'FIELD_INVALID', 'spec.budget.maxMoves'],
  [
    'a share above 1',
    manifest('  budget: { maxShareOfShards: 1.5 }'),
    'FIELD_INVALID',
    'spec.budget.maxShareOfShards',
  ],
  [
    'no healthy replica asked for',
    manifest('  placement: { minHealthyReplicas: 0 }'),
    'FIELD_INVALID',
    'spec.placement.minHealthyReplicas',
  ],
  ['a text for a number', manifest('  budget: { maxMoves: many }'), 'FIELD_INVALID', 'spec.budget.maxMoves'],
  ['a duration without unit', manifest('  cooldown: { shard: 10 }'), 'FIELD_INVALID', 'spec.cooldown.shard'],
  ['a mode that does not exist', manifest('  mode: reckless'), 'FIELD_INVALID', 'spec.mode'],
  [
    'a trigger that clears above where it enters',
    manifest('  triggers: { peakToMean: { enter: 1.1, clear: 1.3 } }'),
    'POLICY_CONTRADICTORY',
    'triggers.peakToMean.clear',
  ],
  [
    'a scoring adapter that is not loaded',
    manifest('  scoring: { adapters: [{ name: crystal-ball, weight: 1, floor: 0 }] }'),
    'POLICY_ADAPTER_UNKNOWN',
    'scoring.adapters[0].name',
  ],
  [
    'a pattern that is no regular expression',
    manifest('  changeControl: { ticketPattern: "(" }'),
    'POLICY_INVALID',
    'changeControl.ticketPattern',
  ],
  [
    'a schedule that is no cron expression',
    manifest('  schedule: { cron: "whenever", timeZone: UTC }'),
    'POLICY_INVALID',
    'schedule.cron',
  ],
  [
    'a node that the fleet does not have',
    manifest('  placement: { pins: [{ select: {}, effect: only, nodes: [n9999] }] }'),
    'POLICY_NODE_UNKNOWN',
    'placement.pins[0].nodes[0]',
  ],
  [
    'a dimension that the fleet does not have',
    manifest('  dimensions: [{ name: luck, weight: 1, targetUtilization: 0.5, hardLimit: 1 }]'),
    'POLICY_DIMENSION_UNKNOWN',
    'dimensions[0].name',
  ],
];

describe('a policy with', () => {
  test.each(wrong)('%s is refused with the field, and nothing changes', async (_, text, code, field) => {
    const { cli, folder } = world;
    const file = await folder.write('wrong.yaml', text);
    const before = await cli.read(GetPolicyResponseSchema, ['policies', 'show', '--namespace', namespace]);
    const problems = await cli.refused(['policies', 'apply', file, '--yes'], { exit: 2 });
    expect(problems.map((each) => [each.code, each.field])).toContainEqual([code, field]);
    const after = await cli.read(GetPolicyResponseSchema, ['policies', 'show', '--namespace', namespace]);
    expect(after).toEqual(before);
  });

  test('several mistakes is refused with all of them', async () => {
    const { cli, folder } = world;
    const spec = '  budget: { maxMoves: -1, maxShareOfShards: 2 }\n  cooldown: { maxReturns: -3 }';
    const file = await folder.write('wrong.yaml', manifest(spec));
    const problems = await cli.refused(['policies', 'apply', file, '--yes'], { exit: 2 });
    expect(problems.map((each) => each.field).sort()).toEqual([
      'spec.budget.maxMoves',
      'spec.budget.maxShareOfShards',
      'spec.cooldown.maxReturns',
    ]);
  });

  test.each([
    ['half of a YAML text', 'spec: ['],
    ['a list', '- a\n- b'],
    ['nothing', ''],
  ])('%s for content is refused', async (_, text) => {
    const { cli, folder } = world;
    const file = await folder.write('wrong.yaml', text);
    const [problem] = await cli.refused(['policies', 'validate', file], { exit: 2 });
    expect(['INPUT_MALFORMED', 'FIELD_REQUIRED']).toContain(problem?.code ?? '');
  });
});

describe('validating', () => {
  test('needs no service, says that every policy of the repository is valid', async () => {
    const files = ['demo', 'orders', 'payments', 'sessions', 'analytics', 'cluster-defaults'];
    await world.cli.run([
      'policies',
      'validate',
      ...files.map((name) => repositoryFile('policies', `${name}.yaml`)),
    ]);
  });

  test('finds offline what is wrong in a file, and names the file', async () => {
    const file = await world.folder.write('wrong.yaml', manifest('  budget: { maxMoves: -1 }'));
    const [problem] = await world.cli.refused(['policies', 'validate', file], { exit: 2 });
    expect([problem?.code, problem?.field, problem?.subject]).toEqual([
      'FIELD_INVALID',
      'spec.budget.maxMoves',
      file,
    ]);
  });

  test('by the service checks against its fleet', async () => {
    const { cli, folder } = world;
    const pins = '  placement: { pins: [{ select: {}, effect: only, nodes: [n9999] }] }';
    const file = await folder.write('wrong.yaml', manifest(pins));
    await cli.run(['policies', 'validate', file]);
    const [problem] = await cli.refused(['policies', 'validate', file, '--remote'], { exit: 2 });
    expect(problem?.code).toBe('POLICY_NODE_UNKNOWN');
  });
});

describe('applying', () => {
  test('makes a revision that is listed, shown and recorded, and holds at once', async () => {
    const { cli, folder } = world;
    const { document } = await cli.read(GetPolicyResponseSchema, [
      'policies',
      'show',
      '--namespace',
      namespace,
    ]);
    const revision = document?.revision ?? 0n;
    const file = await folder.write('observe.yaml', quickPolicy().replace('mode: propose', 'mode: observe'));
    await cli.run(
      ['policies', 'apply', file, '--yes', '--reason', 'an audit', '--expected-revision', String(revision)],
      {
        as: 'olga',
      },
    );
    const { policies } = await cli.read(ListPoliciesResponseSchema, ['policies', 'list']);
    expect(policies.map((each) => [each.namespace, each.revision, each.appliedBy])).toEqual([
      [namespace, revision + 1n, 'olga'],
    ]);
    const [problem] = await cli.refused(['shards', 'rebalance', 'plan'], { exit: 5 });
    expect(problem?.code).toBe('POLICY_OBSERVES');
    const [record] = (await readAudit(cli, ['--action', 'policy.apply'])).slice(-1);
    expect([record?.actor, record?.reason]).toEqual(['olga', 'an audit']);

    const [stale] = await cli.refused(
      ['policies', 'apply', 'policy.yaml', '--yes', '--expected-revision', String(revision)],
      { exit: 5 },
    );
    expect(stale?.code).toBe('POLICY_STALE');
    await cli.run(['policies', 'apply', 'policy.yaml', '--yes']);
    const old = await cli.read(GetPolicyResponseSchema, [
      ...['policies', 'show', '--namespace', namespace, '--revision', String(revision + 1n)],
    ]);
    expect(old.document?.spec?.mode).toBe(PolicyMode.OBSERVE);
  });

  test('for a namespace that the service does not know is refused', async () => {
    const [problem] = await world.cli.refused(
      ['policies', 'apply', 'policy.yaml', '--yes', '--namespace', 'nowhere'],
      {
        exit: 4,
      },
    );
    expect(problem?.code).toBe('NAMESPACE_NOT_FOUND');
  });

  test('is undone by applying what show prints', async () => {
    const { cli, folder } = world;
    const shown = await cli.run(['policies', 'show', '--namespace', namespace]);
    const before = await cli.read(GetPolicyResponseSchema, ['policies', 'show', '--namespace', namespace]);
    await cli.run(['policies', 'apply', await folder.write('shown.yaml', shown), '--yes']);
    const after = await cli.read(GetPolicyResponseSchema, ['policies', 'show', '--namespace', namespace]);
    expect(after.document?.spec).toEqual(before.document?.spec);
  });
});
