import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createCli } from '../support/cli.ts';
import { type SnapshotFile, unevenSnapshot } from '../support/snapshots.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';

/** Each is a good snapshot with one thing wrong. */
const damages: readonly {
  readonly what: string;
  readonly code: string;
  readonly field: string;
  readonly damage: (file: SnapshotFile) => void;
}[] = [
  {
    what: 'a replica on a node that is not there',
    code: 'SNAPSHOT_NODE_UNKNOWN',
    field: 'shardRows[0].replicas[0].node',
    damage: (file) => editReplica(file, 0, { node: 'zz' }),
  },
  {
    what: 'a shard with two leaders',
    code: 'SNAPSHOT_TWO_LEADERS',
    field: 'shardRows[0].replicas[1].leads',
    damage: (file) => editReplica(file, 1, { leads: true }),
  },
  {
    what: 'a negative load',
    code: 'SNAPSHOT_LOAD_INVALID',
    field: 'shardRows[0].replicas[0].loads[0]',
    damage: (file) => editReplica(file, 0, { loads: [-1, 8] }),
  },
  {
    what: 'a load that is not a number',
    code: 'SNAPSHOT_LOAD_INVALID',
    field: 'shardRows[0].replicas[0].loads[1]',
    // How protobuf writes it in JSON, which has no such number.
    damage: (file) => Object.assign(file.shardRows[0]?.replicas[0] ?? {}, { loads: [1, 'NaN'] }),
  },
  {
    what: 'a load beyond all units',
    code: 'SNAPSHOT_LOAD_INVALID',
    field: 'shardRows[0].replicas[0].loads[0]',
    damage: (file) => editReplica(file, 0, { loads: [1e300, 8] }),
  },
  {
    what: 'a capacity that is infinite',
    code: 'SNAPSHOT_CAPACITY_INVALID',
    field: 'nodes[0].capacity[0]',
    damage: (file) => void Object.assign(file.nodes[0] ?? {}, { capacity: ['Infinity', 200] }),
  },
  {
    what: 'a size that is infinite',
    code: 'SNAPSHOT_LOAD_INVALID',
    field: 'shardRows[0].replicas[0].bytes',
    damage: (file) => Object.assign(file.shardRows[0]?.replicas[0] ?? {}, { bytes: 'Infinity' }),
  },
  {
    what: 'a shard that occurs twice',
    code: 'SNAPSHOT_SHARD_DUPLICATE',
    field: 'shardRows[1].id',
    damage: (file) => void Object.assign(file.shardRows[1] ?? {}, { id: 's00' }),
  },
  {
    what: 'two replicas of a shard on one node',
    code: 'SNAPSHOT_REPLICA_TWICE_ON_NODE',
    field: 'shardRows[0].replicas[1].node',
    damage: (file) => editReplica(file, 1, { node: 'a1' }),
  },
  {
    what: 'two replicas of a shard with one number',
    code: 'SNAPSHOT_REPLICA_DUPLICATE',
    field: 'shardRows[0].replicas[1].number',
    damage: (file) => editReplica(file, 1, { number: 0 }),
  },
  {
    what: 'a shard without replicas',
    code: 'SNAPSHOT_SHARD_WITHOUT_REPLICA',
    field: 'shardRows[0].replicas',
    damage: (file) => void Object.assign(file.shardRows[0] ?? {}, { replicas: [] }),
  },
  {
    what: 'a node that occurs twice',
    code: 'SNAPSHOT_NODE_DUPLICATE',
    field: 'nodes[4].id',
    damage: (file) => void file.nodes.push({ id: 'a1', zone: 'a', capacity: [100, 200] }),
  },
  {
    what: 'a negative capacity',
    code: 'SNAPSHOT_CAPACITY_INVALID',
    field: 'nodes[0].capacity[0]',
    damage: (file) => void Object.assign(file.nodes[0] ?? {}, { capacity: [-5, 200] }),
  },
  {
    what: 'a node without a value for each dimension',
    code: 'SNAPSHOT_DIMENSION_MISMATCH',
    field: 'nodes[0].capacity',
    damage: (file) => void Object.assign(file.nodes[0] ?? {}, { capacity: [100] }),
  },
  {
    what: 'no node and no shard',
    code: 'SNAPSHOT_EMPTY',
    field: 'nodes',
    damage: (file) => void Object.assign(file, { nodes: [], shardRows: [] }),
  },
  {
    what: 'a field that nobody knows',
    code: 'FIELD_UNKNOWN',
    field: 'clutser',
    damage: (file) => void Object.assign(file, { clutser: 'x' }),
  },
  {
    what: 'the digest of another snapshot',
    code: 'SNAPSHOT_DIGEST_MISMATCH',
    field: 'digest',
    damage: (file) => void Object.assign(file, { digest: `sha256:${'0'.repeat(64)}` }),
  },
];

