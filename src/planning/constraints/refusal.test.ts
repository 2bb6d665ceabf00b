import { describe, expect, test } from 'bun:test';
import type { PlanningRequest } from '../../domain/planning.ts';
import { explainPlan } from '../explain/explain-plan.ts';
import { fleet, freePolicy, node, type PolicyChange, requestFor, shard } from '../fleet.testing.ts';

/** What the built-in rules say when they refuse: `s1#0` on node `a` against the node named. */
function refusals(planning: PlanningRequest, destination: string) {
  const subject = { kind: 'shard', id: 's1' } as const;
  const told = explainPlan({ planning, moves: [], obstacles: [], subject, limit: 100 });
  if (!told.ok || told.value.kind !== 'shard') throw new Error(JSON.stringify(told));
  const options = told.value.shard.replicas[0]?.survey.options ?? [];
  return options.find((option) => option.node === destination)?.refusals ?? [];
}

const all = {};

function planning(
  change: PolicyChange,
  nodes = [node('a', 1), node('b', 1, { zone: 'z2' })],
): PlanningRequest {
  const shards = [
    shard('s1', ['a'], [30], { group: 'web' }),
    shard('s2', ['b'], [30], { group: 'db' }),
    shard('s3', ['a'], [10], { group: 'db' }),
  ];
  return requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu'], change));
}

describe('a rule that refuses names subject, what would be there and what is allowed:', () => {
  test('the hard limit', () => {
    expect(refusals(planning({ dimension: { hardLimit: 0.5 } }), 'b')).toEqual([
      {
        rule: 'hard limit',
        code: 'capacity',
        subject: 'node/b',
        dimension: 'cpu',
        observed: 60,
        limit: 50,
        message: 'node b would carry 60 cpu, above its limit of 50',
      },
    ]);
  });

  test('the share of load per node', () => {
    expect(refusals(planning({ placement: { maxShareOfLoadPerNode: 0.6 } }), 'b')).toMatchObject([
      { rule: 'hard limit', subject: 'node/b', observed: 60, limit: 42 },
    ]);
  });

  test('replicas per node and per zone', () => {
    expect(refusals(planning({ placement: { maxReplicasPerNode: 1 } }), 'b')).toMatchObject([
      { rule: 'replicas per node', code: 'concentration', subject: 'node/b', observed: 2, limit: 1 },
    ]);
    expect(refusals(planning({ placement: { maxShareOfReplicasPerZone: 0.4 } }), 'b')).toMatchObject([
      { rule: 'replicas per zone', code: 'concentration', subject: 'zone/z2', observed: 2, limit: 1 },
    ]);
  });

  test('the share of load per zone', () => {
    expect(refusals(planning({ placement: { maxShareOfLoadPerZone: 0.5 } }), 'b')).toMatchObject([
      {
        rule: 'share of load per zone',
        code: 'concentration',
        subject: 'zone/z2',
        dimension: 'cpu',
        observed: 60,
        limit: 35,
      },
    ]);
  });

  test('label rules, by the place in the policy', () => {
    const labels = [{ select: all, effect: 'require' as const, label: 'disk', values: ['ssd'] }];
    expect(refusals(planning({ placement: { labels } }), 'b')).toMatchObject([
      { code: 'label', subject: 'node/b', message: 'node b is excluded by placement.labels[0]' },
    ]);
  });

  test('a dependency, on either side', () => {
    const dependencies = [{ group: 'web', dependsOn: 'cache', level: 'zone' as const }];
    expect(refusals(planning({ placement: { dependencies } }), 'b')).toMatchObject([
      { rule: 'dependencies', code: 'dependency', subject: 'zone/z2', observed: 0, limit: 1 },
    ]);
    const provider = requestFor(
      fleet(
        ['cpu'],
        [node('a', 1), node('b', 1, { zone: 'z2' })],
        [shard('s1', ['a'], [30], { group: 'db' }), shard('s2', ['a'], [30], { group: 'web' })],
      ),
      freePolicy(['cpu'], {
        placement: { dependencies: [{ group: 'web', dependsOn: 'db', level: 'zone' }] },
      }),
    );
    expect(refusals(provider, 'b')).toMatchObject([
      { subject: 'zone/z1', message: 'zone z1 would run web without db' },
    ]);
  });

  test('too many replicas in one domain', () => {
    const spread = [{ select: all, level: 'zone' as const, minDomains: 1, maxPerDomain: 1 }];
    const crowded = requestFor(
      fleet(
        ['cpu'],
        [node('a', 1), node('b', 1, { zone: 'z2' }), node('c', 1, { zone: 'z2' })],
        [shard('s1', ['a', 'b'], [30])],
      ),
      freePolicy(['cpu'], { placement: { spread } }),
    );
    expect(refusals(crowded, 'c')).toMatchObject([
      { rule: 'spread', subject: 'zone/z2', observed: 2, limit: 1 },
    ]);
    expect(refusals(crowded, 'b')).toMatchObject([
      { rule: 'distinct nodes', code: 'replicaOnNode', subject: 'node/b', observed: 2, limit: 1 },
      { rule: 'spread' },
    ]);
  });

  test('a node that takes nothing, and one that rests', () => {
    const cordoned = planning({}, [node('a', 1), node('b', 1, { adminState: 'cordoned' })]);
    expect(refusals(cordoned, 'b')).toMatchObject([
      {
        code: 'nodeTakesNothing',
        subject: 'node/b',
        message: 'node b is alive and cordoned: it takes nothing',
      },
    ]);
    expect(refusals({ ...planning({}), frozenNodes: Int32Array.of(1) }, 'b')).toMatchObject([
      { code: 'cooldown', subject: 'node/b', message: 'node b rests: something moved there recently' },
    ]);
  });

  test('the budgets of bytes and of shards', () => {
    expect(refusals(planning({ budget: { maxBytes: 10 } }), 'b')).toMatchObject([
      { rule: 'budget of the plan', code: 'budgetBytes', observed: 0, limit: 10 },
    ]);
    expect(refusals(planning({ budget: { maxShareOfShards: 0 } }), 'b')).toMatchObject([
      { rule: 'budget of the plan', code: 'budgetShare', limit: 0 },
    ]);
  });
});
