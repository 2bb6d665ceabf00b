import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Problem } from './problem.ts';
import type { Snapshot } from './snapshot.ts';
import { buildSnapshot, type ReplicaInput, type ShardInput, type SnapshotInput } from './snapshot-builder.ts';
import { maxSnapshotProblems } from './snapshot-validate.ts';

const node = (
  id: string,
  rest: Partial<SnapshotInput['nodes'][number]> = {},
): SnapshotInput['nodes'][number] => ({
  id,
  region: 'eu',
  zone: 'a',
  rack: 'r',
  labels: {},
  weight: 1,
  status: 'alive',
  adminState: 'active',
  capacity: [10],
  signals: {},
  ...rest,
});
const replica = (number: number, on: string, rest: Partial<ReplicaInput> = {}): ReplicaInput => ({
  number,
  node: on,
  leads: number === 0,
  bytes: 5,
  loads: [1],
  ...rest,
});
const shard = (
  id: string,
  replicas: readonly ReplicaInput[],
  rest: Partial<ShardInput> = {},
): ShardInput => ({
  id,
  version: 1,
  status: 'active',
  group: '',
  replicas,
  ...rest,
});
const fleet = (rest: Partial<SnapshotInput> = {}): SnapshotInput => ({
  cluster: 'prod',
  namespace: 'orders',
  takenAt: 1_000,
  dimensions: [{ name: 'cpu', unit: 'cores' }],
  nodes: [node('n2'), node('n1')],
  shards: [
    shard('s2', [replica(1, 'n1', { loads: [3] }), replica(0, 'n2', { loads: [2] })], {
      group: 'web',
      version: 9,
    }),
    shard('s1', [replica(0, 'n1')], { status: 'draining' }),
  ],
  quality: { completeness: 1, stalenessMs: 0, sources: [] },
  ...rest,
});

