import { describe, expect, test } from 'bun:test';
import { judgeMoveBy, moveContext, overrideOf, testMove, testPolicy } from '../guardrail.testing.ts';
import { concurrencyZone } from './concurrency-zone.ts';

const policy = testPolicy({ concurrency: { perZone: 1 } });
const other = (source: string, destination: string) =>
  testMove({ id: 'm00002', shard: 's4', source, destination });

describe('concurrency through a zone', () => {
  test('has no objection to moves through other zones', () => {
    expect(
      judgeMoveBy(concurrencyZone, moveContext({ policy, inFlight: [other('n3', 'n4')] })),
    ).toBeUndefined();
  });

  test.each([
    ['the zone of the source is left by another move', other('n2', 'n3'), 'zone/a'],
    ['the zone of the source is entered by another move', other('n3', 'n2'), 'zone/a'],
    ['the zone of the destination is entered by another move', other('n3', 'n6'), 'zone/c'],
    ['another move runs within the zone of the destination', other('n5', 'n6'), 'zone/c'],
  ])('throttles when %s', (_, inFlight, subject) => {
    const verdict = judgeMoveBy(concurrencyZone, moveContext({ policy, inFlight: [inFlight] }));
    expect(verdict).toMatchObject({ decision: 'throttle', observed: 1, limit: 1, subject });
  });

  test('counts a move within one zone once', () => {
    const two = testPolicy({ concurrency: { perZone: 2 } });
    expect(
      judgeMoveBy(concurrencyZone, moveContext({ policy: two, inFlight: [other('n5', 'n6')] })),
    ).toBeUndefined();
  });

  test('lets an override pass', () => {
    const overrides = [overrideOf(concurrencyZone)];
    const verdict = judgeMoveBy(
      concurrencyZone,
      moveContext({ policy, inFlight: [other('n3', 'n6')], overrides }),
    );
    expect(verdict).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
