import { describe, expect, test } from 'bun:test';
import type { NodeStatus } from '../../domain/node.ts';
import {
  judgeMoveBy,
  moveContext,
  overrideOf,
  testMove,
  testNode,
  testPolicy,
  testSnapshot,
} from '../guardrail.testing.ts';
import { minHealthyReplicas } from './min-healthy-replicas.ts';

function fleetWith(statuses: Readonly<Record<string, NodeStatus>>) {
  const fleet = testSnapshot();
  const nodes = fleet.nodes.map((node) =>
    testNode(node.id, { zone: node.zone, status: statuses[node.id] ?? 'alive' }),
  );
  return { ...fleet, nodes };
}

const single = testMove({ shard: 's2' });
const ofThree = testMove({ shard: 's3', source: 'n2', destination: 'n1' });

describe('minimum healthy replicas', () => {
  test('lets a replica move while another one is healthy', () => {
    expect(judgeMoveBy(minHealthyReplicas, moveContext())).toBeUndefined();
  });

  test('blocks the last healthy replica of a shard with several', () => {
    const verdict = judgeMoveBy(minHealthyReplicas, moveContext({ snapshot: fleetWith({ n3: 'suspect' }) }));
    expect(verdict).toMatchObject({ decision: 'block', observed: 0, limit: 1, subject: 'shard/s1' });
  });

  test('lets a single replica move make before break while its node is healthy', () => {
    expect(judgeMoveBy(minHealthyReplicas, moveContext(), single)).toBeUndefined();
  });

  test.each(['dead', 'suspect', 'left'] as const)('blocks a single replica whose node is %s', (status) => {
    const verdict = judgeMoveBy(
      minHealthyReplicas,
      moveContext({ snapshot: fleetWith({ n1: status }) }),
      single,
    );
    expect(verdict).toMatchObject({ decision: 'block', observed: 0, limit: 1 });
    expect(verdict?.message).toContain(status);
  });

  test('lets a replica off a dead node while one healthy replica is left to copy from', () => {
    const strict = testPolicy({ placement: { minHealthyReplicas: 3 } });
    const snapshot = fleetWith({ n2: 'dead', n4: 'dead' });
    expect(
      judgeMoveBy(minHealthyReplicas, moveContext({ policy: strict, snapshot }), ofThree),
    ).toBeUndefined();
  });

  test('asks for as many others as policy says', () => {
    const policy = testPolicy({ placement: { minHealthyReplicas: 2 } });
    expect(judgeMoveBy(minHealthyReplicas, moveContext({ policy }), ofThree)).toBeUndefined();
    const verdict = judgeMoveBy(
      minHealthyReplicas,
      moveContext({ policy, snapshot: fleetWith({ n5: 'dead' }) }),
      ofThree,
    );
    expect(verdict).toMatchObject({ decision: 'block', observed: 1, limit: 2 });
  });

  test('asks a shard for no more others than it has', () => {
    const policy = testPolicy({ placement: { minHealthyReplicas: 2 } });
    expect(judgeMoveBy(minHealthyReplicas, moveContext({ policy }))).toBeUndefined();
  });

  test('has no objection to a leadership transfer, which takes no replica away', () => {
    const transfer = testMove({ kind: 'transferLeadership', successor: 1, destination: 'n3' });
    expect(
      judgeMoveBy(minHealthyReplicas, moveContext({ snapshot: fleetWith({ n1: 'dead' }) }), transfer),
    ).toBeUndefined();
  });

  test('cannot be overridden', () => {
    const overrides = [overrideOf(minHealthyReplicas)];
    const verdict = judgeMoveBy(
      minHealthyReplicas,
      moveContext({ snapshot: fleetWith({ n3: 'dead' }), overrides }),
    );
    expect(verdict?.decision).toBe('block');
    expect(verdict?.overriddenBy).toBeUndefined();
  });
});
