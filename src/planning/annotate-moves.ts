import type { Move } from '../domain/move.ts';
import { buildTerms } from './build-objective.ts';
import { type Change, createChange } from './change.ts';
import type { Constraint } from './constraint.ts';
import type { TimedMoves } from './duration-estimate.ts';
import type { LoadFactors } from './load-factors.ts';
import { createMovePrices } from './move-price.ts';
import { createReasonWriter } from './move-reasons.ts';
import type { PlacementState } from './placement-state.ts';
import type { OrderedMove } from './planned-move.ts';
import { createReadAhead } from './read-ahead.ts';
import { type Deltas, gainOf, negligible } from './search/search-engine.ts';
import { fillChange } from './try-move.ts';

/** Moves as they are approved and executed, each with what it gains at its place in the order. */
export interface AnnotatedMoves {
  readonly moves: readonly Move[];
  /**
   * Number of moves, at the end of a wave, after which the fleet stands best by the sums of the moves' deltas; 0 when no
   * prefix is better than the beginning.
   */
  readonly bestPrefix: number;
  /** The same moves by node indices. */
  readonly timed: TimedMoves;
}

/**
 * Walks the moves in order and writes down ids, versions, loads, reasons, gains and prices. O(moves × (dimensions +
 * rules)).
 *
 * @param state at the beginning of the plan; at its end afterwards
 * @param constraints of that state, measured against now, which are violated at the beginning: the others stay as they are
 */
export function annotateMoves(
  state: PlacementState,
  constraints: readonly Constraint[],
  factors: LoadFactors,
  ordered: readonly OrderedMove[],
): AnnotatedMoves {
  const { problem } = state;
  const { snapshot, task } = problem.request;
  const { shards, shardOf } = problem;
  const prices = createMovePrices(state);
  const measure = createDeltaMeasure(state, constraints, factors);
  const touched = new Uint8Array(problem.shardCount);
  const scratch = new Float64Array(problem.width);
  const change = createChange();
  const prefixes = createPrefixes();
  const idOf = createMoveIds();
  const nodeIds = snapshot.nodes.map((node) => node.id);
  const moves: Move[] = [];
  const timed = createTimedMoves(ordered.length);
  const ahead = createReadAhead(state, 'written');
  const replicaAt = (index: number): number => ordered[index].replica;
  for (let index = 0; index < ordered.length; index++) {
    ahead.walk(index, ordered.length, replicaAt);
    const planned = ordered[index];
    fillChange(state, planned, change, scratch);
    const deltas = measure.deltasOf(change);
    const reasons = measure.reasons(change, planned.staged);
    const isRelocation = planned.kind === 'relocate';
    const shard = shardOf[planned.replica];
    const destination = nodeIds[change.to];
    if (task.kind === 'fixed') {
      const subject = `node/${destination}`;
      reasons.unshift({ code: 'rollback', subject, before: 0, after: 0, limit: 0 });
    }
    moves.push({
      id: idOf(index),
      wave: planned.wave,
      kind: isRelocation ? 'relocate' : 'transferLeadership',
      shard: shards.ids[shard],
      replica: shards.replicaNumbers[planned.replica],
      successor: shards.replicaNumbers[planned.successor],
      source: nodeIds[change.from],
      destination,
      leads: state.leads[planned.replica] === 1,
      expectedVersion: touched[shard] === 1 ? -1 : shards.versions[shard],
      bytes: isRelocation ? shards.replicaBytes[planned.replica] : 0,
      load: snapshotLoad(state, planned),
      reasons,
      gain: gainOf(deltas),
      price: prices.of(change),
    });
    timed.waves[index] = planned.wave;
    timed.sources[index] = change.from;
    timed.destinations[index] = change.to;
    timed.bytes[index] = isRelocation ? shards.replicaBytes[planned.replica] : 0;
    touched[shard] = 1;
    state.apply(change);
    const endsWave = index + 1 === ordered.length || ordered[index + 1].wave !== planned.wave;
    prefixes.add(deltas, endsWave ? index + 1 : -1);
  }
  return { moves, bestPrefix: prefixes.best(), timed };
}

