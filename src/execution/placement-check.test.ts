import { describe, expect, test } from 'bun:test';
import type { ReplicaSet } from '../domain/telemetry-sample.ts';
import { leadershipTransfer, relocation } from './execution.testing.ts';
import { checkPrecondition, isInPlace } from './placement-check.ts';
import { namespace } from './sample-fleet.testing.ts';

/** Replicas 0, 1, 2 on the nodes named; the one with the number leads. */
function found(nodes: readonly string[], leader = 0, version = 1): ReplicaSet {
  const replicas = nodes.map((node, number) => ({ number, node, leads: number === leader, bytes: 1 }));
  return { namespace, shard: 's00', version, status: 'active', group: '', replicas, updatedAt: 0 };
}

const planned = ['a1', 'b1', 'c1'];
const move = relocation(1, 0, 's00', 0, 'a2');
const transfer = leadershipTransfer(1, 0, 's00', 2);

function differenceOf(set: ReplicaSet, of = move): string {
  const checked = checkPrecondition(of, 1, set);
  return checked.kind === 'drifted' ? checked.failure.message : checked.kind;
}

describe('the precondition of a relocation', () => {
  test('holds when owner and version are the ones planned for', () => {
    expect(checkPrecondition(move, 1, found(planned))).toEqual({ kind: 'holds', version: 1 });
  });

  test('is satisfied when the replica is at its destination already', () => {
    expect(checkPrecondition(move, 1, found(['a2', 'b1', 'c1'], 0, 9))).toEqual({
      kind: 'satisfied',
      version: 9,
    });
  });

  test('names the difference when it does not hold', () => {
    expect(differenceOf(found(planned, 0, 4))).toBe('shard s00 is in version 4, the plan expects 1');
    expect(differenceOf(found(['a3', 'b1', 'c1']))).toContain('replica 0 on a3, the plan expects it on a1');
    expect(differenceOf(found([]))).toContain('has no replica 0 any more');
  });
});

describe('the precondition of a leadership transfer', () => {
  test('holds when the leader leads and the successor is where it was', () => {
    expect(differenceOf(found(planned), transfer)).toBe('holds');
  });

  test('is satisfied when the successor leads already', () => {
    expect(differenceOf(found(planned, 2), transfer)).toBe('satisfied');
  });

  test('names the difference when it does not hold', () => {
    expect(differenceOf(found(planned, 1), transfer)).toContain('is not led by replica 0');
    expect(differenceOf(found(['a1', 'b1', 'c9']), transfer)).toContain(
      'replica 2 on c9, the plan expects it on c1',
    );
  });
});

describe('what a move was to bring about', () => {
  test('is there when the replica is, or when the successor leads', () => {
    expect([isInPlace(move, found(planned)), isInPlace(move, found(['a2', 'b1', 'c1']))]).toEqual([
      false,
      true,
    ]);
    expect([isInPlace(transfer, found(planned)), isInPlace(transfer, found(planned, 2))]).toEqual([
      false,
      true,
    ]);
  });
});
