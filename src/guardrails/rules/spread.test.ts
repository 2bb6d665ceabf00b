import { describe, expect, test } from 'bun:test';
import type { SpreadRule } from '../../domain/policy.ts';
import {
  judgeMoveBy,
  moveContext,
  overrideOf,
  testMove,
  testPolicy,
  testShard,
  testSnapshot,
} from '../guardrail.testing.ts';
import { spread } from './spread.ts';

const rule = (rest: Partial<SpreadRule>): SpreadRule => ({
  select: {},
  level: 'zone',
  minDomains: 0,
  maxPerDomain: 0,
  ...rest,
});
const policyWith = (...rules: SpreadRule[]) => testPolicy({ placement: { spread: rules } });
const twoZones = policyWith(rule({ minDomains: 2 }));

describe('spread', () => {
  test('has no objection while the shard keeps its zones', () => {
    expect(judgeMoveBy(spread, moveContext({ policy: twoZones }))).toBeUndefined();
  });

  test('blocks a move that leaves fewer zones than the rule asks for', () => {
    const toB = testMove({ destination: 'n4' });
    const verdict = judgeMoveBy(spread, moveContext({ policy: twoZones }), toB);
    expect(verdict).toMatchObject({ decision: 'block', observed: 1, limit: 2, subject: 'shard/s1' });
  });

  test('blocks a second replica of the shard on a node, with and without a rule', () => {
    const onto = testMove({ destination: 'n3' });
    expect(judgeMoveBy(spread, moveContext(), onto)).toMatchObject({
      decision: 'block',
      observed: 2,
      limit: 1,
    });
  });

  test('asks a shard for no more zones than it has replicas', () => {
    const policy = policyWith(rule({ minDomains: 3 }));
    expect(judgeMoveBy(spread, moveContext({ policy }))).toBeUndefined();
    const single = testMove({ shard: 's2', destination: 'n4' });
    expect(judgeMoveBy(spread, moveContext({ policy }), single)).toBeUndefined();
  });

  test('lets a move pass that leaves a broken spread no worse', () => {
    const snapshot = testSnapshot({ shards: [testShard('s1', ['n1', 'n2'])] });
    const sideways = testMove({ replica: 1, source: 'n2', destination: 'n5', leads: false });
    expect(judgeMoveBy(spread, moveContext({ policy: twoZones, snapshot }), sideways)).toBeUndefined();
  });

  test('blocks more replicas in a zone than the rule allows', () => {
    const policy = policyWith(rule({ maxPerDomain: 1 }));
    const verdict = judgeMoveBy(spread, moveContext({ policy }), testMove({ destination: 'n4' }));
    expect(verdict).toMatchObject({ decision: 'block', observed: 2, limit: 1 });
    expect(judgeMoveBy(spread, moveContext({ policy }), testMove({ destination: 'n5' }))).toBeUndefined();
  });

  test('lets a move within a zone pass, and one that makes a crowded zone less crowded', () => {
    const policy = policyWith(rule({ maxPerDomain: 1 }));
    expect(judgeMoveBy(spread, moveContext({ policy }), testMove({ destination: 'n2' }))).toBeUndefined();
    const fleet = testSnapshot();
    const crowded = testSnapshot({
      nodes: fleet.nodes.map((node) => ({ ...node, zone: ['n1', 'n2', 'n6'].includes(node.id) ? 'a' : 'b' })),
      shards: [testShard('s1', ['n1', 'n2', 'n6', 'n3'])],
    });
    const toB = testMove({ destination: 'n4' });
    expect(judgeMoveBy(spread, moveContext({ policy, snapshot: crowded }), toB)).toBeUndefined();
  });

  test('goes by the first rule whose selector matches', () => {
    const policy = policyWith(rule({ select: { prefix: 's1' } }), rule({ minDomains: 2 }));
    expect(judgeMoveBy(spread, moveContext({ policy }), testMove({ destination: 'n4' }))).toBeUndefined();
    const named = policyWith(
      rule({ select: { shards: ['s9'] } }),
      rule({ select: { group: 'x' } }),
      rule({ minDomains: 2 }),
    );
    expect(
      judgeMoveBy(spread, moveContext({ policy: named }), testMove({ destination: 'n4' }))?.decision,
    ).toBe('block');
  });

  test('goes by the rules of every level', () => {
    const racks = policyWith(rule({ minDomains: 2 }), rule({ level: 'rack', maxPerDomain: 1 }));
    const snapshot = testSnapshot({
      nodes: testSnapshot().nodes.map((node) => ({
        ...node,
        rack: node.id === 'n5' ? 'x' : node.id === 'n3' ? 'x' : node.id,
      })),
    });
    const intoRack = testMove({ destination: 'n5' });
    const verdict = judgeMoveBy(spread, moveContext({ policy: racks, snapshot }), intoRack);
    expect(verdict).toMatchObject({ decision: 'block', observed: 2, limit: 1 });
    expect(verdict?.message).toContain('rack x');
    const intoZone = judgeMoveBy(
      spread,
      moveContext({ policy: racks, snapshot }),
      testMove({ destination: 'n4' }),
    );
    expect(intoZone?.message).toContain('zones');
  });

  test('judges by where completed moves have left the replicas', () => {
    const context = moveContext({ policy: twoZones });
    const first = testMove({ replica: 1, source: 'n3', destination: 'n5' });
    context.view.begin(first);
    context.view.complete(first);
    expect(judgeMoveBy(spread, context, testMove({ id: 'm2', destination: 'n4' }))).toBeUndefined();
    expect(judgeMoveBy(spread, context, testMove({ id: 'm2', destination: 'n6' }))?.decision).toBe('block');
  });

  test('lets an override pass', () => {
    const overrides = [overrideOf(spread)];
    const verdict = judgeMoveBy(
      spread,
      moveContext({ policy: twoZones, overrides }),
      testMove({ destination: 'n4' }),
    );
    expect(verdict).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
