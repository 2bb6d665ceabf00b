import type { Move, MoveFailure } from '../domain/move.ts';
import type { Replica, ReplicaSet } from '../domain/telemetry-sample.ts';

/** What the registry says about a move that has not begun. */
export type Precondition =
  | { readonly kind: 'holds'; readonly version: number }
  /** The replica is (the successor leads) where the move would put it. */
  | { readonly kind: 'satisfied'; readonly version: number }
  | { readonly kind: 'drifted'; readonly failure: MoveFailure };

/** Codes of failures that mean the world is not the one that the plan was made for. */
const driftCodes: ReadonlySet<string> = new Set(['PLAN_DRIFTED', 'MOVE_VERSION_CONFLICT']);

export function isDrift(failure: MoveFailure | null): boolean {
  return failure !== null && driftCodes.has(failure.code);
}

/** Compares owner and version with what the move expects; the difference is in the failure's message. */
export function checkPrecondition(move: Move, expectedVersion: number, found: ReplicaSet): Precondition {
  if (isInPlace(move, found)) return { kind: 'satisfied', version: found.version };
  const moving = replicaOf(found, move.replica);
  if (!moving) return drifted(move, `has no replica ${move.replica} any more`);
  if (moving.node !== move.source) {
    return drifted(
      move,
      `has replica ${move.replica} on ${moving.node}, the plan expects it on ${move.source}`,
    );
  }
  if (move.kind === 'transferLeadership') {
    if (!moving.leads) return drifted(move, `is not led by replica ${move.replica}, as the plan expects`);
    const successor = replicaOf(found, move.successor);
    if (successor?.node !== move.destination) {
      const actual = successor ? `on ${successor.node}` : 'nowhere';
      return drifted(
        move,
        `has replica ${move.successor} ${actual}, the plan expects it on ${move.destination}`,
      );
    }
  }
  if (found.version !== expectedVersion) {
    return drifted(move, `is in version ${found.version}, the plan expects ${expectedVersion}`);
  }
  return { kind: 'holds', version: found.version };
}

/** Whether the registry shows what the move was to bring about. */
export function isInPlace(move: Move, found: ReplicaSet): boolean {
  if (move.kind === 'transferLeadership') return replicaOf(found, move.successor)?.leads === true;
  return replicaOf(found, move.replica)?.node === move.destination;
}

/** Where the registry has it, for people. */
export function describePlace(move: Move, found: ReplicaSet): string {
  const leader = found.replicas.find((each) => each.leads);
  const owner = replicaOf(found, move.replica)?.node ?? 'nowhere';
  return `replica ${move.replica} on ${owner}, leader ${leader ? leader.number : 'none'}, version ${found.version}`;
}

function replicaOf(set: ReplicaSet, number: number): Replica | undefined {
  return set.replicas.find((each) => each.number === number);
}

function drifted(move: Move, difference: string): Precondition {
  return {
    kind: 'drifted',
    failure: { code: 'PLAN_DRIFTED', message: `shard ${move.shard} ${difference}` },
  };
}
