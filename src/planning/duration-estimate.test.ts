import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { defaultPolicy } from '../domain/policy-defaults.ts';
import { estimateDuration, type TimedMoves } from './duration-estimate.ts';

const base = defaultPolicy('c', 'n');
const policy = { ...base, execution: { ...base.execution, assumedBytesPerSecond: 1_000 } };
const nodeCount = 4;

/** Wave, source, destination, bytes. */
type Row = readonly [number, number, number, number];

function timed(rows: readonly Row[]): TimedMoves {
  return {
    waves: Int32Array.from(rows, (row) => row[0]),
    sources: Int32Array.from(rows, (row) => row[1]),
    destinations: Int32Array.from(rows, (row) => row[2]),
    bytes: Float64Array.from(rows, (row) => row[3]),
  };
}

test('a wave takes as long as its slowest node needs, and waves follow each other', () => {
  const moves: Row[] = [
    [0, 0, 1, 10_000],
    [0, 0, 2, 2_000],
    [1, 3, 2, 4_000],
  ];
  expect(estimateDuration(timed(moves), nodeCount, policy)).toEqual({
    // Twice as fast, and the two copies out of node 0 at once.
    lowMs: (10_000 + 4_000 + 2 * 500) / 2,
    expectedMs: 12_000 + 4_000 + 2 * 500,
    highMs: (12_000 + 4_000 + 2 * 500) * 2,
  });
});

test('what comes in and what goes out share a node only at worst', () => {
  const moves: Row[] = [
    [0, 0, 1, 3_000],
    [0, 1, 2, 5_000],
  ];
  const { expectedMs, highMs } = estimateDuration(timed(moves), nodeCount, policy);
  expect([expectedMs, highMs]).toEqual([5_500, 2 * 8_500]);
});

test('a transfer of leadership takes its steps only, and no moves take no time', () => {
  expect(estimateDuration(timed([[0, 0, 1, 0]]), nodeCount, policy).expectedMs).toBe(500);
  expect(estimateDuration(timed([]), nodeCount, policy)).toEqual({ lowMs: 0, expectedMs: 0, highMs: 0 });
});

test('the range is always ordered', () => {
  const row = fc.tuple(fc.nat(3), fc.nat(nodeCount - 1), fc.nat(nodeCount - 1), fc.nat(1e9));
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
      const sorted = rows.toSorted((left, right) => left[0] - right[0]);
      const { lowMs, expectedMs, highMs } = estimateDuration(timed(sorted), nodeCount, policy);
      return lowMs <= expectedMs && expectedMs <= highMs;
    }),
  );
});
