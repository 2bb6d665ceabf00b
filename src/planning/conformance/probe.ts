import type { Random } from '../../base/random.ts';
import { type Change, createChange } from '../change.ts';
import type { Constraint } from '../constraint.ts';
import type { PlannerExtension } from '../extension.ts';
import type { LoadFactors } from '../load-factors.ts';
import { createPlacementState, type Placement, type PlacementState } from '../placement-state.ts';
import type { PlanningProblem } from '../problem.ts';
import { mayTransfer } from '../search/may-transfer.ts';
import type { ObjectiveTerm } from '../term.ts';

/** A state with the parts that are examined, which follow it. */
export interface Probe {
  readonly state: PlacementState;
  readonly constraints: readonly Constraint[];
  readonly terms: readonly ObjectiveTerm[];
}

/** Where a walk begins. */
export interface Standpoint {
  readonly problem: PlanningProblem;
  readonly factors: LoadFactors;
  readonly extension: PlannerExtension;
  /** The snapshot's without one. */
  readonly placement?: Placement;
}

/** Builds a state at the standpoint and the extension's parts over it. */
export function createProbe({ problem, factors, extension, placement }: Standpoint): Probe {
  const state = createPlacementState(problem, placement);
  const constraints = extension.constraints?.(state) ?? [];
  const terms = extension.terms?.(state, factors) ?? [];
  for (const part of [...constraints, ...terms]) if (part.hold || part.settle) state.listen(part);
  return { state, constraints, terms };
}

/** A relocation or a transfer between two nodes, or null when the draw gave none. */
export function randomStep(state: PlacementState, random: Random): Change | null {
  return random.next() < 0.3 ? randomTransfer(state, random) : randomRelocation(state, random);
}

function randomRelocation(state: PlacementState, random: Random): Change | null {
  const { replicaCount, nodeCount } = state.problem;
  if (replicaCount === 0 || nodeCount < 2) return null;
  const replica = random.integer(replicaCount);
  const to = random.integer(nodeCount);
  return to === state.nodeOf[replica] ? null : state.relocation(createChange(), replica, to);
}

function randomTransfer(state: PlacementState, random: Random): Change | null {
  const { shardCount, shards, width } = state.problem;
  if (shardCount === 0) return null;
  const shard = random.integer(shardCount);
  const first = shards.replicaOffsets[shard];
  const copies = shards.replicaOffsets[shard + 1] - first;
  if (copies < 2) return null;
  for (let leader = first; leader < first + copies; leader++) {
    if (state.leads[leader] === 0) continue;
    const successor = first + random.integer(copies);
    if (successor === leader || state.nodeOf[successor] === state.nodeOf[leader]) return null;
    // As in the search: load that is held where it was must not change hands.
    if (state.problem.holdsForPlan && !mayTransfer(state, leader, successor)) return null;
    return state.transfer(createChange(), leader, successor, new Float64Array(width));
  }
  return null;
}

/** The change that takes this one back. Only after it has been applied. */
export function reverseOf(state: PlacementState, change: Change): Change {
  return change.kind === 'transfer'
    ? state.transfer(createChange(), change.partner, change.replica, new Float64Array(state.problem.width))
    : state.relocation(createChange(), change.replica, change.from);
}

/** An exchange of two replicas of different shards on different nodes, or null when the draw gave none. */
export function randomSwap(state: PlacementState, random: Random): Change | null {
  const { replicaCount, shardOf, width, loads } = state.problem;
  if (replicaCount < 2) return null;
  const replica = random.integer(replicaCount);
  const partner = random.integer(replicaCount);
  const from = state.nodeOf[replica];
  const to = state.nodeOf[partner];
  if (from === to || shardOf[replica] === shardOf[partner]) return null;
  const change = createChange();
  const difference = Float64Array.from(
    { length: width },
    (_, d) => loads[state.rowOf(replica) * width + d] - loads[state.rowOf(partner) * width + d],
  );
  return Object.assign(change, { kind: 'swap', replica, partner, from, to, loads: difference, offset: 0 });
}

/** What an exchange is made of: two relocations, one after the other. */
export function applySwap(state: PlacementState, { replica, partner, from, to }: Change): void {
  state.apply(state.relocation(createChange(), replica, to));
  state.apply(state.relocation(createChange(), partner, from));
}

/** Takes an exchange back. */
export function undoSwap(state: PlacementState, { replica, partner, from, to }: Change): void {
  state.apply(state.relocation(createChange(), partner, to));
  state.apply(state.relocation(createChange(), replica, from));
}
