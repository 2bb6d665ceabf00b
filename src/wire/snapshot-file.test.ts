import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Snapshot } from '../domain/snapshot.ts';
import { buildSnapshot, type SnapshotInput } from '../domain/snapshot-builder.ts';
import { encodeSnapshotFile, formatSnapshotFile, parseSnapshotFile } from './snapshot-file.ts';

const quality: SnapshotInput['quality'] = {
  completeness: 0.99,
  stalenessMs: 1_500,
  sources: [{ source: 'shards', newestAt: 1_700_000_000_000, coverage: 1 }],
};

/** Fleets of every small shape: the first replica of a shard leads or none does. */
const fleets: fc.Arbitrary<SnapshotInput> = fc
  .record({ nodes: fc.integer({ min: 1, max: 5 }), dimensions: fc.integer({ min: 1, max: 3 }) })
  .chain(({ nodes, dimensions }) => {
    const amount = fc.double({ min: 0, max: 1e9, noNaN: true });
    const replicas = fc.subarray([...Array(nodes).keys()], { minLength: 1 });
    const shard = fc.record({
      version: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
      status: fc.constantFrom('active', 'draining', 'paused', 'disabled', 'unspecified'),
      group: fc.constantFrom('', 'search', 'cart'),
      on: replicas,
      led: fc.boolean(),
      bytes: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
      loads: fc.array(amount, { minLength: dimensions, maxLength: dimensions }),
    });
    return fc.array(shard, { minLength: 1, maxLength: 8 }).map((shards) => fleet(nodes, dimensions, shards));
  });

interface ShardShape {
  readonly version: number;
  readonly status: SnapshotInput['shards'][number]['status'];
  readonly group: string;
  readonly on: readonly number[];
  readonly led: boolean;
  readonly bytes: number;
  readonly loads: readonly number[];
}

function fleet(nodes: number, dimensions: number, shards: readonly ShardShape[]): SnapshotInput {
  return {
    cluster: 'c1',
    namespace: 'orders',
    takenAt: 1_700_000_000_123,
    dimensions: Array.from({ length: dimensions }, (_, d) => ({ name: `d${d}`, unit: 'u' })),
    nodes: Array.from({ length: nodes }, (_, n) => ({
      id: `n${n}`,
      region: 'r',
      zone: `z${n % 2}`,
      rack: '',
      labels: { disk: 'ssd' },
      weight: 1,
      status: 'alive',
      adminState: 'active',
      capacity: Array(dimensions).fill(10),
      ...(n === 0 ? { target: Array(dimensions).fill(7) } : {}),
      signals: { latency_p99_ms: 3.5 },
    })),
    shards: shards.map(({ version, status, group, on, led, bytes, loads }, s) => ({
      id: `s${s}`,
      version,
      status,
      group,
      replicas: on.map((node, r) => ({ number: r, node: `n${node}`, leads: led && r === 0, bytes, loads })),
    })),
    quality,
  };
}

const oneShard: ShardShape = {
  version: 1,
  status: 'active',
  group: 'search',
  on: [0],
  led: true,
  bytes: 5,
  loads: [1.5],
};

