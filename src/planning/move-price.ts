import type { Change } from './change.ts';
import type { PlacementState } from './placement-state.ts';
import type { PlanningProblem } from './problem.ts';
import { selectShards } from './shard-selector.ts';

const bytesPerGiB = 1_073_741_824;

/** What policy prices moves at, in units of the objective (mean nodes of load). Follows the state it was made for. */
export interface MovePrices {
  /** What the change would add to the price of the plan. */
  of(change: Change): number;
  /** What the plan would cost less if the change, a move on its way back to where the replica began, were made. */
  savedBy(change: Change): number;
}

/**
 * Prices moves: (per move + of the shard + per GiB) × how far it goes, and for each move of the group that moves most.
 * The last is the contest's service move cost (ROADEF/EURO challenge 2012, section 1.3): the maximum over groups, not
 * their sum, so a plan that is spread over groups is cheaper. The prices of moves made one after another add up to the
 * price of the plan. O(1).
 */
export function createMovePrices(state: PlacementState): MovePrices {
  const { problem } = state;
  const { pricePerMoveInGroup } = problem.request.policy.benefit;
  const base = basePrice(problem);
  if (pricePerMoveInGroup === 0) return { of: base, savedBy: base };
  const groups = createGroupMoves(state);
  return {
    of: (change) => base(change) + pricePerMoveInGroup * groups.risesBy(change),
    savedBy: (change) => base(change) - pricePerMoveInGroup * groups.risesBy(change),
  };
}

/** The part of the price that does not depend on the other moves. */
function basePrice(problem: PlanningProblem): (change: Change) => number {
  const { pricePerMove, pricePerGiB } = problem.request.policy.benefit;
  const ofShard = shardPrices(problem);
  const factorOf = distanceFactor(problem);
  const copied = (replica: number): number =>
    (pricePerGiB * problem.shards.replicaBytes[replica]) / bytesPerGiB;
  const own = (replica: number): number =>
    ofShard === null ? pricePerMove : pricePerMove + ofShard[problem.shardOf[replica]];
  return (change) => {
    if (change.kind === 'transfer') return own(change.replica);
    let price = own(change.replica) + copied(change.replica);
    if (change.kind === 'swap') price += own(change.partner) + copied(change.partner);
    return factorOf === null ? price : price * factorOf(change.from, change.to);
  };
}

/** Price per shard by the first rule that selects it; null without rules. */
function shardPrices(problem: PlanningProblem): Float64Array | null {
  const { shards, request } = problem;
  const rules = request.policy.benefit.shardPrices;
  if (rules.length === 0) return null;
  const prices = new Float64Array(shards.ids.length);
  // Backwards, so that the first rule that selects a shard has the last word.
  for (const { select, price } of rules.toReversed()) {
    const selected = selectShards(select, shards);
    if (selected === null) prices.fill(price);
    else for (let shard = 0; shard < prices.length; shard++) if (selected[shard] === 1) prices[shard] = price;
  }
  return prices;
}

/** The factor between two nodes; null when it is 1 everywhere. */
function distanceFactor(problem: PlanningProblem): ((from: number, to: number) => number) | null {
  const { withinZone, withinRegion, acrossRegions } = problem.request.policy.benefit.distanceFactors;
  if (withinZone === 1 && withinRegion === 1 && acrossRegions === 1) return null;
  const zones = problem.nodes.domains.zone.ofNode;
  const regions = problem.nodes.domains.region.ofNode;
  return (from, to) => {
    if (regions[from] !== regions[to]) return acrossRegions;
    return zones[from] === zones[to] ? withinZone : withinRegion;
  };
}

/** Moves per group, and the most of any; shards without a group are in none. */
function createGroupMoves(state: PlacementState): { risesBy(change: Change): number } {
  const { problem } = state;
  const { shards, shardOf } = problem;
  const moves = new Int32Array(shards.groupNames.length);
  /** Groups per number of moves, so that the most is known when a group goes home. */
  const groupsWith: number[] = [moves.length];
  let most = 0;

  const groupOf = (replica: number): number => shards.groups[shardOf[replica]];

  function shift(group: number, by: number): void {
    if (group < 0 || by === 0) return;
    groupsWith[moves[group]] -= 1;
    moves[group] += by;
    groupsWith[moves[group]] = (groupsWith[moves[group]] ?? 0) + 1;
    if (moves[group] > most) most = moves[group];
    while (most > 0 && groupsWith[most] === 0) most -= 1;
  }

  /** 1 for a move more, -1 for one that goes back to where it began, 0 for one that moves on. */
  function movesAdded(change: Change, replica: number, from: number, to: number): number {
    if (change.kind === 'transfer') {
      if (shards.replicaLeads[change.replica] === 1) return 1;
      return shards.replicaLeads[change.partner] === 1 ? -1 : 0;
    }
    const origin = shards.replicaNodes[replica];
    return (to === origin ? 0 : 1) - (from === origin ? 0 : 1);
  }

  function mostAfter(group: number, by: number): number {
    if (group < 0 || by === 0) return most;
    if (by > 0) return Math.max(most, moves[group] + by);
    if (moves[group] < most || groupsWith[most] > 1) return most;
    let next = most - 1;
    while (next > moves[group] + by && groupsWith[next] === 0) next -= 1;
    return next;
  }

  // Starts with what the state differs from the snapshot by.
  for (let r = 0; r < problem.replicaCount; r++) {
    const led = shards.replicaLeads[r] === 1 && state.leads[r] === 0 ? 1 : 0;
    shift(groupOf(r), (state.nodeOf[r] !== shards.replicaNodes[r] ? 1 : 0) + led);
  }
  state.listen({
    settle(change) {
      shift(groupOf(change.replica), movesAdded(change, change.replica, change.from, change.to));
    },
  });

  return {
    risesBy(change) {
      const { replica, partner, from, to } = change;
      const group = groupOf(replica);
      const by = movesAdded(change, replica, from, to);
      if (change.kind !== 'swap') return mostAfter(group, by) - most;
      const other = groupOf(partner);
      const back = movesAdded(change, partner, to, from);
      // Exchanges within a group count twice there; of two groups the one that moves more decides.
      if (group === other) return mostAfter(group, by + back) - most;
      return Math.max(mostAfter(group, by), mostAfter(other, back)) - most;
    },
  };
}
