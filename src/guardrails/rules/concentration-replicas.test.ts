import { describe, expect, test } from 'bun:test';
import type { PolicyOverlay } from '../../domain/policy-overlay.ts';
import {
  judgeMoveBy,
  moveContext,
  overrideOf,
  testMove,
  testPolicy,
  testShard,
  testSnapshot,
} from '../guardrail.testing.ts';
import { concentrationReplicas } from './concentration-replicas.ts';

/** Ten replicas: two on each of n1 to n4, one on n5 and n6; zones a 4, b 4, c 2. */
const snapshot = testSnapshot({
  shards: ['n1', 'n1', 'n2', 'n2', 'n3', 'n3', 'n4', 'n4', 'n5', 'n6'].map((node, i) =>
    testShard(`s${i}`, [node]),
  ),
});
const toN5 = testMove({ shard: 's0' });
const limited = (placement: PolicyOverlay['placement']) => testPolicy({ placement });

describe('concentration of replicas', () => {
  test('has no objection without limits', () => {
    expect(judgeMoveBy(concentrationReplicas, moveContext({ snapshot }), toN5)).toBeUndefined();
  });

  test('blocks one replica more than a node may hold', () => {
    const policy = limited({ maxReplicasPerNode: 2 });
    expect(judgeMoveBy(concentrationReplicas, moveContext({ policy, snapshot }), toN5)).toBeUndefined();
    const toN3 = testMove({ shard: 's0', destination: 'n3' });
    const verdict = judgeMoveBy(concentrationReplicas, moveContext({ policy, snapshot }), toN3);
    expect(verdict).toMatchObject({ decision: 'block', observed: 3, limit: 2, subject: 'node/n3' });
  });

  test('blocks a larger share of the replicas on a node, at the share itself it does not', () => {
    const toN3 = testMove({ shard: 's0', destination: 'n3' });
    const exactly = limited({ maxShareOfReplicasPerNode: 0.3 });
    expect(
      judgeMoveBy(concentrationReplicas, moveContext({ policy: exactly, snapshot }), toN3),
    ).toBeUndefined();
    const policy = limited({ maxShareOfReplicasPerNode: 0.29 });
    const verdict = judgeMoveBy(concentrationReplicas, moveContext({ policy, snapshot }), toN3);
    expect(verdict).toMatchObject({ decision: 'block', observed: 0.3, limit: 0.29, subject: 'node/n3' });
  });

  test('counts replicas on their way', () => {
    const policy = limited({ maxReplicasPerNode: 2 });
    const inFlight = [testMove({ id: 'm00002', shard: 's2', source: 'n2' })];
    const verdict = judgeMoveBy(concentrationReplicas, moveContext({ policy, snapshot, inFlight }), toN5);
    expect(verdict).toMatchObject({ decision: 'block', observed: 3, limit: 2 });
  });

  test('blocks a larger share in a zone, but not moves within it', () => {
    const policy = limited({ maxShareOfReplicasPerZone: 0.4 });
    const intoB = testMove({ shard: 's8', source: 'n5', destination: 'n3' });
    const verdict = judgeMoveBy(concentrationReplicas, moveContext({ policy, snapshot }), intoB);
    expect(verdict).toMatchObject({ decision: 'block', observed: 0.5, limit: 0.4, subject: 'zone/b' });
    const within = testMove({ shard: 's0', destination: 'n2' });
    expect(judgeMoveBy(concentrationReplicas, moveContext({ policy, snapshot }), within)).toBeUndefined();
  });

  test('blocks more replicas in a zone than policy counts', () => {
    const policy = limited({ maxReplicasPerZone: 4 });
    const intoB = testMove({ shard: 's8', source: 'n5', destination: 'n3' });
    const verdict = judgeMoveBy(concentrationReplicas, moveContext({ policy, snapshot }), intoB);
    expect(verdict).toMatchObject({ decision: 'block', observed: 5, limit: 4, subject: 'zone/b' });
  });

  test('does not block what improves on an existing violation', () => {
    const policy = limited({ maxReplicasPerNode: 1 });
    const crowded = testSnapshot({
      shards: ['n1', 'n1', 'n1', 'n5'].map((node, i) => testShard(`s${i}`, [node])),
    });
    expect(
      judgeMoveBy(concentrationReplicas, moveContext({ policy, snapshot: crowded }), toN5),
    ).toBeUndefined();
    const even = testSnapshot({ shards: ['n1', 'n1', 'n5'].map((node, i) => testShard(`s${i}`, [node])) });
    expect(judgeMoveBy(concentrationReplicas, moveContext({ policy, snapshot: even }), toN5)?.decision).toBe(
      'block',
    );
  });

  test('lets a crowded node back up to where it was measured, no further', () => {
    const policy = limited({ maxReplicasPerNode: 1 });
    const fleet = testSnapshot({ shards: ['n1', 'n5', 'n5'].map((node, i) => testShard(`s${i}`, [node])) });
    const context = moveContext({ policy, snapshot: fleet });
    const away = testMove({ id: 'm00002', shard: 's1', source: 'n5', destination: 'n6' });
    context.view.begin(away);
    expect(judgeMoveBy(concentrationReplicas, context, toN5)?.decision).toBe('block');
    context.view.complete(away);
    expect(judgeMoveBy(concentrationReplicas, context, toN5)).toBeUndefined();
  });

  test('lets an override pass', () => {
    const policy = limited({ maxReplicasPerNode: 1 });
    const overrides = [overrideOf(concentrationReplicas)];
    const verdict = judgeMoveBy(
      concentrationReplicas,
      moveContext({ policy, snapshot, overrides }),
      testMove({ shard: 's0', destination: 'n3' }),
    );
    expect(verdict).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
