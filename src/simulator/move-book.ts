import type { MoverCall, MoverPhase } from '../ports/shard-mover.ts';
import type { Copy } from './fleet-copies.ts';
import type { Hold } from './fleet-state.ts';

/** What a call names, found in the fleet: indices of the shard and the nodes, rows of the replicas. */
export interface MoveTarget {
  readonly shard: number;
  readonly row: number;
  readonly successorRow: number;
  readonly source: number;
  readonly destination: number;
}

/** A move that the fleet knows. */
export interface FleetMove extends MoveTarget {
  readonly call: MoverCall;
  phase: MoverPhase;
  copy: Copy | undefined;
  /** What is held beside the assignment: at the destination before the transfer, at the source after it. */
  hold: Hold | undefined;
  /** In the fleet's time. */
  drainEndsAt: number;
  /** The shard's version when the transfer took effect; 0 before. */
  transferredVersion: number;
  /** When somebody last asked, in the fleet's time. */
  calledAt: number;
}

/** Every move by its key, and the one in flight of each shard. */
export interface MoveBook {
  get(moveKey: string): FleetMove | undefined;
  remember(call: MoverCall, target: MoveTarget, phase: MoverPhase, now: number): FleetMove;
  inFlight(shard: number): FleetMove | undefined;
  setInFlight(move: FleetMove): void;
  clearInFlight(move: FleetMove): void;
}

/** Ended moves whose keys are remembered, so that a late repetition of a call finds what it did. */
const maxRememberedMoves = 200_000;

export function createMoveBook(): MoveBook {
  const moves = new Map<string, FleetMove>();
  const ofShards = new Map<number, FleetMove>();

  function forgetOldestEnded(): void {
    for (const [key, move] of moves) {
      if (ofShards.get(move.shard) === move) continue;
      moves.delete(key);
      return;
    }
  }

  return {
    get: (moveKey) => moves.get(moveKey),
    remember(call, target, phase, now) {
      if (moves.size >= maxRememberedMoves) forgetOldestEnded();
      const begun = { copy: undefined, hold: undefined, drainEndsAt: 0, transferredVersion: 0 };
      const move: FleetMove = { ...target, ...begun, call, phase, calledAt: now };
      moves.set(call.moveKey, move);
      return move;
    },
    inFlight: (shard) => ofShards.get(shard),
    setInFlight(move) {
      ofShards.set(move.shard, move);
    },
    clearInFlight(move) {
      if (ofShards.get(move.shard) === move) ofShards.delete(move.shard);
    },
  };
}
