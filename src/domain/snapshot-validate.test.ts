import { describe, expect, test } from 'bun:test';
import type { ShardTable, SnapshotContent } from './snapshot.ts';
import { validateSnapshot } from './snapshot-validate.ts';

function table(rest: Partial<ShardTable> = {}): ShardTable {
  return {
    ids: ['s1', 's2'],
    versions: Float64Array.of(1, 1),
    statuses: Uint8Array.of(1, 1),
    groups: Int32Array.of(-1, 0),
    groupNames: ['web'],
    replicaOffsets: Int32Array.of(0, 2, 3),
    replicaNumbers: Int32Array.of(0, 1, 0),
    replicaNodes: Int32Array.of(0, 1, 0),
    replicaLeads: Uint8Array.of(1, 0, 1),
    replicaLoads: Float64Array.of(1, 1, 1),
    replicaBytes: Float64Array.of(1, 1, 1),
    ...rest,
  };
}

function content(shards: Partial<ShardTable> = {}, rest: Partial<SnapshotContent> = {}): SnapshotContent {
  const node = {
    region: 'eu',
    zone: 'a',
    rack: 'r',
    labels: {},
    weight: 1,
    status: 'alive',
    adminState: 'active',
    capacity: [1],
    signals: {},
  } as const;
  return {
    cluster: 'prod',
    namespace: 'orders',
    takenAt: 1,
    dimensions: [{ name: 'cpu', unit: '' }],
    nodes: [
      { ...node, id: 'n1' },
      { ...node, id: 'n2' },
    ],
    shards: table(shards),
    quality: { completeness: 1, stalenessMs: 0, sources: [] },
    ...rest,
  };
}

describe('validating a snapshot by its columns', () => {
  test('finds nothing wrong with a good one', () => {
    expect(validateSnapshot(content())).toEqual([]);
  });

  test.each([
    ['versions', { versions: Float64Array.of(1) }],
    ['statuses', { statuses: Uint8Array.of(1) }],
    ['groups', { groups: Int32Array.of(0) }],
    ['replicaOffsets', { replicaOffsets: Int32Array.of(0, 3) }],
    ['replicaNumbers', { replicaNumbers: Int32Array.of(0) }],
    ['replicaLeads', { replicaLeads: Uint8Array.of(0) }],
    ['replicaLoads', { replicaLoads: Float64Array.of(0) }],
    ['replicaBytes', { replicaBytes: Float64Array.of(0) }],
  ] as [string, Partial<ShardTable>][])(
    'refuses the column %s when its length does not fit, and looks no further',
    (name, shards) => {
      const problems = validateSnapshot(content(shards));
      expect(problems.map(({ code, field }) => [code, field])).toEqual([
        ['SNAPSHOT_MALFORMED', `shards.${name}`],
      ]);
    },
  );

  test.each([[[0, 4, 3]], [[1, 2, 3]], [[0, 2, 2]]])(
    'refuses offsets %p that do not rise to the end',
    (offsets) => {
      const problems = validateSnapshot(content({ replicaOffsets: Int32Array.from(offsets) }));
      expect(problems[0]).toMatchObject({ code: 'SNAPSHOT_MALFORMED', field: 'shards.replicaOffsets' });
    },
  );

  test.each([
    ['shards out of order', { ids: ['s2', 's1'] }, 'SNAPSHOT_UNSORTED', 'shards[1].id'],
    [
      'replicas out of order',
      { replicaNumbers: Int32Array.of(1, 0, 0) },
      'SNAPSHOT_UNSORTED',
      'shards[0].replicas[1].number',
    ],
    [
      'a node index beyond the nodes',
      { replicaNodes: Int32Array.of(0, 2, 0) },
      'SNAPSHOT_NODE_UNKNOWN',
      'shards[0].replicas[1].node',
    ],
    [
      'a status that does not exist',
      { statuses: Uint8Array.of(1, 9) },
      'SNAPSHOT_MALFORMED',
      'shards[1].status',
    ],
    ['a group beyond the names', { groups: Int32Array.of(0, 1) }, 'SNAPSHOT_MALFORMED', 'shards[1].group'],
    ['an empty shard id', { ids: ['', 's2'] }, 'SNAPSHOT_MALFORMED', 'shards[0].id'],
  ] as [string, Partial<ShardTable>, string, string][])('refuses %s', (_, shards, code, field) => {
    expect(validateSnapshot(content(shards)).map((each) => [each.code as string, each.field])).toEqual([
      [code, field],
    ]);
  });

  test.each([0, -1, Number.NaN, 1e7, Number.POSITIVE_INFINITY])('refuses a node of weight %p', (weight) => {
    const { nodes } = content();
    const problems = validateSnapshot({ ...content(), nodes: nodes.map((node) => ({ ...node, weight })) });
    expect(problems.map(({ code, limit }) => [code, limit])).toEqual(
      nodes.map(() => ['SNAPSHOT_MALFORMED', 'greater than 0, up to 1000000']),
    );
  });

  test('refuses nodes out of order', () => {
    const { nodes } = content();
    expect(validateSnapshot(content({}, { nodes: nodes.toReversed() }))[0]).toMatchObject({
      code: 'SNAPSHOT_UNSORTED',
      field: 'nodes[1].id',
    });
  });
});
