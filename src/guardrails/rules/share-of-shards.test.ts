import { describe, expect, test } from 'bun:test';
import { judgePlanBy, overrideOf, planContext, testMove, testPolicy } from '../guardrail.testing.ts';
import { shareOfShards } from './share-of-shards.ts';

const movesOf = (...shards: string[]) => shards.map((shard, i) => testMove({ id: `m0000${i + 1}`, shard }));

describe('share of shards per plan', () => {
  test('allows the share of policy, counting a shard that moves twice once', () => {
    const policy = testPolicy({ budget: { maxShareOfShards: 0.5 } });
    const verdict = judgePlanBy(shareOfShards, planContext({ policy, moves: movesOf('s1', 's2', 's1') }));
    expect(verdict).toMatchObject({ decision: 'allow', observed: 0.5, limit: 0.5 });
  });

  test('blocks a larger share', () => {
    const policy = testPolicy({ budget: { maxShareOfShards: 0.5 } });
    const verdict = judgePlanBy(shareOfShards, planContext({ policy, moves: movesOf('s1', 's2', 's3') }));
    expect(verdict).toMatchObject({ decision: 'block', observed: 0.75, limit: 0.5 });
    expect(verdict.message).toContain('3 of 4 shards');
  });

  test('always allows one shard, which in a small namespace is more than the share', () => {
    expect(judgePlanBy(shareOfShards, planContext({ moves: movesOf('s1') })).decision).toBe('allow');
    expect(judgePlanBy(shareOfShards, planContext({ moves: movesOf('s1', 's2') })).decision).toBe('block');
  });

  test('allows none where the share is 0', () => {
    const policy = testPolicy({ budget: { maxShareOfShards: 0 } });
    const verdict = judgePlanBy(shareOfShards, planContext({ policy, moves: movesOf('s1') }));
    expect(verdict).toMatchObject({ decision: 'block', limit: 0 });
    expect(judgePlanBy(shareOfShards, planContext({ policy, moves: [] })).decision).toBe('allow');
  });

  test('lets an override pass: the share is forced', () => {
    const overrides = [overrideOf(shareOfShards)];
    const verdict = judgePlanBy(shareOfShards, planContext({ moves: movesOf('s1', 's2'), overrides }));
    expect(verdict).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
