import type { Move } from '../domain/move.ts';
import { buildConstraints } from './build-constraints.ts';
import { buildTerms } from './build-objective.ts';
import type { LoadFactors } from './load-factors.ts';
import { createMovePrices } from './move-price.ts';
import { moveReasons } from './move-reasons.ts';
import { createPlacementState, type PlacementState } from './placement-state.ts';
import type { OrderedMove } from './planned-move.ts';
import type { PlanningProblem } from './problem.ts';
import { type Deltas, gainOf } from './search/search-engine.ts';
import { changeOf } from './try-move.ts';

/** Moves as they are approved and executed, each with what it gains at its place in the order. */
export interface AnnotatedMoves {
  readonly moves: readonly Move[];
  /** Price of all moves together. */
  readonly price: number;
  /** The state after the last move. */
  readonly state: PlacementState;
}

/** Walks the moves in order and writes down ids, versions, loads, reasons, gains and prices. */
export function annotateMoves(
  problem: PlanningProblem,
  factors: LoadFactors,
  ordered: readonly OrderedMove[],
): AnnotatedMoves {
  const state = createPlacementState(problem);
  const constraints = buildConstraints(state, false);
  const terms = buildTerms(state, factors);
  const prices = createMovePrices(state);
  const { snapshot, task } = problem.request;
  const { shards } = problem;
  const touched = new Set<number>();
  let total = 0;
  const moves = ordered.map((planned, index): Move => {
    const change = changeOf(state, planned);
    const deltas: Deltas = { violations: 0, vacate: 0, excess: 0, balance: 0 };
    for (const constraint of constraints) {
      const delta = constraint.delta(change);
      // A rule measured against the beginning may let what one measured against now would not.
      if (Number.isFinite(delta)) deltas.violations += delta;
    }
    const { vacate } = problem.nodes;
    if (change.kind === 'relocate') deltas.vacate = vacate[change.to] - vacate[change.from];
    for (const term of terms) deltas[term.level] += term.delta(change);
    const shard = problem.shardOf[planned.replica];
    const price = prices.of(change);
    total += price;
    const reasons = moveReasons(state, { constraints, terms }, factors, change, planned.staged);
    const move: Move = {
      id: moveId(index),
      wave: planned.wave,
      kind: planned.kind === 'relocate' ? 'relocate' : 'transferLeadership',
      shard: shards.ids[shard],
      replica: shards.replicaNumbers[planned.replica],
      successor: shards.replicaNumbers[planned.successor],
      source: snapshot.nodes[change.from].id,
      destination: snapshot.nodes[change.to].id,
      leads: state.leads[planned.replica] === 1,
      expectedVersion: touched.has(shard) ? -1 : shards.versions[shard],
      bytes: planned.kind === 'relocate' ? shards.replicaBytes[planned.replica] : 0,
      load: snapshotLoad(state, planned),
      reasons: task.kind === 'fixed' ? [requested(snapshot.nodes[change.to].id), ...reasons] : reasons,
      gain: gainOf(deltas),
      price,
    };
    touched.add(shard);
    state.apply(change);
    return move;
  });
  return { moves, price: total, state };
}

/** `m00001` for the first; wider numbers where a plan has more than 99 999 moves. */
export function moveId(index: number): string {
  return `m${String(index + 1).padStart(5, '0')}`;
}

function requested(destination: string): Move['reasons'][number] {
  return { code: 'rollback', subject: `node/${destination}`, before: 0, after: 0, limit: 0 };
}

/** What changes nodes in the snapshot's own dimensions: the replica's row, or the difference of leader and successor. */
function snapshotLoad(state: PlacementState, planned: OrderedMove): number[] {
  const { snapshot } = state.problem.request;
  const width = snapshot.dimensions.length;
  const { replicaLoads } = snapshot.shards;
  const own = state.rowOf[planned.replica] * width;
  const other = state.rowOf[planned.successor] * width;
  return snapshot.dimensions.map((_, d) =>
    planned.kind === 'relocate' ? replicaLoads[own + d] : replicaLoads[own + d] - replicaLoads[other + d],
  );
}
