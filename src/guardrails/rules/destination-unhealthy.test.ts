import { describe, expect, test } from 'bun:test';
import type { Node } from '../../domain/node.ts';
import {
  judgeMoveBy,
  judgePlanBy,
  moveContext,
  overrideOf,
  planContext,
  testMove,
  testSnapshot,
} from '../guardrail.testing.ts';
import { destinationUnhealthy } from './destination-unhealthy.ts';

function fleetWithN5(change: Partial<Node>) {
  const fleet = testSnapshot();
  return { ...fleet, nodes: fleet.nodes.map((node) => (node.id === 'n5' ? { ...node, ...change } : node)) };
}

const unfit: [string, Partial<Node>][] = [
  ['suspect', { status: 'suspect' }],
  ['dead', { status: 'dead' }],
  ['left', { status: 'left' }],
  ['cordoned', { adminState: 'cordoned' }],
  ['draining', { adminState: 'draining' }],
];

describe('health of the destination', () => {
  test('has no objection to a node that is alive and active', () => {
    expect(judgeMoveBy(destinationUnhealthy, moveContext())).toBeUndefined();
    expect(judgePlanBy(destinationUnhealthy, planContext()).decision).toBe('allow');
  });

  test.each(unfit)('blocks a destination that is %s', (state, change) => {
    const verdict = judgeMoveBy(destinationUnhealthy, moveContext({ snapshot: fleetWithN5(change) }));
    expect(verdict).toMatchObject({ decision: 'block', subject: 'node/n5', limit: 'alive, active' });
    expect(verdict?.observed).toContain(state);
  });

  test('blocks a destination that the fleet does not have', () => {
    const verdict = judgeMoveBy(destinationUnhealthy, moveContext(), testMove({ destination: 'n9' }));
    expect(verdict).toMatchObject({ decision: 'block', observed: 'unknown' });
  });

  test('lets leadership go to a cordoned node, but not to one that drains', () => {
    const transfer = testMove({ kind: 'transferLeadership', successor: 1 });
    const judge = (change: Partial<Node>) =>
      judgeMoveBy(destinationUnhealthy, moveContext({ snapshot: fleetWithN5(change) }), transfer);
    expect(judge({ adminState: 'cordoned' })).toBeUndefined();
    expect(judge({ adminState: 'draining' })?.decision).toBe('block');
    expect(judge({ status: 'suspect' })?.decision).toBe('block');
  });

  test('says for a plan how many of its moves it concerns', () => {
    const moves = [
      testMove(),
      testMove({ id: 'm00002', shard: 's2' }),
      testMove({ id: 'm00003', destination: 'n6' }),
    ];
    const verdict = judgePlanBy(
      destinationUnhealthy,
      planContext({ phase: 'approve', snapshot: fleetWithN5({ status: 'dead' }), moves }),
    );
    expect(verdict).toMatchObject({ decision: 'block', subject: 'node/n5' });
    expect(verdict.message).toContain("2 of the plan's 3 moves");
  });

  test('lets an override pass', () => {
    const context = moveContext({
      snapshot: fleetWithN5({ status: 'suspect' }),
      overrides: [overrideOf(destinationUnhealthy)],
    });
    expect(judgeMoveBy(destinationUnhealthy, context)).toMatchObject({
      decision: 'allow',
      overriddenBy: 'ada',
    });
  });
});
