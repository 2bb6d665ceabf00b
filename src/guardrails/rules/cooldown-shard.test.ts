import { describe, expect, test } from 'bun:test';
import {
  judgeMoveBy,
  judgePlanBy,
  moveContext,
  overrideOf,
  planContext,
  testNode,
  testNow,
  testPolicy,
  testSnapshot,
  testTrace,
} from '../guardrail.testing.ts';
import { cooldownShard } from './cooldown-shard.ts';

const policy = testPolicy({ cooldown: { shardMs: 600_000 } });
const movedAgo = (ms: number) => [testTrace({ at: testNow - ms })];

describe('cooldown of a shard', () => {
  test('throttles a shard that moved within the cooldown, and says until when', () => {
    const verdict = judgeMoveBy(cooldownShard, moveContext({ policy, moveTraces: movedAgo(599_999) }));
    expect(verdict).toMatchObject({
      decision: 'throttle',
      observed: 599_999,
      limit: 600_000,
      subject: 'shard/s1',
    });
    expect(verdict?.remedy).toContain(new Date(testNow + 1).toISOString());
  });

  test('has no objection when the cooldown is over, to the millisecond', () => {
    expect(
      judgeMoveBy(cooldownShard, moveContext({ policy, moveTraces: movedAgo(600_000) })),
    ).toBeUndefined();
  });

  test('judges by the newest of several moves', () => {
    const moveTraces = [...movedAgo(1_000), ...movedAgo(700_000)];
    expect(judgeMoveBy(cooldownShard, moveContext({ policy, moveTraces }))?.observed).toBe(1_000);
  });

  test('does not count moves of the same plan, of other shards, or anything when it is off', () => {
    const same = [testTrace({ planId: 'p1' })];
    expect(judgeMoveBy(cooldownShard, moveContext({ policy, moveTraces: same }))).toBeUndefined();
    const other = [testTrace({ shard: 's9' })];
    expect(judgeMoveBy(cooldownShard, moveContext({ policy, moveTraces: other }))).toBeUndefined();
    const off = testPolicy({ cooldown: { shardMs: 0 } });
    expect(judgeMoveBy(cooldownShard, moveContext({ policy: off, moveTraces: movedAgo(1) }))).toBeUndefined();
  });

  test('exempts rollbacks, and replicas whose node is dead', () => {
    const moveTraces = movedAgo(1_000);
    expect(judgeMoveBy(cooldownShard, moveContext({ policy, moveTraces, kind: 'rollback' }))).toBeUndefined();
    const nodes = testSnapshot().nodes.map((node) =>
      node.id === 'n1' ? testNode('n1', { status: 'dead' }) : node,
    );
    const snapshot = { ...testSnapshot(), nodes };
    expect(judgeMoveBy(cooldownShard, moveContext({ policy, moveTraces, snapshot }))).toBeUndefined();
  });

  test('does not exempt drains of a living node', () => {
    const verdict = judgeMoveBy(
      cooldownShard,
      moveContext({ policy, moveTraces: movedAgo(1_000), kind: 'drain' }),
    );
    expect(verdict?.decision).toBe('throttle');
  });

  test('shows it when the plan is made', () => {
    const verdict = judgePlanBy(cooldownShard, planContext({ policy, moveTraces: movedAgo(1_000) }));
    expect(verdict).toMatchObject({ decision: 'throttle', subject: 'shard/s1' });
    expect(judgePlanBy(cooldownShard, planContext({ policy })).decision).toBe('allow');
  });

  test('lets an override pass', () => {
    const overrides = [overrideOf(cooldownShard)];
    const verdict = judgeMoveBy(
      cooldownShard,
      moveContext({ policy, moveTraces: movedAgo(1_000), overrides }),
    );
    expect(verdict).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
