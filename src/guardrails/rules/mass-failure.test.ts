import { describe, expect, test } from 'bun:test';
import type { NodeStatus } from '../../domain/node.ts';
import {
  judgeMoveBy,
  judgePlanBy,
  moveContext,
  overrideOf,
  planContext,
  testPolicy,
  testSnapshot,
} from '../guardrail.testing.ts';
import { massFailure } from './mass-failure.ts';

function fleetOf(...statuses: NodeStatus[]) {
  const fleet = testSnapshot();
  return { ...fleet, nodes: fleet.nodes.map((node, i) => ({ ...node, status: statuses[i] ?? 'alive' })) };
}

const policy = testPolicy({ incidents: { maxUnhealthyShare: 0.5 } });

describe('mass failure', () => {
  test('allows fewer unhealthy nodes than the share', () => {
    expect(
      judgeMoveBy(massFailure, moveContext({ policy, snapshot: fleetOf('dead', 'suspect') })),
    ).toBeUndefined();
  });

  test('blocks from the share on, in every phase, for restores as well', () => {
    const snapshot = fleetOf('dead', 'suspect', 'dead');
    const verdict = judgeMoveBy(massFailure, moveContext({ policy, snapshot, kind: 'restore' }));
    expect(verdict).toMatchObject({ decision: 'block', observed: 0.5, limit: 0.5 });
    for (const phase of ['create', 'approve', 'start'] as const) {
      expect(
        judgePlanBy(massFailure, planContext({ phase, policy, snapshot, kind: 'restore' })).decision,
      ).toBe('block');
    }
  });

  test('does not call a single dead node a mass failure, however small the fleet', () => {
    const strict = testPolicy({ incidents: { maxUnhealthyShare: 0.1 } });
    expect(
      judgeMoveBy(massFailure, moveContext({ policy: strict, snapshot: fleetOf('dead') })),
    ).toBeUndefined();
  });

  test('does not count nodes that left on purpose, on either side of the share', () => {
    const verdict = judgePlanBy(
      massFailure,
      planContext({ policy, snapshot: fleetOf('left', 'left', 'dead', 'dead') }),
    );
    expect(verdict).toMatchObject({ decision: 'block', observed: 0.5 });
    expect(
      judgePlanBy(massFailure, planContext({ policy, snapshot: fleetOf('left', 'left', 'left') })).decision,
    ).toBe('allow');
  });

  test('lets an override pass', () => {
    const context = moveContext({
      policy,
      snapshot: fleetOf('dead', 'dead', 'dead'),
      overrides: [overrideOf(massFailure)],
    });
    expect(judgeMoveBy(massFailure, context)).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
