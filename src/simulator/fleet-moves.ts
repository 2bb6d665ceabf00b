import { ok, type Result } from '../base/result.ts';
import type { MoverAnswer, MoverCall, MoverPhase, MoverStatusAnswer } from '../ports/shard-mover.ts';
import type { Copy, FleetCopies } from './fleet-copies.ts';
import type { FleetLoads } from './fleet-loads.ts';
import type { FleetRegistry } from './fleet-registry.ts';
import type { FleetSignals } from './fleet-signals.ts';
import {
  assign,
  exchangeLeadership,
  type FleetState,
  type Hold,
  isAlive,
  rowOf,
  rowOn,
} from './fleet-state.ts';
import type { FleetStatistics } from './fleet-statistics.ts';
import type { FleetTime } from './fleet-time.ts';
import {
  otherMove,
  type Refusal,
  refused,
  staleToken,
  unknownMove,
  unknownNamespace,
  unknownNode,
  unknownShard,
  versionConflict,
} from './move-refusals.ts';

/** The mover's steps, carried out at once on the fleet's state; `fleet-mover.ts` puts the network before them. */
export interface FleetMoves {
  prepare(call: MoverCall): MoverAnswer;
  drain(call: MoverCall): MoverAnswer;
  transfer(call: MoverCall): MoverAnswer;
  release(call: MoverCall): MoverAnswer;
  abort(call: MoverCall): MoverAnswer;
  status(call: MoverCall): MoverStatusAnswer;
}

export interface FleetMovesParts {
  readonly state: FleetState;
  readonly time: FleetTime;
  readonly registry: FleetRegistry;
  readonly loads: FleetLoads;
  readonly signals: FleetSignals;
  readonly copies: FleetCopies;
  readonly statistics: FleetStatistics;
}

/** Ended moves whose keys are remembered, so that a late repetition of a call finds what it did. */
const maxRememberedMoves = 200_000;
/** A move that nobody has asked about for this long (the fleet's milliseconds) gives way to another of its shard. */
const abandonedAfterMs = 3_600_000;

/** What a call names, found in the fleet. */
interface Target {
  readonly shard: number;
  readonly row: number;
  readonly successorRow: number;
  readonly source: number;
  readonly destination: number;
}

interface FleetMove extends Target {
  readonly call: MoverCall;
  phase: MoverPhase;
  copy: Copy | undefined;
  /** What is held beside the assignment: at the destination before the transfer, at the source after it. */
  hold: Hold | undefined;
  drainEndsAt: number;
  /** The shard's version when the transfer took effect. */
  transferredVersion: number;
  calledAt: number;
}

