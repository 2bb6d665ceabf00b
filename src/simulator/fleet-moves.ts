import type { MoverAnswer, MoverCall, MoverStatusAnswer } from '../ports/shard-mover.ts';
import { transferLeadership } from './leadership-step.ts';
import { createMoveBook, type FleetMove } from './move-book.ts';
import { admit, doneWith, type MoveContext } from './move-context.ts';
import { refused, unknownMove } from './move-refusals.ts';
import {
  beginDrain,
  beginRelocation,
  releaseRelocation,
  settleCopy,
  settleDrain,
  transferRelocation,
  undoRelocation,
} from './relocation-steps.ts';

/**
 * The mover's steps, carried out at once on the fleet's state; `fleet-mover.ts` puts the network before them. Each is
 * idempotent by the move's key. A leadership transfer has the one step `transfer`; its others are done as they come.
 */
export interface FleetMoves {
  prepare(call: MoverCall): MoverAnswer;
  drain(call: MoverCall): MoverAnswer;
  transfer(call: MoverCall): MoverAnswer;
  release(call: MoverCall): MoverAnswer;
  abort(call: MoverCall): MoverAnswer;
  status(call: MoverCall): MoverStatusAnswer;
}

export function createFleetMoves(parts: Omit<MoveContext, 'book' | 'newestToken'>): FleetMoves {
  const context: MoveContext = { ...parts, book: createMoveBook(), newestToken: 0 };
  return {
    prepare: (call) => prepare(context, call),
    drain: (call) => drain(context, call),
    transfer: (call) => transfer(context, call),
    release: (call) => release(context, call),
    abort: (call) => abort(context, call),
    status: (call) => status(context, call),
  };
}

function prepare(context: MoveContext, call: MoverCall): MoverAnswer {
  const admitted = admit(context, call);
  if (!admitted.ok) return admitted.error;
  if (call.kind === 'transferLeadership') return nothingToDo(context, admitted.value.shard);
  const move = context.book.get(call.moveKey) ?? beginRelocation(context, call, admitted.value);
  if ('kind' in move) return move;
  if (move.phase === 'aborted') return wasAborted(move);
  return move.phase === 'preparing' ? settleCopy(context, move) : doneWith(context, move);
}

function drain(context: MoveContext, call: MoverCall): MoverAnswer {
  const admitted = admit(context, call);
  if (!admitted.ok) return admitted.error;
  if (call.kind === 'transferLeadership') return nothingToDo(context, admitted.value.shard);
  const move = context.book.get(call.moveKey);
  if (!move) return unknownMove(call);
  if (move.phase === 'aborted') return wasAborted(move);
  if (move.phase === 'preparing') {
    const copied = settleCopy(context, move);
    if (copied.kind === 'inProgress') {
      return refused(`the copy of move ${call.moveKey} has not ended`, `move/${call.moveKey}`, true);
    }
    if (copied.kind !== 'done') return copied;
  }
  if (move.phase === 'prepared') beginDrain(context, move);
  settleDrain(context, move);
  if (move.phase !== 'draining') return doneWith(context, move);
  const bytes = move.copy?.bytesTotal ?? 0;
  return { kind: 'inProgress', bytesCopied: bytes, bytesTotal: bytes };
}

function transfer(context: MoveContext, call: MoverCall): MoverAnswer {
  const admitted = admit(context, call);
  if (!admitted.ok) return admitted.error;
  const move = context.book.get(call.moveKey);
  if (move?.phase === 'aborted') return wasAborted(move);
  if (move && hasTransferred(move)) return doneWith(context, move);
  if (call.kind === 'transferLeadership') return transferLeadership(context, call, admitted.value);
  return move ? transferRelocation(context, call, move) : unknownMove(call);
}

function release(context: MoveContext, call: MoverCall): MoverAnswer {
  const admitted = admit(context, call);
  if (!admitted.ok) return admitted.error;
  const move = context.book.get(call.moveKey);
  if (!move) return unknownMove(call);
  if (move.phase === 'aborted') return wasAborted(move);
  if (!hasTransferred(move)) {
    return refused(`move ${call.moveKey} is ${move.phase}, not transferred`, `move/${call.moveKey}`, false);
  }
  if (move.phase === 'transferred' && call.kind === 'relocate') releaseRelocation(context, move);
  return doneWith(context, move);
}

function abort(context: MoveContext, call: MoverCall): MoverAnswer {
  const admitted = admit(context, call);
  if (!admitted.ok) return admitted.error;
  const { book, time } = context;
  const move = book.get(call.moveKey);
  // A key that never arrived is remembered as aborted, so that a call that is still under way does nothing.
  if (!move) return doneWith(context, book.remember(call, admitted.value, 'aborted', time.now()));
  if (hasTransferred(move)) {
    const message = `move ${call.moveKey} has transferred ownership and cannot be aborted`;
    return refused(message, `move/${call.moveKey}`, false);
  }
  if (move.phase !== 'aborted') undoRelocation(context, move);
  return doneWith(context, move);
}

function status(context: MoveContext, call: MoverCall): MoverStatusAnswer {
  context.copies.refresh();
  const move = context.book.get(call.moveKey);
  if (!move) return { kind: 'unknownMove' };
  if (move.phase === 'preparing') settleCopy(context, move);
  settleDrain(context, move);
  return { kind: 'known', phase: move.phase, version: context.registry.version(move.shard) };
}

function hasTransferred(move: FleetMove): boolean {
  return move.phase === 'transferred' || move.phase === 'released';
}

function nothingToDo(context: MoveContext, shard: number): MoverAnswer {
  return { kind: 'done', version: context.registry.version(shard) };
}

function wasAborted(move: FleetMove): MoverAnswer {
  return refused(`move ${move.call.moveKey} was aborted`, `move/${move.call.moveKey}`, false);
}