/** The first so many of the moves. */
export function firstMoves(annotated: AnnotatedMoves, count: number): AnnotatedMoves {
  if (count === annotated.moves.length) return annotated;
  const { waves, sources, destinations, bytes } = annotated.timed;
  return {
    moves: annotated.moves.slice(0, count),
    bestPrefix: annotated.bestPrefix,
    timed: {
      waves: waves.subarray(0, count),
      sources: sources.subarray(0, count),
      destinations: destinations.subarray(0, count),
      bytes: bytes.subarray(0, count),
    },
  };
}

function createTimedMoves(count: number): TimedMoves {
  return {
    waves: new Int32Array(count),
    sources: new Int32Array(count),
    destinations: new Int32Array(count),
    bytes: new Float64Array(count),
  };
}

/**
 * `m00001` for the first; wider numbers where a plan has more than 99 999 moves. Ids that differ only in the last two
 * digits share what is before them.
 */
function createMoveIds(): (index: number) => string {
  const endings = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));
  let hundreds = -1;
  let beginning = '';
  return (index) => {
    const number = index + 1;
    if (Math.floor(number / 100) !== hundreds) {
      hundreds = Math.floor(number / 100);
      beginning = `m${String(hundreds).padStart(3, '0')}`;
    }
    return beginning + endings[number % 100];
  };
}

/** What a change does to each level now, and the reasons that follow from it. */
function createDeltaMeasure(state: PlacementState, constraints: readonly Constraint[], factors: LoadFactors) {
  const terms = buildTerms(state, factors);
  const writeReasons = createReasonWriter(state, { constraints, terms }, factors);
  const { vacate } = state.problem.nodes;
  const byRule = new Float64Array(constraints.length);
  const deltas: Deltas = { violations: 0, vacate: 0, excess: 0, balance: 0 };
  return {
    /** One object, filled anew at every call. */
    deltasOf(change: Change): Readonly<Deltas> {
      deltas.violations = 0;
      deltas.excess = 0;
      deltas.balance = 0;
      for (let c = 0; c < constraints.length; c++) {
        const delta = constraints[c].delta(change);
        byRule[c] = delta;
        // A rule measured against the beginning may let what one measured against now would not.
        if (Number.isFinite(delta)) deltas.violations += delta;
      }
      deltas.vacate = change.kind === 'relocate' ? vacate[change.to] - vacate[change.from] : 0;
      for (let at = 0; at < terms.length; at++) deltas[terms[at].level] += terms[at].delta(change);
      return deltas;
    },
    /** Of the change that was measured last. */
    reasons: (change: Change, staged: boolean) => writeReasons(change, byRule, staged),
  };
}

/** Sums deltas and remembers after which move the sums were lexicographically best. */
function createPrefixes() {
  const sums = new Float64Array(4);
  const bestSums = new Float64Array(4);
  let best = 0;

  function isBetter(): boolean {
    for (let level = 0; level < sums.length; level++) {
      const difference = sums[level] - bestSums[level];
      if (Math.abs(difference) > negligible) return difference < 0;
    }
    return false;
  }

  return {
    /** @param prefix moves so far when a wave ends here, else -1 */
    add(deltas: Readonly<Deltas>, prefix: number): void {
      sums[0] += deltas.violations;
      sums[1] += deltas.vacate;
      sums[2] += deltas.excess;
      sums[3] += deltas.balance;
      if (prefix < 0 || !isBetter()) return;
      bestSums.set(sums);
      best = prefix;
    },
    best: () => best,
  };
}

/** What changes nodes in the snapshot's own dimensions: the replica's row, or the difference of leader and successor. */
function snapshotLoad(state: PlacementState, planned: OrderedMove): number[] {
  const { snapshot } = state.problem.request;
  const width = snapshot.dimensions.length;
  const { replicaLoads } = snapshot.shards;
  const own = state.rowOf(planned.replica) * width;
  const other = state.rowOf(planned.successor) * width;
  const load: number[] = [];
  for (let d = 0; d < width; d++) {
    load.push(
      planned.kind === 'relocate' ? replicaLoads[own + d] : replicaLoads[own + d] - replicaLoads[other + d],
    );
  }
  return load;
}
