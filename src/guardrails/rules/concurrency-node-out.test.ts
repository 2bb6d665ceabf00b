import { describe, expect, test } from 'bun:test';
import { judgeMoveBy, moveContext, overrideOf, testMove, testPolicy } from '../guardrail.testing.ts';
import { concurrencyNodeOut } from './concurrency-node-out.ts';

const policy = testPolicy({ concurrency: { perNodeOut: 1 } });
const outOfN1 = testMove({ id: 'm00002', shard: 's2', source: 'n1', destination: 'n6' });
const outOfN3 = testMove({ id: 'm00002', shard: 's4', source: 'n3', destination: 'n1' });

describe('concurrency out of a node', () => {
  test('counts only moves out of the source', () => {
    expect(judgeMoveBy(concurrencyNodeOut, moveContext({ policy, inFlight: [outOfN3] }))).toBeUndefined();
  });

  test('throttles at the limit', () => {
    const verdict = judgeMoveBy(concurrencyNodeOut, moveContext({ policy, inFlight: [outOfN1] }));
    expect(verdict).toMatchObject({ decision: 'throttle', observed: 1, limit: 1, subject: 'node/n1' });
  });

  test('lets an override pass', () => {
    const overrides = [overrideOf(concurrencyNodeOut)];
    const verdict = judgeMoveBy(concurrencyNodeOut, moveContext({ policy, inFlight: [outOfN1], overrides }));
    expect(verdict).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
