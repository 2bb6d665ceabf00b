import { describe, expect, test } from 'bun:test';
import type { Move } from './move.ts';
import { digestPlan, type PlanDigestInput } from './plan-digest.ts';

const move: Move = {
  id: 'm00001',
  wave: 0,
  kind: 'relocate',
  shard: 's1',
  replica: 0,
  successor: 0,
  source: 'n1',
  destination: 'n2',
  leads: true,
  expectedVersion: 7,
  bytes: 1024,
  load: [1.5],
  reasons: [],
  gain: 1,
  price: 0.1,
};
const input: PlanDigestInput = {
  cluster: 'c1',
  namespace: 'orders',
  kind: 'rebalance',
  policyRevision: 3,
  snapshotDigest: 'sha256:00',
  moves: [move, { ...move, id: 'm00002', shard: 's2' }],
};

describe('the digest of a plan', () => {
  test('changes with each part that an approval binds to', () => {
    const variants: PlanDigestInput[] = [
      { ...input, cluster: 'c2' },
      { ...input, namespace: 'users' },
      { ...input, kind: 'drain' },
      { ...input, policyRevision: 4 },
      { ...input, snapshotDigest: 'sha256:01' },
      { ...input, moves: [move] },
      { ...input, moves: [...input.moves].reverse() },
      { ...input, moves: [{ ...move, destination: 'n3' }, ...input.moves.slice(1)] },
    ];
    const digests = new Set([input, ...variants].map(digestPlan));
    expect(digests.size).toBe(variants.length + 1);
  });

  test('does not depend on the order of members or on fields that are not approved', () => {
    const { cluster, ...rest } = input;
    expect(digestPlan({ ...rest, cluster })).toBe(digestPlan(input));
    expect(digestPlan({ ...input, ...{ status: 'approved' } })).toBe(digestPlan(input));
  });

  test('is the same on every machine', () => {
    expect(digestPlan({ ...input, moves: [] })).toBe(
      'sha256:57b014fbd6c498ad744f4e7d7902db34209d20ad37b3582fb1d2386f69fdbfcb',
    );
  });
});
