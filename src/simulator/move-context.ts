import { err, ok, type Result } from '../base/result.ts';
import type { MoverAnswer, MoverCall } from '../ports/shard-mover.ts';
import type { FleetCopies } from './fleet-copies.ts';
import type { FleetLoads } from './fleet-loads.ts';
import type { FleetRegistry } from './fleet-registry.ts';
import type { FleetSignals } from './fleet-signals.ts';
import { type FleetState, isAlive, rowOf } from './fleet-state.ts';
import type { FleetStatistics } from './fleet-statistics.ts';
import type { FleetTime } from './fleet-time.ts';
import type { FleetMove, MoveBook, MoveTarget } from './move-book.ts';
import {
  otherMove,
  type Refusal,
  refused,
  staleToken,
  unknownNamespace,
  unknownNode,
  unknownShard,
} from './move-refusals.ts';

/** What the steps of moves work on. */
export interface MoveContext {
  readonly state: FleetState;
  readonly time: FleetTime;
  readonly registry: FleetRegistry;
  readonly loads: FleetLoads;
  readonly signals: FleetSignals;
  readonly copies: FleetCopies;
  readonly statistics: FleetStatistics;
  readonly book: MoveBook;
  /** The newest fencing token that was seen for the namespace. */
  newestToken: number;
}

/** The checks that every call that may change something passes first. */
export function admit(context: MoveContext, call: MoverCall): Result<MoveTarget, Refusal> {
  const { namespace } = context.state.blueprint;
  context.statistics.call(call.moveKey);
  if (call.namespace !== namespace) return err(unknownNamespace(call, namespace));
  if (call.fencingToken < context.newestToken) return err(staleToken(call, context.newestToken));
  context.newestToken = call.fencingToken;
  context.copies.refresh();
  const target = locate(context.state, call);
  const known = context.book.get(call.moveKey);
  if (!target.ok || !known) return target;
  known.calledAt = context.time.now();
  return isSame(known, target.value, call) ? target : err(otherMove(call));
}

function locate(state: FleetState, call: MoverCall): Result<MoveTarget, Refusal> {
  const shard = state.shardIndex.get(call.shard);
  if (shard === undefined) return err(unknownShard(call));
  const source = state.nodeIndex.get(call.source);
  if (source === undefined) return err(unknownNode(call.source));
  const destination = state.nodeIndex.get(call.destination);
  if (destination === undefined) return err(unknownNode(call.destination));
  const row = rowOf(state, shard, call.replica);
  const successorRow = rowOf(state, shard, call.successor);
  if (row < 0 || successorRow < 0) {
    const message = `shard ${call.shard} has no replica ${row < 0 ? call.replica : call.successor}`;
    return err(refused(message, `shard/${call.shard}`, false));
  }
  return ok({ shard, row, successorRow, source, destination });
}

function isSame(known: FleetMove, target: MoveTarget, call: MoverCall): boolean {
  return (
    known.call.kind === call.kind &&
    known.shard === target.shard &&
    known.row === target.row &&
    known.successorRow === target.successorRow &&
    known.source === target.source &&
    known.destination === target.destination
  );
}

/** What a step answers when it has ended: the version that the move made, or else the shard's. */
export function doneWith(context: MoveContext, move: FleetMove): MoverAnswer {
  return { kind: 'done', version: move.transferredVersion || context.registry.version(move.shard) };
}

export function deadDestination(
  context: MoveContext,
  call: MoverCall,
  target: MoveTarget,
): Refusal | undefined {
  if (isAlive(context.state, target.destination)) return undefined;
  return refused(`the destination ${call.destination} is dead`, `node/${call.destination}`, false);
}

/** Holds the replica's transient resources on the node, in place of what the move held before. */
export function holdAt(context: MoveContext, move: FleetMove, node: number): void {
  dropHold(context, move);
  move.hold = { row: move.row, node };
  context.state.holds.add(move.hold);
  context.loads.shift(move.row, node, 1, 'transient');
}

export function dropHold(context: MoveContext, move: FleetMove): void {
  if (!move.hold) return;
  context.state.holds.delete(move.hold);
  context.loads.shift(move.row, move.hold.node, -1, 'transient');
  move.hold = undefined;
}

export function countOverCommit(context: MoveContext, node: number): void {
  if (context.loads.exceedsCapacity(node)) context.statistics.overCommit();
}

/** What the registry remembers of a change that a move made. */
export function historyOf(call: MoverCall): { actor: string; reason: string; changeTicket: string } {
  return { actor: 'shard-mover', reason: `move ${call.moveKey}`, changeTicket: call.changeTicket };
}