function built(input: SnapshotInput): Snapshot {
  const result = buildSnapshot(input);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function problemsOf(input: SnapshotInput): readonly Problem[] {
  const result = buildSnapshot(input);
  return result.ok ? [] : result.error;
}

describe('building a snapshot', () => {
  test('sorts nodes, shards and replicas and fills the columns', () => {
    const { nodes, shards } = built(fleet());
    expect(nodes.map(({ id }) => id)).toEqual(['n1', 'n2']);
    expect(shards.ids).toEqual(['s1', 's2']);
    expect([...shards.versions]).toEqual([1, 9]);
    expect([...shards.statuses]).toEqual([2, 1]);
    expect([...shards.groups]).toEqual([-1, 0]);
    expect(shards.groupNames).toEqual(['web']);
    expect([...shards.replicaOffsets]).toEqual([0, 1, 3]);
    expect([...shards.replicaNumbers]).toEqual([0, 0, 1]);
    expect([...shards.replicaNodes]).toEqual([0, 1, 0]);
    expect([...shards.replicaLeads]).toEqual([1, 1, 0]);
    expect([...shards.replicaLoads]).toEqual([1, 2, 3]);
    expect([...shards.replicaBytes]).toEqual([5, 5, 5]);
  });

  test('gives equal fleets equal digests in whatever order they were written', () => {
    const first = fleet();
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1], { minLength: 2 }),
        fc.shuffledSubarray([0, 1], { minLength: 2 }),
        (nodeOrder, shardOrder) => {
          const shuffled = {
            ...first,
            nodes: nodeOrder.flatMap((i) => first.nodes[i] ?? []),
            shards: shardOrder.flatMap((i) => first.shards[i] ?? []),
          };
          expect(built(shuffled).digest).toBe(built(first).digest);
        },
      ),
    );
    expect(built(fleet({ takenAt: 1_001 })).digest).not.toBe(built(first).digest);
  });

  const cases: [string, SnapshotInput, Partial<Problem>][] = [
    ['no shard', fleet({ shards: [] }), { code: 'SNAPSHOT_EMPTY', field: 'shards' }],
    ['no namespace', fleet({ namespace: '' }), { code: 'SNAPSHOT_MALFORMED', field: 'namespace' }],
    [
      'a node twice',
      fleet({ nodes: [node('n1'), node('n2'), node('n1')] }),
      { code: 'SNAPSHOT_NODE_DUPLICATE', field: 'nodes[2].id', value: 'n1', subject: 'node/n1' },
    ],
    [
      'a shard twice',
      fleet({ shards: [shard('s1', [replica(0, 'n1')]), shard('s1', [replica(0, 'n2')])] }),
      { code: 'SNAPSHOT_SHARD_DUPLICATE', field: 'shards[1].id', subject: 'shard/s1' },
    ],
    [
      'a replica on an unknown node',
      fleet({ shards: [shard('s2', [replica(0, 'n1')]), shard('s1', [replica(1, 'n1'), replica(0, 'n9')])] }),
      {
        code: 'SNAPSHOT_NODE_UNKNOWN',
        field: 'shards[1].replicas[1].node',
        value: 'n9',
        subject: 'shard/s1',
      },
    ],
    [
      'two leaders',
      fleet({ shards: [shard('s1', [replica(0, 'n1'), replica(1, 'n2', { leads: true })])] }),
      { code: 'SNAPSHOT_TWO_LEADERS', field: 'shards[0].replicas[1].leads', subject: 'shard/s1' },
    ],
    [
      'a replica twice on one node',
      fleet({ shards: [shard('s1', [replica(0, 'n1'), replica(1, 'n1')])] }),
      { code: 'SNAPSHOT_REPLICA_TWICE_ON_NODE', field: 'shards[0].replicas[1].node', value: 'n1' },
    ],
    [
      'a replica number twice',
      fleet({ shards: [shard('s1', [replica(1, 'n1'), replica(1, 'n2')])] }),
      { code: 'SNAPSHOT_REPLICA_DUPLICATE', field: 'shards[0].replicas[1].number', value: 1 },
    ],
    [
      'a replica number that is no integer',
      fleet({ shards: [shard('s1', [replica(0.5, 'n1')])] }),
      { code: 'SNAPSHOT_MALFORMED', field: 'shards[0].replicas[0].number' },
    ],
    [
      'a shard without replica',
      fleet({ shards: [shard('s1', [])] }),
      { code: 'SNAPSHOT_SHARD_WITHOUT_REPLICA', field: 'shards[0].replicas' },
    ],
    [
      'a version that is no integer',
      fleet({ shards: [shard('s1', [replica(0, 'n1')], { version: 1.5 })] }),
      { code: 'SNAPSHOT_MALFORMED', field: 'shards[0].version' },
    ],
    [
      'a dimension twice',
      fleet({
        dimensions: [
          { name: 'cpu', unit: '' },
          { name: 'cpu', unit: '' },
        ],
        nodes: [node('n1', { capacity: [1, 1] })],
        shards: [shard('s1', [replica(0, 'n1', { loads: [1, 1] })])],
      }),
      { code: 'SNAPSHOT_DIMENSION_MISMATCH', field: 'dimensions[1].name', value: 'cpu' },
    ],
    [
      'loads of another width',
      fleet({ shards: [shard('s1', [replica(0, 'n1', { loads: [1, 2] })])] }),
      { code: 'SNAPSHOT_DIMENSION_MISMATCH', field: 'shards[0].replicas[0].loads', value: 2, limit: 1 },
    ],
    [
      'capacities of another width',
      fleet({ nodes: [node('n2'), node('n1', { capacity: [] })] }),
      { code: 'SNAPSHOT_DIMENSION_MISMATCH', field: 'nodes[1].capacity', value: 0, limit: 1 },
    ],
    [
      'a weight of zero',
      fleet({ nodes: [node('n1', { weight: 0 }), node('n2')] }),
      { code: 'SNAPSHOT_MALFORMED', field: 'nodes[0].weight' },
    ],
    [
      'a signal that is not a number',
      fleet({ nodes: [node('n1', { signals: { latency_p99_ms: Number.NaN } }), node('n2')] }),
      { code: 'SNAPSHOT_LOAD_INVALID', field: 'nodes[0].signals.latency_p99_ms' },
    ],
    [
      'a completeness above 1',
      fleet({ quality: { completeness: 1.1, stalenessMs: 0, sources: [] } }),
      { code: 'SNAPSHOT_MALFORMED', field: 'quality.completeness', value: 1.1 },
    ],
  ];
  test.each(cases)('refuses %s', (_, input, problem) => {
    expect(problemsOf(input)[0]).toMatchObject(problem);
    expect(problemsOf(input)).toHaveLength(1);
  });

  test('refuses an empty fleet for having neither node nor shard', () => {
    const problems = problemsOf(fleet({ nodes: [], shards: [] }));
    expect(problems.map(({ code, field }) => [code, field])).toEqual([
      ['SNAPSHOT_EMPTY', 'nodes'],
      ['SNAPSHOT_EMPTY', 'shards'],
    ]);
  });

  const badNumbers = [-1, Number.NaN, Number.POSITIVE_INFINITY];
  test.each(badNumbers)('refuses loads, sizes, capacities and targets of %p', (bad) => {
    const load = problemsOf(fleet({ shards: [shard('s1', [replica(0, 'n1', { loads: [bad] })])] }));
    expect(load[0]).toMatchObject({
      code: 'SNAPSHOT_LOAD_INVALID',
      field: 'shards[0].replicas[0].loads[0]',
      value: bad,
    });
    const bytes = problemsOf(fleet({ shards: [shard('s1', [replica(0, 'n1', { bytes: bad })])] }));
    expect(bytes[0]).toMatchObject({ code: 'SNAPSHOT_LOAD_INVALID', field: 'shards[0].replicas[0].bytes' });
    const capacity = problemsOf(fleet({ nodes: [node('n1', { capacity: [bad] }), node('n2')] }));
    expect(capacity[0]).toMatchObject({ code: 'SNAPSHOT_CAPACITY_INVALID', field: 'nodes[0].capacity[0]' });
    const target = problemsOf(fleet({ nodes: [node('n1', { target: [bad] }), node('n2')] }));
    expect(target[0]).toMatchObject({ code: 'SNAPSHOT_CAPACITY_INVALID', field: 'nodes[0].target[0]' });
  });

  test('names several problems at once, up to a bound', () => {
    const shards = Array.from({ length: maxSnapshotProblems * 2 }, (_, i) =>
      shard(`s${i}`, [replica(0, 'n9')]),
    );
    expect(problemsOf(fleet({ shards }))).toHaveLength(maxSnapshotProblems);
    const wide = shards.map((each) => ({ ...each, replicas: [replica(0, 'n1', { loads: [] })] }));
    expect(problemsOf(fleet({ shards: wide }))).toHaveLength(maxSnapshotProblems);
    const mixed = fleet({
      namespace: '',
      shards: [shard('s1', []), shard('s2', [replica(0, 'n9', { bytes: -1 })])],
    });
    expect(problemsOf(mixed).map(({ code }) => code)).toEqual([
      'SNAPSHOT_MALFORMED',
      'SNAPSHOT_SHARD_WITHOUT_REPLICA',
      'SNAPSHOT_LOAD_INVALID',
      'SNAPSHOT_NODE_UNKNOWN',
    ]);
  });
});
