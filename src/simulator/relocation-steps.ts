import type { MoverAnswer, MoverCall } from '../ports/shard-mover.ts';
import { assign, isAlive, rowOn } from './fleet-state.ts';
import type { FleetMove, MoveTarget } from './move-book.ts';
import {
  countOverCommit,
  deadDestination,
  doneWith,
  dropHold,
  historyOf,
  holdAt,
  type MoveContext,
} from './move-context.ts';
import { type Refusal, refused, versionConflict } from './move-refusals.ts';

/** A move that nobody has asked about for this long (the fleet's milliseconds) gives way to another of its shard. */
const abandonedAfterMs = 3_600_000;

/** Begins the copy, if nothing stands against it; make before break: the source keeps the replica. */
export function beginRelocation(
  context: MoveContext,
  call: MoverCall,
  target: MoveTarget,
): FleetMove | Refusal {
  const refusal = obstacle(context, call, target);
  if (refusal) return refusal;
  const { book, copies, loads, statistics, time } = context;
  const move = book.remember(call, target, 'preparing', time.now());
  book.setInFlight(move);
  loads.refresh();
  holdAt(context, move, target.destination);
  countOverCommit(context, target.destination);
  move.copy = copies.start(target.row, target.destination);
  statistics.moveBegan();
  statistics.effect(call.moveKey, 'prepares');
  return move;
}

function obstacle(context: MoveContext, call: MoverCall, target: MoveTarget): Refusal | undefined {
  const { book, registry, state, time } = context;
  const subject = `shard/${call.shard}`;
  const other = book.inFlight(target.shard);
  if (other && time.now() - other.calledAt <= abandonedAfterMs) {
    return refused(`move ${other.call.moveKey} of ${call.shard} is in flight`, subject, true);
  }
  if (other?.phase === 'transferred') releaseRelocation(context, other);
  else if (other) undoRelocation(context, other);
  const version = registry.version(target.shard);
  if (call.expectedVersion !== version) return versionConflict(call, version);
  if (state.replicaNodes[target.row] !== target.source) {
    return refused(`replica ${call.replica} of ${call.shard} is not on ${call.source}`, subject, false);
  }
  if (rowOn(state, target.shard, target.destination) >= 0) {
    return refused(`${call.destination} has a replica of ${call.shard} already`, subject, false);
  }
  return deadDestination(context, call, target);
}

/** How the copy of a move that is `preparing` stands; when it is complete, the move is `prepared`. */
export function settleCopy(context: MoveContext, move: FleetMove): MoverAnswer {
  const { copy, call } = move;
  const dead = deadDestination(context, call, move);
  if (dead) return dead;
  if (copy && copy.bytesCopied < copy.bytesTotal) {
    if (!copy.hasSource) {
      const message = `no healthy replica of ${call.shard} is left to copy from`;
      return refused(message, `shard/${call.shard}`, true);
    }
    return { kind: 'inProgress', bytesCopied: Math.floor(copy.bytesCopied), bytesTotal: copy.bytesTotal };
  }
  move.phase = 'prepared';
  return doneWith(context, move);
}

/** Parks the source. It needs a least time and the time of what waits in its queue; a dead one has nothing to end. */
export function beginDrain(context: MoveContext, move: FleetMove): void {
  const { signals, state, statistics, time } = context;
  const works = isAlive(state, move.source);
  const lastsMs = works ? state.blueprint.behaviour.drainMs + signals.queueWorkMs(move.source) : 0;
  move.phase = 'draining';
  move.drainEndsAt = time.now() + lastsMs;
  statistics.effect(move.call.moveKey, 'drains');
}

/** When the source has ended its work, the move is `drained`. */
export function settleDrain(context: MoveContext, move: FleetMove): void {
  const over = context.time.now() >= move.drainEndsAt || !isAlive(context.state, move.source);
  if (move.phase === 'draining' && over) move.phase = 'drained';
}

/** Compare-and-set of the replica's place on the shard's version. */
export function transferRelocation(context: MoveContext, call: MoverCall, move: FleetMove): MoverAnswer {
  settleDrain(context, move);
  if (move.phase !== 'drained') {
    return refused(`move ${call.moveKey} is ${move.phase}, not drained`, `move/${call.moveKey}`, true);
  }
  const { loads, registry, state, statistics } = context;
  const dead = deadDestination(context, call, move);
  if (dead) return dead;
  const version = registry.version(move.shard);
  if (call.expectedVersion !== version) return versionConflict(call, version);
  loads.refresh();
  move.transferredVersion = registry.record(move.shard, historyOf(call), () => {
    dropHold(context, move);
    loads.shift(move.row, move.source, -1, 'all');
    assign(state, move.row, move.destination);
    loads.shift(move.row, move.destination, 1, 'all');
    holdAt(context, move, move.source);
  });
  move.phase = 'transferred';
  countOverCommit(context, move.destination);
  statistics.effect(call.moveKey, 'transfers');
  statistics.observeShard(move.shard);
  return doneWith(context, move);
}

/** Frees the source. */
export function releaseRelocation(context: MoveContext, move: FleetMove): void {
  context.statistics.effect(move.call.moveKey, 'releases');
  endRelocation(context, move, 'released');
}

/** Undoes a move that has not transferred. */
export function undoRelocation(context: MoveContext, move: FleetMove): void {
  if (move.copy) context.copies.cancel(move.copy);
  context.statistics.effect(move.call.moveKey, 'aborts');
  endRelocation(context, move, 'aborted');
}

function endRelocation(context: MoveContext, move: FleetMove, phase: 'released' | 'aborted'): void {
  dropHold(context, move);
  move.copy = undefined;
  move.phase = phase;
  context.book.clearInFlight(move);
  context.statistics.moveEnded();
}