export function createFleetMoves(parts: FleetMovesParts): FleetMoves {
  const { state, time, registry, loads, signals, copies, statistics } = parts;
  const { namespace } = state.blueprint;
  const moves = new Map<string, FleetMove>();
  const movesOfShards = new Map<number, FleetMove>();
  let newestToken = 0;

  /** The checks that every call that may change something passes first. */
  function admit(call: MoverCall): Result<Target, Refusal> {
    statistics.call(call.moveKey);
    if (call.namespace !== namespace) return { ok: false, error: unknownNamespace(call, namespace) };
    if (call.fencingToken < newestToken) return { ok: false, error: staleToken(call, newestToken) };
    newestToken = call.fencingToken;
    copies.refresh();
    const target = locate(call);
    if (!target.ok) return target;
    const known = moves.get(call.moveKey);
    if (!known) return target;
    known.calledAt = time.now();
    const same =
      known.shard === target.value.shard &&
      known.row === target.value.row &&
      known.successorRow === target.value.successorRow &&
      known.destination === target.value.destination &&
      known.call.kind === call.kind;
    return same ? target : { ok: false, error: otherMove(call) };
  }

  function locate(call: MoverCall): Result<Target, Refusal> {
    const shard = state.shardIndex.get(call.shard);
    if (shard === undefined) return { ok: false, error: unknownShard(call) };
    const source = state.nodeIndex.get(call.source);
    if (source === undefined) return { ok: false, error: unknownNode(call.source) };
    const destination = state.nodeIndex.get(call.destination);
    if (destination === undefined) return { ok: false, error: unknownNode(call.destination) };
    const row = rowOf(state, shard, call.replica);
    const successorRow = rowOf(state, shard, call.successor);
    if (row < 0 || successorRow < 0) {
      const message = `shard ${call.shard} has no replica ${row < 0 ? call.replica : call.successor}`;
      return { ok: false, error: refused(message, `shard/${call.shard}`, false) };
    }
    return ok({ shard, row, successorRow, source, destination });
  }

  function remember(call: MoverCall, target: Target, phase: MoverPhase): FleetMove {
    const move: FleetMove = {
      ...target,
      call,
      phase,
      copy: undefined,
      hold: undefined,
      drainEndsAt: 0,
      transferredVersion: 0,
      calledAt: time.now(),
    };
    moves.set(call.moveKey, move);
    if (moves.size > maxRememberedMoves) forgetOldest();
    return move;
  }

  function forgetOldest(): void {
    for (const [key, move] of moves) {
      if (movesOfShards.get(move.shard) === move) continue;
      moves.delete(key);
      return;
    }
  }

  /** Why a relocation cannot begin; undefined when it can. */
  function obstacle(call: MoverCall, target: Target): Refusal | undefined {
    const subject = `shard/${call.shard}`;
    const other = movesOfShards.get(target.shard);
    if (other && time.now() - other.calledAt > abandonedAfterMs) undo(other);
    else if (other) return refused(`move ${other.call.moveKey} of ${call.shard} is in flight`, subject, true);
    const version = registry.version(target.shard);
    if (call.expectedVersion !== version) return versionConflict(call, version);
    if (state.replicaNodes[target.row] !== target.source) {
      return refused(`replica ${call.replica} of ${call.shard} is not on ${call.source}`, subject, false);
    }
    if (rowOn(state, target.shard, target.destination) >= 0) {
      return refused(`${call.destination} has a replica of ${call.shard} already`, subject, false);
    }
    return deadDestination(call, target);
  }

  function deadDestination(call: MoverCall, target: Target): Refusal | undefined {
    if (isAlive(state, target.destination)) return undefined;
    return refused(`the destination ${call.destination} is dead`, `node/${call.destination}`, false);
  }

  function hold(move: FleetMove, node: number): void {
    drop(move);
    move.hold = { row: move.row, node };
    state.holds.add(move.hold);
    loads.shift(move.row, node, 1, 'transient');
  }

  function drop(move: FleetMove): void {
    if (!move.hold) return;
    state.holds.delete(move.hold);
    loads.shift(move.row, move.hold.node, -1, 'transient');
    move.hold = undefined;
  }

  function countOverCommit(node: number): void {
    if (loads.exceedsCapacity(node)) statistics.overCommit();
  }

  function begin(call: MoverCall, target: Target): FleetMove {
    const move = remember(call, target, 'preparing');
    movesOfShards.set(target.shard, move);
    loads.refresh();
    hold(move, target.destination);
    countOverCommit(target.destination);
    move.copy = copies.start(target.row, target.destination);
    statistics.moveBegan();
    statistics.effect(call.moveKey, 'prepares');
    return move;
  }

  function end(move: FleetMove, phase: 'released' | 'aborted'): void {
    drop(move);
    move.copy = undefined;
    move.phase = phase;
    if (movesOfShards.get(move.shard) === move) movesOfShards.delete(move.shard);
    statistics.moveEnded();
  }

  function undo(move: FleetMove): void {
    if (move.copy) copies.cancel(move.copy);
    statistics.effect(move.call.moveKey, 'aborts');
    end(move, 'aborted');
  }

  const done = (move: FleetMove): MoverAnswer => ({
    kind: 'done',
    version: move.transferredVersion || registry.version(move.shard),
  });

  function aborted(move: FleetMove): Refusal {
    return refused(`move ${move.call.moveKey} was aborted`, `move/${move.call.moveKey}`, false);
  }

  function prepare(call: MoverCall): MoverAnswer {
    const admitted = admit(call);
    if (!admitted.ok) return admitted.error;
    let move = moves.get(call.moveKey);
    if (!move) {
      if (call.kind === 'transferLeadership')
        return { kind: 'done', version: registry.version(admitted.value.shard) };
      const refusal = obstacle(call, admitted.value);
      if (refusal) return refusal;
      move = begin(call, admitted.value);
    }
    if (move.phase === 'aborted') return aborted(move);
    return move.phase === 'preparing' ? goOnPreparing(move) : done(move);
  }

  function goOnPreparing(move: FleetMove): MoverAnswer {
    const dead = deadDestination(move.call, move);
    if (dead) return dead;
    const copy = move.copy;
    if (copy && copy.bytesCopied < copy.bytesTotal) {
      if (!copy.hasSource) {
        const message = `no healthy replica of ${move.call.shard} is left to copy from`;
        return refused(message, `shard/${move.call.shard}`, true);
      }
      return { kind: 'inProgress', bytesCopied: Math.floor(copy.bytesCopied), bytesTotal: copy.bytesTotal };
    }
    move.phase = 'prepared';
    return done(move);
  }

  function drain(call: MoverCall): MoverAnswer {
    const admitted = admit(call);
    if (!admitted.ok) return admitted.error;
    if (call.kind === 'transferLeadership')
      return { kind: 'done', version: registry.version(admitted.value.shard) };
    const move = moves.get(call.moveKey);
    if (!move) return unknownMove(call);
    if (move.phase === 'aborted') return aborted(move);
    if (move.phase === 'preparing') {
      const prepared = goOnPreparing(move);
      if (prepared.kind === 'inProgress') {
        return refused(`the copy of move ${call.moveKey} has not ended`, `move/${call.moveKey}`, true);
      }
      if (prepared.kind !== 'done') return prepared;
    }
    if (move.phase === 'prepared') {
      move.phase = 'draining';
      const works = isAlive(state, move.source);
      const lasts = works ? state.blueprint.behaviour.drainMs + signals.queueWorkMs(move.source) : 0;
      move.drainEndsAt = time.now() + lasts;
      statistics.effect(call.moveKey, 'drains');
    }
    settleDrain(move);
    if (move.phase !== 'draining') return done(move);
    const bytes = move.copy?.bytesTotal ?? 0;
    return { kind: 'inProgress', bytesCopied: bytes, bytesTotal: bytes };
  }

  function settleDrain(move: FleetMove): void {
    const over = time.now() >= move.drainEndsAt || !isAlive(state, move.source);
    if (move.phase === 'draining' && over) move.phase = 'drained';
  }

  function transfer(call: MoverCall): MoverAnswer {
    const admitted = admit(call);
    if (!admitted.ok) return admitted.error;
    const known = moves.get(call.moveKey);
    if (known?.phase === 'transferred' || known?.phase === 'released') return done(known);
    if (known?.phase === 'aborted') return aborted(known);
    if (call.kind === 'transferLeadership') return transferLeadership(call, admitted.value);
    if (!known) return unknownMove(call);
    settleDrain(known);
    if (known.phase !== 'drained') {
      return refused(`move ${call.moveKey} is ${known.phase}, not drained`, `move/${call.moveKey}`, true);
    }
    const dead = deadDestination(call, known);
    if (dead) return dead;
    const version = registry.version(known.shard);
    if (call.expectedVersion !== version) return versionConflict(call, version);
    loads.refresh();
    known.transferredVersion = registry.record(known.shard, historyOf(call), () => {
      drop(known);
      loads.shift(known.row, known.source, -1, 'all');
      assign(state, known.row, known.destination);
      loads.shift(known.row, known.destination, 1, 'all');
      hold(known, known.source);
    });
    known.phase = 'transferred';
    countOverCommit(known.destination);
    statistics.effect(call.moveKey, 'transfers');
    statistics.observeShard(known.shard);
    return done(known);
  }

  function transferLeadership(call: MoverCall, target: Target): MoverAnswer {
    const subject = `shard/${call.shard}`;
    const version = registry.version(target.shard);
    if (call.expectedVersion !== version) return versionConflict(call, version);
    if (state.replicaLeads[target.row] !== 1) {
      return refused(`replica ${call.replica} of ${call.shard} does not lead`, subject, false);
    }
    if (
      target.row === target.successorRow ||
      state.replicaNodes[target.successorRow] !== target.destination
    ) {
      const message = `replica ${call.successor} of ${call.shard} is not another one on ${call.destination}`;
      return refused(message, subject, false);
    }
    const dead = deadDestination(call, target);
    if (dead) return dead;
    const other = movesOfShards.get(target.shard);
    if (other) return refused(`move ${other.call.moveKey} of ${call.shard} is in flight`, subject, true);
    const move = remember(call, target, 'transferred');
    statistics.moveBegan();
    loads.refresh();
    move.transferredVersion = registry.record(target.shard, historyOf(call), () => {
      shiftBoth(target, -1);
      exchangeLeadership(state, target.row, target.successorRow);
      shiftBoth(target, 1);
    });
    countOverCommit(target.destination);
    statistics.effect(call.moveKey, 'transfers');
    statistics.moveEnded();
    return done(move);
  }

  function shiftBoth(target: Target, sign: 1 | -1): void {
    loads.shift(target.row, state.replicaNodes[target.row] ?? 0, sign, 'all');
    loads.shift(target.successorRow, target.destination, sign, 'all');
  }

  function release(call: MoverCall): MoverAnswer {
    const admitted = admit(call);
    if (!admitted.ok) return admitted.error;
    const move = moves.get(call.moveKey);
    if (!move) return unknownMove(call);
    if (move.phase === 'aborted') return aborted(move);
    if (move.phase === 'released') return done(move);
    if (move.phase !== 'transferred') {
      return refused(`move ${call.moveKey} is ${move.phase}, not transferred`, `move/${call.moveKey}`, false);
    }
    if (call.kind === 'transferLeadership') return done(move);
    statistics.effect(call.moveKey, 'releases');
    end(move, 'released');
    return done(move);
  }

  function abort(call: MoverCall): MoverAnswer {
    const admitted = admit(call);
    if (!admitted.ok) return admitted.error;
    const known = moves.get(call.moveKey);
    if (known?.phase === 'transferred' || known?.phase === 'released') {
      const message = `move ${call.moveKey} has transferred ownership and cannot be aborted`;
      return refused(message, `move/${call.moveKey}`, false);
    }
    // A key that never arrived is remembered as aborted, so that a call that is still under way does nothing.
    if (!known) return done(remember(call, admitted.value, 'aborted'));
    if (known.phase !== 'aborted') undo(known);
    return done(known);
  }

  function status(call: MoverCall): MoverStatusAnswer {
    copies.refresh();
    const move = moves.get(call.moveKey);
    if (!move) return { kind: 'unknownMove' };
    if (move.phase === 'preparing') goOnPreparing(move);
    settleDrain(move);
    return { kind: 'known', phase: move.phase, version: registry.version(move.shard) };
  }

  return { prepare, drain, transfer, release, abort, status };
}

function historyOf(call: MoverCall): { actor: string; reason: string; changeTicket: string } {
  return { actor: 'shard-mover', reason: `move ${call.moveKey}`, changeTicket: call.changeTicket };
}