function built(input: SnapshotInput): Snapshot {
  const result = buildSnapshot(input);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function problemsOf(bytes: Uint8Array): { code: string; field: string | undefined }[] {
  const parsed = parseSnapshotFile(bytes);
  if (parsed.ok) throw new Error('the file was read');
  return parsed.error.map(({ code, field }) => ({ code, field }));
}

const byHand = {
  cluster: 'c1',
  namespace: 'orders',
  takenAt: '2026-11-23T12:00:00Z',
  dimensions: [{ name: 'cpu', unit: 'cores' }],
  nodes: [
    { id: 'b', zone: 'z2', capacity: [8] },
    { id: 'a', zone: 'z1', capacity: [8] },
  ],
  shardRows: [
    { id: 's2', version: 4, replicas: [{ node: 'b', leads: true, bytes: 10, loads: [2] }] },
    {
      id: 's1',
      version: 1,
      group: 'search',
      replicas: [
        { number: 1, node: 'b', loads: [1] },
        { number: 0, node: 'a', leads: true, loads: [1] },
      ],
    },
  ],
};

describe('a snapshot file', () => {
  test('is the same snapshot after JSON and after the binary form', () => {
    fc.assert(
      fc.property(fleets, (input) => {
        const snapshot = built(input);
        expect(parseSnapshotFile(encodeSnapshotFile(snapshot))).toStrictEqual({ ok: true, value: snapshot });
        const text = new TextEncoder().encode(formatSnapshotFile(snapshot));
        expect(parseSnapshotFile(text)).toStrictEqual({ ok: true, value: snapshot });
      }),
      { numRuns: 60 },
    );
  });

  test('may be written by hand, row by row and in any order', () => {
    const parsed = parseSnapshotFile(json(byHand));
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
    const { nodes, shards, quality: trusted, takenAt } = parsed.value;
    expect(nodes.map(({ id, weight, status, adminState }) => ({ id, weight, status, adminState }))).toEqual([
      { id: 'a', weight: 1, status: 'alive', adminState: 'active' },
      { id: 'b', weight: 1, status: 'alive', adminState: 'active' },
    ]);
    expect(shards.ids).toEqual(['s1', 's2']);
    expect([...shards.statuses]).toEqual([1, 1]);
    expect([...shards.replicaNodes]).toEqual([0, 1, 1]);
    expect([...shards.replicaLeads]).toEqual([1, 0, 1]);
    expect(trusted).toEqual({ completeness: 1, stalenessMs: 0, sources: [] });
    expect(takenAt).toBe(Date.UTC(2026, 10, 23, 12));
  });

  test('is told from the other form by its content, with white space and a byte-order mark too', () => {
    const text = `\ufeff\n\t ${JSON.stringify(byHand)}\n`;
    expect(parseSnapshotFile(new TextEncoder().encode(text)).ok).toBe(true);
  });

  test('in binary is read even when it begins like JSON', () => {
    // Field 1 has the tag 0x0a; a name of 123 letters has the length 0x7b, a brace.
    const snapshot = built({ ...fleet(1, 1, [oneShard]), cluster: 'c'.repeat(123) });
    const bytes = encodeSnapshotFile(snapshot);
    expect([bytes[0], bytes[1]]).toEqual([0x0a, 0x7b]);
    expect(parseSnapshotFile(bytes)).toStrictEqual({ ok: true, value: snapshot });
  });

  test('names rows by their place in the file', () => {
    const [first, second] = byHand.shardRows;
    const broken = {
      ...byHand,
      shardRows: [first, { ...second, replicas: [{ node: 'nowhere', loads: [1] }] }],
    };
    expect(problemsOf(json(broken))).toEqual([
      { code: 'SNAPSHOT_NODE_UNKNOWN', field: 'shardRows[1].replicas[0].node' },
    ]);
  });

  test.each([
    ['a load below zero', { loads: [-1] }, 'SNAPSHOT_LOAD_INVALID'],
    ['a load that is no number', { loads: ['NaN'] }, 'SNAPSHOT_LOAD_INVALID'],
    ['a load too many', { loads: [1, 2] }, 'SNAPSHOT_DIMENSION_MISMATCH'],
    ['a load that is a text', { loads: ['much'] }, 'FIELD_INVALID'],
    ['a field that we do not know', { laods: [1] }, 'FIELD_UNKNOWN'],
  ])('with %s is refused', (_, change, code) => {
    const replica = { node: 'a', loads: [1], ...change };
    const broken = { ...byHand, shardRows: [{ id: 's1', replicas: [replica] }] };
    expect(problemsOf(json(broken)).map((each) => each.code)).toContain(code);
  });

  test('with two leaders, a shard twice, or a node twice is refused', () => {
    const [first] = byHand.shardRows;
    const leaders = [
      { number: 0, node: 'a', leads: true, loads: [1] },
      { number: 1, node: 'b', leads: true, loads: [1] },
    ];
    const codes = (change: object): string[] =>
      problemsOf(json({ ...byHand, ...change })).map((each) => each.code);
    expect(codes({ shardRows: [{ id: 's', replicas: leaders }] })).toEqual(['SNAPSHOT_TWO_LEADERS']);
    expect(codes({ shardRows: [first, first] })).toContain('SNAPSHOT_SHARD_DUPLICATE');
    expect(codes({ nodes: [...byHand.nodes, ...byHand.nodes] })).toContain('SNAPSHOT_NODE_DUPLICATE');
    expect(codes({ shardRows: [] })).toContain('SNAPSHOT_EMPTY');
    expect(codes({ nodes: [] })).toContain('SNAPSHOT_EMPTY');
  });

  test('that was altered does not pass for the one whose digest it claims', () => {
    const snapshot = built(fleet(2, 1, [oneShard]));
    const altered = { ...JSON.parse(formatSnapshotFile(snapshot)), namespace: 'billing' };
    expect(problemsOf(json(altered))).toEqual([{ code: 'SNAPSHOT_DIGEST_MISMATCH', field: 'digest' }]);
  });

  test('with both columns and rows is refused', () => {
    const both = {
      ...JSON.parse(formatSnapshotFile(built(fleet(1, 1, [oneShard])))),
      shardRows: byHand.shardRows,
    };
    expect(problemsOf(json(both))).toEqual([{ code: 'FIELDS_CONTRADICT', field: 'shardRows' }]);
  });

  test('of any bytes whatever gives problems and never an exception', () => {
    const snapshot = built(fleet(3, 2, [{ ...oneShard, on: [0, 2], loads: [1.5, 2] }]));
    const valid = encodeSnapshotFile(snapshot);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(parseSnapshotFile(bytes).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
    // The digest is the last field: a tag, a length and its text. A file without one claims nothing.
    const content = valid.length - snapshot.digest.length - 2;
    fc.assert(
      fc.property(fc.nat({ max: content - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        const damaged = Uint8Array.from(valid);
        damaged[at] = byte;
        const parsed = parseSnapshotFile(damaged);
        // The digest tells every change that means something.
        if (parsed.ok) expect(parsed.value).toStrictEqual(snapshot);
      }),
      { numRuns: 300 },
    );
  });

  test('of any JSON whatever gives problems and never an exception', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseSnapshotFile(json(value)).ok).toBe(false);
        expect(parseSnapshotFile(json({ ...byHand, nodes: value, shardRows: value })).ok).toBe(false);
        expect(parseSnapshotFile(json({ ...byHand, shardRows: undefined, shards: value })).ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});
