import { expect, test } from 'bun:test';
import type { Move } from '../domain/move.ts';
import { defaultPolicy } from '../domain/policy-defaults.ts';
import { estimateDuration } from './duration-estimate.ts';

const base = defaultPolicy('c', 'n');
const policy = {
  ...base,
  execution: { ...base.execution, assumedBytesPerSecond: 1_000 },
  concurrency: { ...base.concurrency, namespace: 2 },
};

function move(wave: number, bytes: number): Move {
  return {
    id: 'm00001',
    wave,
    kind: 'relocate',
    shard: 's',
    replica: 0,
    successor: 0,
    source: 'a',
    destination: 'b',
    leads: false,
    expectedVersion: 1,
    bytes,
    load: [],
    reasons: [],
    gain: 0,
    price: 0,
  };
}

test('a wave takes as long as its largest copy, and waves follow each other', () => {
  const eta = estimateDuration([move(0, 10_000), move(0, 2_000), move(1, 4_000)], policy);
  expect(eta.expectedMs).toBe(10_000 + 4_000 + 2 * 500);
  expect(eta.lowMs).toBe((16_000 + 3 * 500) / 2);
  expect(eta.highMs).toBeGreaterThan(eta.expectedMs);
});

test('no moves take no time', () => {
  expect(estimateDuration([], policy)).toEqual({ lowMs: 0, expectedMs: 0, highMs: 0 });
});
