import { describe, expect, test } from 'bun:test';
import {
  judgeMoveBy,
  judgePlanBy,
  moveContext,
  overrideOf,
  planContext,
  testSnapshot,
} from '../guardrail.testing.ts';
import { destinationBackpressure } from './destination-backpressure.ts';

function fleetWithSignals(node: string, signals: Readonly<Record<string, number>>) {
  const fleet = testSnapshot();
  return { ...fleet, nodes: fleet.nodes.map((each) => (each.id === node ? { ...each, signals } : each)) };
}

const pressed = { backpressure_active: 1, backlog_pending: 900, backlog_low_watermark: 300 };

describe('backpressure of the destination', () => {
  test('has no objection without the signal, or while it is 0', () => {
    expect(judgeMoveBy(destinationBackpressure, moveContext())).toBeUndefined();
    const calm = fleetWithSignals('n5', { ...pressed, backpressure_active: 0 });
    expect(judgeMoveBy(destinationBackpressure, moveContext({ snapshot: calm }))).toBeUndefined();
  });

  test('throttles while the destination signals it, and says down to where it must drain', () => {
    const verdict = judgeMoveBy(
      destinationBackpressure,
      moveContext({ snapshot: fleetWithSignals('n5', pressed) }),
    );
    expect(verdict).toMatchObject({ decision: 'throttle', observed: 900, limit: 300, subject: 'node/n5' });
    expect(verdict?.remedy).toContain('300');
  });

  test('does not look at the source, which a move relieves', () => {
    const snapshot = fleetWithSignals('n1', pressed);
    expect(judgeMoveBy(destinationBackpressure, moveContext({ snapshot }))).toBeUndefined();
  });

  test('shows it when the plan is made', () => {
    const snapshot = fleetWithSignals('n5', { backpressure_active: 1 });
    expect(judgePlanBy(destinationBackpressure, planContext({ snapshot })).decision).toBe('throttle');
  });

  test('lets an override pass', () => {
    const context = moveContext({
      snapshot: fleetWithSignals('n5', pressed),
      overrides: [overrideOf(destinationBackpressure)],
    });
    expect(judgeMoveBy(destinationBackpressure, context)).toMatchObject({
      decision: 'allow',
      overriddenBy: 'ada',
    });
  });
});
