import { type Change, createChange } from '../change.ts';
import { replacesTerms } from '../extension.ts';
import { createPeakDelta } from './improve/peak-delta.ts';
import { mayTransfer } from './may-transfer.ts';
import { nodeHeat } from './node-heat.ts';
import { negligible, type SearchEngine } from './search-engine.ts';
import { beginHeat } from './unrest.ts';

/** Candidates at most: a few tenths of a second. Fleets that have more, times moves, spend a short budget as they come to it. */
const maxCandidates = 500_000;

/** Whether every change may be looked at before each move of the budget. */
export function affordsSteepest({ state }: SearchEngine): boolean {
  const { problem } = state;
  const { maxMoves, maxShareOfShards } = problem.request.policy.budget;
  const moves = Math.min(maxMoves, Math.ceil(maxShareOfShards * problem.replicaCount));
  const candidates = problem.replicaCount * problem.nodeCount;
  return !replacesTerms(problem) && moves > 0 && moves * candidates <= maxCandidates;
}

/**
 * Steepest descent for budgets that end a plan: of all relocations and transfers, the one that is best level by level comes
 * first. The first of one move is the best there is; the usual search, which wants to repair and balance everything, spends
 * such a budget on whatever it comes to first. O(moves × replicas × nodes × rules), of the budget's evaluations.
 */
export function descendSteeply(engine: SearchEngine): void {
  const { state } = engine;
  const { problem } = state;
  const best = createChoice(engine);
  for (let moves = 0; moves < problem.replicaCount && !engine.isSpent(); moves++) {
    best.reset();
    for (let replica = 0; replica < problem.replicaCount && !engine.isSpent(); replica++) {
      for (let to = 0; to < problem.nodeCount; to++) best.offerRelocation(replica, to);
      if (state.leads[replica] === 1) best.offerTransfers(replica);
    }
    if (!best.apply()) return;
  }
}

/** The best change of those offered; of equal ones the first. */
function createChoice(engine: SearchEngine) {
  const { state, factors, deltas } = engine;
  const { shards, shardOf, nodes, width } = state.problem;
  const peakOf = createPeakDelta(engine);
  const begin = beginHeat(state, factors);
  const change = createChange();
  const scratch = new Float64Array(width);
  const levels = new Float64Array(5);
  const least = new Float64Array(5);
  let replica = -1;
  /** Node of a relocation; or of a transfer the successor. */
  let goal = -1;
  let isTransfer = false;

  function isWanted(candidate: Change): boolean {
    engine.score(candidate);
    if (!engine.admits(candidate) || !engine.isWorthwhile(candidate)) return false;
    levels[0] = deltas.violations;
    levels[1] = deltas.vacate;
    levels[2] = deltas.excess;
    levels[3] = peakOf(candidate);
    levels[4] = deltas.balance;
    const first = levels.findIndex((each) => Math.abs(each) > negligible);
    // A node that would not give by itself gives for what repairs alone.
    if (levels[first] > 0 || (first > 2 && nodeHeat(state, factors, candidate.from) <= begin)) return false;
    const at = levels.findIndex((each, level) => Math.abs(each - least[level]) > negligible);
    return at >= 0 && levels[at] < least[at];
  }

  function keep(chosen: number, to: number, transfers: boolean): void {
    least.set(levels);
    replica = chosen;
    goal = to;
    isTransfer = transfers;
  }

  return {
    reset() {
      least.fill(0);
      replica = -1;
    },
    offerRelocation(moved: number, to: number) {
      if (nodes.takes[to] === 0 || to === state.nodeOf[moved]) return;
      if (isWanted(state.relocation(change, moved, to))) keep(moved, to, false);
    },
    offerTransfers(leader: number) {
      const shard = shardOf[leader];
      for (let r = shards.replicaOffsets[shard]; r < shards.replicaOffsets[shard + 1]; r++) {
        if (r === leader || !mayTransfer(state, leader, r)) continue;
        if (isWanted(state.transfer(change, leader, r, scratch))) keep(leader, r, true);
      }
    },
    apply(): boolean {
      if (replica < 0) return false;
      if (isTransfer) engine.apply(state.transfer(change, replica, goal, scratch));
      else engine.apply(state.relocation(change, replica, goal));
      return true;
    },
  };
}
