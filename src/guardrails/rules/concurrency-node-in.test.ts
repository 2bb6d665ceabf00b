import { describe, expect, test } from 'bun:test';
import { judgeMoveBy, moveContext, overrideOf, testMove, testPolicy } from '../guardrail.testing.ts';
import { concurrencyNodeIn } from './concurrency-node-in.ts';

const policy = testPolicy({ concurrency: { perNodeIn: 1 } });
const into = (destination: string) => testMove({ id: 'm00002', shard: 's4', source: 'n3', destination });

describe('concurrency into a node', () => {
  test('counts only moves into the destination', () => {
    expect(judgeMoveBy(concurrencyNodeIn, moveContext({ policy, inFlight: [into('n6')] }))).toBeUndefined();
    const leaving = testMove({ id: 'm00002', shard: 's3', replica: 2, source: 'n5', destination: 'n6' });
    expect(judgeMoveBy(concurrencyNodeIn, moveContext({ policy, inFlight: [leaving] }))).toBeUndefined();
  });

  test('throttles at the limit', () => {
    const verdict = judgeMoveBy(concurrencyNodeIn, moveContext({ policy, inFlight: [into('n5')] }));
    expect(verdict).toMatchObject({ decision: 'throttle', observed: 1, limit: 1, subject: 'node/n5' });
  });

  test('lets an override pass', () => {
    const overrides = [overrideOf(concurrencyNodeIn)];
    const verdict = judgeMoveBy(
      concurrencyNodeIn,
      moveContext({ policy, inFlight: [into('n5')], overrides }),
    );
    expect(verdict).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