function editReplica(file: SnapshotFile, index: number, change: object): void {
  Object.assign(file.shardRows[0]?.replicas[index] ?? {}, change);
}

const cli = createCli();
let folder: TempFolder;
beforeAll(async () => {
  folder = await createTempFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('a snapshot file with', () => {
  test.each(damages)('$what is refused, with the place in the file', async ({ code, field, damage }) => {
    const content = unevenSnapshot();
    damage(content);
    const file = await folder.write('bad.json', JSON.stringify(content));
    const [problem] = await cli.refused(['shards', 'rebalance', 'plan', '--snapshot', file], { exit: 2 });
    expect({ code: problem?.code, field: problem?.field }).toEqual({ code, field });
    expect(problem?.remedy).toMatch(/\w/);
  });

  test.each(['--max-moves', '--max-bytes', '--max-share'])(
    'nothing wrong and a budget of nothing (%s 0) gets a plan that says how good the fleet is',
    async (option) => {
      const file = await folder.write('fleet.json', JSON.stringify(unevenSnapshot()));
      const text = await cli.run(['shards', 'rebalance', 'plan', '--snapshot', file, option, '0']);
      expect(text).toMatch(/quality +peak\/mean \d\.\d{3}, at best \d\.\d{3} \(gap/);
    },
  );

  test('no feasible placement is refused with the rule that nothing satisfies', async () => {
    // What was on the dead node has to go somewhere, and the only other node holds the other replicas.
    const whole = unevenSnapshot();
    const content = {
      ...whole,
      nodes: whole.nodes.filter((node) => node.id.endsWith('1')),
      shardRows: whole.shardRows.slice(0, 9),
    };
    for (const node of content.nodes.slice(0, 1)) node.status = 'dead';
    const file = await folder.write('fleet.json', JSON.stringify(content));
    const [problem] = await cli.refused(['shards', 'rebalance', 'plan', '--snapshot', file], { exit: 6 });
    expect(problem?.code).toBe('PLACEMENT_INFEASIBLE');
    expect(problem?.limit).toContain('nodes that are alive and active');
    expect(problem?.remedy).toContain('add nodes');
  });

  test('nothing in it is refused for that and for nothing else', async () => {
    const content = { ...unevenSnapshot(), nodes: [], shardRows: [] };
    const file = await folder.write('empty.json', JSON.stringify(content));
    const problems = await cli.refused(['shards', 'rebalance', 'plan', '--snapshot', file], { exit: 2 });
    expect(problems.map((each) => [each.code, each.field])).toEqual([
      ['SNAPSHOT_EMPTY', 'nodes'],
      ['SNAPSHOT_EMPTY', 'shards'],
    ]);
  });

  test('several things wrong is refused with all of them', async () => {
    const content = unevenSnapshot();
    editReplica(content, 0, { loads: [-1, 8] });
    editReplica(content, 1, { leads: true });
    const file = await folder.write('bad.json', JSON.stringify(content));
    const problems = await cli.refused(['shards', 'rebalance', 'plan', '--snapshot', file], { exit: 2 });
    expect(problems.map((each) => each.code).sort()).toEqual([
      'SNAPSHOT_LOAD_INVALID',
      'SNAPSHOT_TWO_LEADERS',
    ]);
  });
});

describe('a file that is no snapshot', () => {
  test.each([
    ['half of a JSON text', '{"nodes": ['],
    ['nothing at all', ''],
    ['a list', '[]'],
    ['bytes of something else', '\u0000\u0001\u0002\u00ff'],
  ])('but %s is refused', async (_, content) => {
    const file = await folder.write('bad.json', content);
    const [problem] = await cli.refused(['shards', 'rebalance', 'plan', '--snapshot', file], { exit: 2 });
    expect(problem?.code).toBe('INPUT_MALFORMED');
  });

  test('because it is not there is refused with its path', async () => {
    const file = folder.file('missing.json');
    const [problem] = await cli.refused(['shards', 'rebalance', 'plan', '--snapshot', file], { exit: 2 });
    expect(problem?.code).toBe('FILE_UNREADABLE');
    expect(problem?.message).toContain(file);
  });

  test('starts no fleet either', async () => {
    const content = unevenSnapshot();
    editReplica(content, 0, { node: 'zz' });
    const file = await folder.write('bad.json', JSON.stringify(content));
    const [problem] = await cli.refused(
      ['fleet', 'simulate', '--listen', '127.0.0.1:0', '--snapshot', file],
      { exit: 2 },
    );
    expect(problem?.code).toBe('SNAPSHOT_NODE_UNKNOWN');
  });
});
