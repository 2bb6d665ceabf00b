import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Move, MoveProgress, MoveState } from '../domain/move.ts';
import { relocation } from './execution.testing.ts';
import { untouched } from './journal.ts';
import { rollbackMoves, statusAfterRollback } from './rollback.ts';

function ended(move: Move, endedAt: number, state: MoveState = 'done'): MoveProgress {
  return { ...untouched(move.id).progress, state, endedAt };
}

function invert(moves: readonly Move[], states: readonly MoveState[] = []) {
  const progress = moves.map((move, index) => ended(move, 100 + index, states[index] ?? 'done'));
  return rollbackMoves({ moves, obstacles: [] }, progress);
}

describe('the moves that take a plan back', () => {
  test('are the inverse of what completed, newest first', () => {
    const moves = [relocation(1, 0, 's00', 0, 'a2'), relocation(2, 0, 's01', 1, 'b2')];
    expect(invert(moves)).toEqual([
      { kind: 'relocate', shard: 's01', replica: 1, successor: 1, destination: 'b1' },
      { kind: 'relocate', shard: 's00', replica: 0, successor: 0, destination: 'a1' },
    ]);
  });

  test('leave out what did not complete', () => {
    const moves = [relocation(1, 0, 's00', 0, 'a2'), relocation(2, 0, 's01', 1, 'b2')];
    expect(invert(moves, ['failed', 'done']).map((move) => move.shard)).toEqual(['s01']);
    expect(invert(moves, ['skipped', 'aborted'])).toEqual([]);
  });

  test('take a replica that moved twice straight back, and leave one that came back by itself', () => {
    const first = relocation(1, 0, 's00', 0, 'a2');
    const onward = { ...relocation(2, 1, 's00', 0, 'a3'), source: 'a2' };
    const home = { ...relocation(2, 1, 's00', 0, 'a1'), source: 'a2' };
    expect(invert([first, onward]).map((move) => move.destination)).toEqual(['a1']);
    expect(invert([first, home])).toEqual([]);
  });

  test('give the leadership back to who had it, where that replica is now', () => {
    const transfer = {
      ...relocation(1, 0, 's00', 0, 'b1'),
      kind: 'transferLeadership' as const,
      successor: 1,
    };
    const moved = relocation(2, 1, 's00', 0, 'a2');
    expect(invert([transfer, moved])).toEqual([
      { kind: 'transferLeadership', shard: 's00', replica: 1, successor: 0, destination: 'a2' },
      { kind: 'relocate', shard: 's00', replica: 0, successor: 0, destination: 'a1' },
    ]);
  });

  test('bring every replica and every leader back to where they began', () => {
    const step = fc.record({ shard: fc.nat(2), replica: fc.nat(2), to: fc.nat(4), leads: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const fleet = new PlainFleet();
        const moves = steps.flatMap((each, index) => fleet.invent(index, each));
        const before = new PlainFleet().toString();
        for (const move of invert(moves)) fleet.apply(move);
        expect(fleet.toString()).toBe(before);
      }),
    );
  });
});

describe('the plan that was rolled back', () => {
  test('is rolled back when its rollback completed, failed when that ended otherwise', () => {
    expect(statusAfterRollback('executing')).toBeUndefined();
    expect(statusAfterRollback('completed')).toBe('rolledBack');
    expect(statusAfterRollback('cancelled')).toBe('failed');
  });
});

/** Three shards of three replicas: where each is, and who leads. */
class PlainFleet {
  private readonly places = [0, 1, 2].map(() => ['n0', 'n1', 'n2']);
  private readonly leaders = [0, 0, 0];

  /** A move that changes something, carried out; nothing otherwise. */
  invent(
    index: number,
    step: { readonly shard: number; readonly replica: number; readonly to: number; readonly leads: boolean },
  ): Move[] {
    const places = this.places[step.shard] ?? [];
    const leader = this.leaders[step.shard] ?? 0;
    const base = relocation(index, index, `s0${step.shard}`, step.replica, `n${step.to}`);
    if (step.leads) {
      if (leader === step.replica) return [];
      const [source, destination] = [places[leader] ?? '', places[step.replica] ?? ''];
      const successor = step.replica;
      const move: Move = {
        ...base,
        kind: 'transferLeadership',
        replica: leader,
        successor,
        source,
        destination,
      };
      this.apply(move);
      return [move];
    }
    if (places[step.replica] === `n${step.to}`) return [];
    const move = { ...base, source: places[step.replica] ?? '' };
    this.apply(move);
    return [move];
  }

  apply(move: Pick<Move, 'kind' | 'shard' | 'replica' | 'successor' | 'destination'>): void {
    const shard = Number(move.shard.slice(1));
    const places = this.places[shard] ?? [];
    if (move.kind === 'relocate') {
      places[move.replica] = move.destination;
      return;
    }
    expect(this.leaders[shard]).toBe(move.replica);
    expect(places[move.successor]).toBe(move.destination);
    this.leaders[shard] = move.successor;
  }

  toString(): string {
    return JSON.stringify([this.places, this.leaders]);
  }
}
