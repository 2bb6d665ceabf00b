import { describe, expect, test } from 'bun:test';
import { judgeMoveBy, moveContext, overrideOf, testMove, testPolicy } from '../guardrail.testing.ts';
import { concurrencyNamespace } from './concurrency-namespace.ts';

const policy = testPolicy({ concurrency: { namespace: 1 } });
const other = testMove({ id: 'm00002', shard: 's3', source: 'n2', destination: 'n6' });

describe('concurrency in the namespace', () => {
  test('has no objection below the limit', () => {
    expect(judgeMoveBy(concurrencyNamespace, moveContext({ policy }))).toBeUndefined();
  });

  test('throttles at the limit', () => {
    const verdict = judgeMoveBy(concurrencyNamespace, moveContext({ policy, inFlight: [other] }));
    expect(verdict).toMatchObject({
      decision: 'throttle',
      observed: 1,
      limit: 1,
      subject: 'namespace/orders',
    });
  });

  test('has no objection again when the move in flight has ended', () => {
    const context = moveContext({ policy, inFlight: [other] });
    context.view.complete(other);
    expect(judgeMoveBy(concurrencyNamespace, context)).toBeUndefined();
  });

  test('lets an override pass', () => {
    const overrides = [overrideOf(concurrencyNamespace)];
    const verdict = judgeMoveBy(concurrencyNamespace, moveContext({ policy, inFlight: [other], overrides }));
    expect(verdict).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
