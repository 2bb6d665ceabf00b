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
import { cooldownNode } from './cooldown-node.ts';

const policy = testPolicy({ cooldown: { nodeMs: 300_000 } });
const trace = (source: string, destination: string, ms: number) =>
  testTrace({ shard: 's9', source, destination, at: testNow - ms });

describe('cooldown of a node', () => {
  test.each([
    ['something moved into the source', trace('n4', 'n1', 299_999), 'node/n1'],
    ['something moved out of the source', trace('n1', 'n4', 299_999), 'node/n1'],
    ['something moved into the destination', trace('n4', 'n5', 299_999), 'node/n5'],
  ])('throttles when %s too short a time ago', (_, each, subject) => {
    const verdict = judgeMoveBy(cooldownNode, moveContext({ policy, moveTraces: [each] }));
    expect(verdict).toMatchObject({ decision: 'throttle', observed: 299_999, limit: 300_000, subject });
    expect(verdict?.remedy).toContain(new Date(testNow + 1).toISOString());
  });

  test('has no objection when the cooldown is over, or when other nodes took part', () => {
    expect(
      judgeMoveBy(cooldownNode, moveContext({ policy, moveTraces: [trace('n1', 'n5', 300_000)] })),
    ).toBeUndefined();
    expect(
      judgeMoveBy(cooldownNode, moveContext({ policy, moveTraces: [trace('n3', 'n4', 1)] })),
    ).toBeUndefined();
  });

  test('does not count moves of the same plan', () => {
    const moveTraces = [{ ...trace('n4', 'n5', 1), planId: 'p1' }];
    expect(judgeMoveBy(cooldownNode, moveContext({ policy, moveTraces }))).toBeUndefined();
  });

  test.each(['drain', 'restore', 'rollback'] as const)('exempts a %s', (kind) => {
    const moveTraces = [trace('n4', 'n5', 1)];
    expect(judgeMoveBy(cooldownNode, moveContext({ policy, moveTraces, kind }))).toBeUndefined();
  });

  test('exempts moves off a node that must be vacated, in any plan', () => {
    const nodes = testSnapshot().nodes.map((node) =>
      node.id === 'n1' ? testNode('n1', { adminState: 'draining' }) : node,
    );
    const context = moveContext({
      policy,
      moveTraces: [trace('n4', 'n5', 1)],
      snapshot: { ...testSnapshot(), nodes },
    });
    expect(judgeMoveBy(cooldownNode, context)).toBeUndefined();
  });

  test('shows it when the plan is made', () => {
    const verdict = judgePlanBy(cooldownNode, planContext({ policy, moveTraces: [trace('n4', 'n5', 1)] }));
    expect(verdict).toMatchObject({ decision: 'throttle', subject: 'node/n5' });
  });

  test('lets an override pass', () => {
    const overrides = [overrideOf(cooldownNode)];
    const verdict = judgeMoveBy(
      cooldownNode,
      moveContext({ policy, moveTraces: [trace('n4', 'n5', 1)], overrides }),
    );
    expect(verdict).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
