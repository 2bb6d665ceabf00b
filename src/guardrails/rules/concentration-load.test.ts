import { describe, expect, test } from 'bun:test';
import {
  judgeMoveBy,
  moveContext,
  overrideOf,
  testMove,
  testPolicy,
  testShard,
  testSnapshot,
} from '../guardrail.testing.ts';
import { concentrationLoad } from './concentration-load.ts';

/** 100 of cpu: n1 40, n3 30, n5 30; all of disk on n6. */
const snapshot = testSnapshot({
  shards: [
    testShard('s1', ['n1'], [10, 0]),
    testShard('s2', ['n1'], [30, 0]),
    testShard('s3', ['n3'], [30, 0]),
    testShard('s4', ['n5'], [30, 0]),
    testShard('s5', ['n6'], [0, 50]),
  ],
});
const toN5 = testMove({ load: [10, 0] });
const perNode = (share: number) => testPolicy({ placement: { maxShareOfLoadPerNode: share } });
const perZone = (share: number) => testPolicy({ placement: { maxShareOfLoadPerZone: share } });

describe('concentration of load', () => {
  test('has no objection up to the share itself', () => {
    expect(judgeMoveBy(concentrationLoad, moveContext({ snapshot }), toN5)).toBeUndefined();
    const context = moveContext({ policy: perNode(0.4), snapshot });
    expect(judgeMoveBy(concentrationLoad, context, toN5)).toBeUndefined();
  });

  test('blocks a larger share of a dimension on a node', () => {
    const all = testMove({ shard: 's4', source: 'n5', destination: 'n3', load: [30, 0] });
    const verdict = judgeMoveBy(concentrationLoad, moveContext({ policy: perNode(0.5), snapshot }), all);
    expect(verdict).toMatchObject({ decision: 'block', observed: 0.6, limit: 0.5, subject: 'node/n3' });
    expect(verdict?.message).toContain('cpu');
  });

  test('counts loads on their way', () => {
    const inFlight = [testMove({ id: 'm00002', shard: 's3', source: 'n3', load: [30, 0] })];
    const verdict = judgeMoveBy(
      concentrationLoad,
      moveContext({ policy: perNode(0.45), snapshot, inFlight }),
      toN5,
    );
    expect(verdict).toMatchObject({ decision: 'block', observed: 0.7 });
  });

  test('blocks a larger share in a zone, but not moves within it', () => {
    const intoC = testMove({ shard: 's3', source: 'n3', destination: 'n6', load: [30, 0] });
    const verdict = judgeMoveBy(concentrationLoad, moveContext({ policy: perZone(0.5), snapshot }), intoC);
    expect(verdict).toMatchObject({ decision: 'block', observed: 0.6, limit: 0.5, subject: 'zone/c' });
    const within = testMove({ destination: 'n2', load: [10, 0] });
    expect(
      judgeMoveBy(concentrationLoad, moveContext({ policy: perZone(0.3), snapshot }), within),
    ).toBeUndefined();
  });

  test('does not block what improves on an existing violation', () => {
    const toN2 = testMove({ destination: 'n2', load: [10, 0] });
    expect(
      judgeMoveBy(concentrationLoad, moveContext({ policy: perNode(0.05), snapshot }), toN2),
    ).toBeUndefined();
    expect(
      judgeMoveBy(concentrationLoad, moveContext({ policy: perNode(0.35), snapshot }), toN5)?.decision,
    ).toBe('block');
  });

  test('does not look at dimensions that the move does not load', () => {
    const verdict = judgeMoveBy(concentrationLoad, moveContext({ policy: perNode(0.5), snapshot }), {
      ...toN5,
      destination: 'n6',
    });
    expect(verdict).toBeUndefined();
  });

  test('lets an override pass', () => {
    const overrides = [overrideOf(concentrationLoad)];
    const verdict = judgeMoveBy(
      concentrationLoad,
      moveContext({ policy: perNode(0.35), snapshot, overrides }),
      toN5,
    );
    expect(verdict).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
