import type { MoverAnswer, MoverCall } from '../ports/shard-mover.ts';
import { exchangeLeadership } from './fleet-state.ts';
import type { MoveTarget } from './move-book.ts';
import { countOverCommit, deadDestination, doneWith, historyOf, type MoveContext } from './move-context.ts';
import { type Refusal, refused, versionConflict } from './move-refusals.ts';

/** Lets another replica lead, in one step: no data moves, but the leader's load does. */
export function transferLeadership(context: MoveContext, call: MoverCall, target: MoveTarget): MoverAnswer {
  const refusal = obstacle(context, call, target);
  if (refusal) return refusal;
  const { book, loads, registry, state, statistics, time } = context;
  const shiftBoth = (sign: 1 | -1): void => {
    loads.shift(target.row, state.replicaNodes[target.row] ?? 0, sign, 'all');
    loads.shift(target.successorRow, target.destination, sign, 'all');
  };
  const move = book.remember(call, target, 'transferred', time.now());
  statistics.moveBegan();
  loads.refresh();
  move.transferredVersion = registry.record(target.shard, historyOf(call), () => {
    shiftBoth(-1);
    exchangeLeadership(state, target.row, target.successorRow);
    shiftBoth(1);
  });
  countOverCommit(context, target.destination);
  statistics.effect(call.moveKey, 'transfers');
  statistics.moveEnded();
  return doneWith(context, move);
}

function obstacle(context: MoveContext, call: MoverCall, target: MoveTarget): Refusal | undefined {
  const { book, registry, state } = context;
  const subject = `shard/${call.shard}`;
  const version = registry.version(target.shard);
  if (call.expectedVersion !== version) return versionConflict(call, version);
  if (state.replicaLeads[target.row] !== 1 || state.replicaNodes[target.row] !== target.source) {
    return refused(
      `replica ${call.replica} of ${call.shard} does not lead on ${call.source}`,
      subject,
      false,
    );
  }
  if (target.row === target.successorRow || state.replicaNodes[target.successorRow] !== target.destination) {
    const message = `replica ${call.successor} of ${call.shard} is not another one on ${call.destination}`;
    return refused(message, subject, false);
  }
  const other = book.inFlight(target.shard);
  if (other) return refused(`move ${other.call.moveKey} of ${call.shard} is in flight`, subject, true);
  return deadDestination(context, call, target);
}
