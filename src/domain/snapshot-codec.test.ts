import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Snapshot, SnapshotContent } from './snapshot.ts';
import { decodeSnapshot, encodeSnapshot } from './snapshot-codec.ts';
import { digestSnapshot } from './snapshot-digest.ts';

/** Two nodes; `loads.length` shards with one replica each. */
function snapshotOf(loads: readonly number[], ids = loads.map((_, index) => `s${index}`)): Snapshot {
  const count = loads.length;
  const content: SnapshotContent = {
    cluster: 'c1',
    namespace: 'orders',
    takenAt: 1_700_000_000_000,
    dimensions: [{ name: 'cpu', unit: 'cores' }],
    nodes: ['n1', 'n2'].map((id) => ({
      id,
      region: 'r',
      zone: 'z',
      rack: id,
      labels: { tier: 'gold' },
      weight: 1,
      status: 'alive',
      adminState: 'active',
      capacity: [64],
      signals: {},
    })),
    shards: {
      ids,
      versions: new Float64Array(count).fill(2 ** 52),
      statuses: new Uint8Array(count).fill(1),
      groups: new Int32Array(count).fill(-1),
      groupNames: [],
      replicaOffsets: Int32Array.from({ length: count + 1 }, (_, index) => index),
      replicaNumbers: new Int32Array(count),
      replicaNodes: Int32Array.from({ length: count }, (_, index) => index % 2),
      replicaLeads: new Uint8Array(count).fill(1),
      replicaLoads: Float64Array.from(loads),
      replicaBytes: new Float64Array(count).fill(1e9),
    },
    quality: { completeness: 1, stalenessMs: 0, sources: [] },
  };
  return { ...content, digest: digestSnapshot(content) };
}

describe('the snapshot codec', () => {
  test('gives back every snapshot that it encoded, whatever its ids and loads', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.string({ unit: 'binary' }),
            fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
          ),
        ),
        (rows) => {
          const snapshot = snapshotOf(
            rows.map(([, load]) => load),
            rows.map(([id]) => id),
          );
          expect(decodeSnapshot(encodeSnapshot(snapshot))).toEqual({ ok: true, value: snapshot });
        },
      ),
      { numRuns: 50 },
    );
  });

  test('reads bytes that do not start at an aligned offset', () => {
    const bytes = encodeSnapshot(snapshotOf([1, 2, 3]));
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeSnapshot(shifted.subarray(3)).ok).toBe(true);
  });

  test('refuses bytes with any one bit changed', () => {
    const bytes = encodeSnapshot(snapshotOf([1, 2]));
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const damaged = bytes.slice();
        const at = bit >> 3;
        damaged[at] = (damaged[at] ?? 0) ^ (1 << (bit & 7));
        const decoded = decodeSnapshot(damaged);
        // The padding behind the head carries nothing.
        if (decoded.ok) expect(decoded.value).toEqual(snapshotOf([1, 2]));
        else expect(decoded.error.code).toBe('INPUT_MALFORMED');
      }),
      { numRuns: 300 },
    );
  });

  test('refuses what is cut off, empty or something else', () => {
    const bytes = encodeSnapshot(snapshotOf([1, 2]));
    for (const length of [0, 15, 16, 40, bytes.length - 1]) {
      expect(decodeSnapshot(bytes.subarray(0, length)).ok).toBe(false);
    }
    expect(decodeSnapshot(new TextEncoder().encode('{"cluster":"c1","namespace":"orders"}')).ok).toBe(false);
  });
});

describe('the digest of a snapshot', () => {
  test('is equal for equal content and different when one load, id or version differs', () => {
    const base = snapshotOf([1, 2, 3]);
    expect(snapshotOf([1, 2, 3]).digest).toBe(base.digest);
    expect(snapshotOf([1, 2, 4]).digest).not.toBe(base.digest);
    expect(snapshotOf([1, 2, 3], ['s0', 's1', 's3']).digest).not.toBe(base.digest);
    expect(snapshotOf([1, 2, 3], ['s0,', 's1', 's2']).digest).not.toBe(base.digest);
    const moved = { ...base, shards: { ...base.shards, replicaNodes: Int32Array.from([1, 1, 0]) } };
    expect(digestSnapshot(moved)).not.toBe(base.digest);
  });

  test('does not depend on whether a column is a view into a larger buffer', () => {
    const base = snapshotOf([1, 2, 3]);
    const wide = Float64Array.from([9, 1, 2, 3, 9]).subarray(1, 4);
    expect(digestSnapshot({ ...base, shards: { ...base.shards, replicaLoads: wide } })).toBe(base.digest);
  });
});
