import { describe, expect, test } from 'bun:test';
import { judgeMoveBy, moveContext, overrideOf, testMove } from '../guardrail.testing.ts';
import { replicaInFlight } from './replica-in-flight.ts';

const sibling = testMove({ id: 'm00002', replica: 1, source: 'n3', destination: 'n6' });

describe('replica in flight', () => {
  test('has no objection while other shards move', () => {
    const other = testMove({ id: 'm00002', shard: 's2', source: 'n1', destination: 'n6' });
    expect(judgeMoveBy(replicaInFlight, moveContext({ inFlight: [other] }))).toBeUndefined();
  });

  test('throttles while another replica of the shard moves', () => {
    const verdict = judgeMoveBy(replicaInFlight, moveContext({ inFlight: [sibling] }));
    expect(verdict).toMatchObject({ decision: 'throttle', subject: 'shard/s1' });
    expect(verdict?.message).toContain('m00002');
  });

  test.each(['complete', 'abandon'] as const)('has no objection after the other move: %s', (ending) => {
    const context = moveContext({ inFlight: [sibling] });
    context.view[ending](sibling);
    expect(judgeMoveBy(replicaInFlight, context)).toBeUndefined();
  });

  test('cannot be overridden', () => {
    const overrides = [overrideOf(replicaInFlight)];
    expect(judgeMoveBy(replicaInFlight, moveContext({ inFlight: [sibling], overrides }))?.decision).toBe(
      'throttle',
    );
  });
});
