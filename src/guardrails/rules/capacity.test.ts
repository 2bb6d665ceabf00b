import { describe, expect, test } from 'bun:test';
import { defaultDimensionPolicy } from '../../domain/policy-dimensions.ts';
import { createFleetView } from '../fleet-view.ts';
import {
  judgeMoveBy,
  moveContext,
  overrideOf,
  testMove,
  testNode,
  testPolicy,
  testShard,
  testSnapshot,
} from '../guardrail.testing.ts';
import { capacity } from './capacity.ts';

/** Node capacities of 100 cpu and 100 disk; s2 of 60 fills n5. */
const snapshot = testSnapshot({
  shards: [
    testShard('s1', ['n1'], [40, 40]),
    testShard('s2', ['n5'], [60, 60]),
    testShard('s3', ['n3'], [1, 1]),
    testShard('s4', ['n4'], [30, 30]),
  ],
});
const toN5 = testMove({ load: [40, 40] });
const hard = (hardLimit: number) =>
  testPolicy({ dimensions: ['cpu', 'disk'].map((name) => ({ ...defaultDimensionPolicy(name), hardLimit })) });

describe('capacity while a move runs', () => {
  test('has no objection up to the hard limit itself', () => {
    expect(judgeMoveBy(capacity, moveContext({ snapshot }), toN5)).toBeUndefined();
  });

  test('blocks what the measured load leaves no room for', () => {
    const verdict = judgeMoveBy(capacity, moveContext({ snapshot, policy: hard(0.99) }), toN5);
    expect(verdict).toMatchObject({ decision: 'block', observed: 100, limit: 99, subject: 'node/n5' });
    expect(verdict?.message).toContain('100 cores of cpu');
  });

  test('throttles where only moves on their way stand in the way', () => {
    const inFlight = [testMove({ id: 'm00002', shard: 's3', source: 'n3', load: [1, 1] })];
    const verdict = judgeMoveBy(capacity, moveContext({ snapshot, inFlight }), toN5);
    expect(verdict).toMatchObject({ decision: 'throttle', observed: 101, limit: 100 });
  });

  test('throttles until a move away from the destination has ended', () => {
    const away = testMove({ id: 'm00002', shard: 's2', source: 'n5', destination: 'n6', load: [60, 60] });
    const big = testMove({ load: [70, 70] });
    const context = moveContext({ snapshot, inFlight: [away] });
    expect(judgeMoveBy(capacity, context, big)?.decision).toBe('throttle');
    context.view.complete(away);
    expect(judgeMoveBy(capacity, context, big)).toBeUndefined();
  });

  test('keeps transient dimensions held on the source where policy says until the plan has ended', () => {
    const policy = testPolicy({ placement: { transientHold: 'plan' } });
    const away = testMove({ id: 'm00002', shard: 's2', source: 'n5', destination: 'n6', load: [60, 60] });
    const big = testMove({ load: [70, 70] });
    const context = moveContext({ snapshot, policy, inFlight: [away] });
    context.view.complete(away);
    const verdict = judgeMoveBy(capacity, context, big);
    expect(verdict).toMatchObject({ observed: 130, limit: 100 });
    expect(verdict?.message).toContain('disk');
    const cpuOnly = testMove({ load: [70, 0] });
    expect(judgeMoveBy(capacity, context, cpuOnly)).toBeUndefined();
  });

  test('remembers what earlier moves of the plan hold when the fleet was measured anew', () => {
    const policy = testPolicy({ placement: { transientHold: 'plan' } });
    const before = testMove({ id: 'm00002', shard: 's4', source: 'n5', destination: 'n4', load: [30, 30] });
    const view = createFleetView(snapshot, policy, { completed: [before] });
    expect(judgeMoveBy(capacity, moveContext({ view, policy }), toN5)).toMatchObject({ observed: 130 });
  });

  test('lets a node that was measured above its limit back up to there, no further', () => {
    const policy = hard(0.5);
    const context = moveContext({ snapshot, policy });
    const away = testMove({ id: 'm00002', shard: 's2', source: 'n5', destination: 'n6', load: [60, 60] });
    context.view.begin(away);
    context.view.complete(away);
    expect(judgeMoveBy(capacity, context, testMove({ load: [60, 60] }))).toBeUndefined();
    expect(judgeMoveBy(capacity, context, testMove({ load: [61, 60] }))?.decision).toBe('block');
  });

  test('blocks any load on a node without capacity in its dimension', () => {
    const nodes = snapshot.nodes.map((node) =>
      node.id === 'n6' ? testNode('n6', { capacity: [100, 0] }) : node,
    );
    const context = moveContext({ snapshot: { ...snapshot, nodes } });
    expect(judgeMoveBy(capacity, context, testMove({ destination: 'n6', load: [1, 1] }))?.limit).toBe(0);
    expect(judgeMoveBy(capacity, context, testMove({ destination: 'n6', load: [1, 0] }))).toBeUndefined();
  });

  test('lets an override pass', () => {
    const context = moveContext({ snapshot, policy: hard(0.5), overrides: [overrideOf(capacity)] });
    expect(judgeMoveBy(capacity, context, toN5)).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
