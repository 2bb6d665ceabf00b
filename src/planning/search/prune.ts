import { type Change, createChange } from '../change.ts';
import { replacesTerms } from '../extension.ts';
import { hottest } from '../terms/peak.ts';
import type { SearchEngine } from './search-engine.ts';
import { negligible } from './search-engine.ts';
import { restHeat } from './shed-lines.ts';

/**
 * Takes back relocations that turned out to be worth less than policy's multiple of their price, the least worth
 * first: later moves may have made earlier ones needless. What left a node that must be vacated stays away, nothing
 * goes back that would break a rule again, and no node becomes hotter than the hottest one is. O(moved replicas ×
 * dimensions), and the constraints are asked only where little would be lost. Answers how many went home.
 */
export function prune(engine: SearchEngine): number {
  const { state, factors } = engine;
  const { problem } = state;
  const { vacate } = problem.nodes;
  const change = createChange();
  const origins = problem.shards.replicaNodes;
  // Where others' terms stand in place of load, how hot a node is does not matter.
  const isOurs = !replacesTerms(problem);
  const ceiling = isOurs ? Math.max(hottest(state, factors), restHeat(factors)) : Number.POSITIVE_INFINITY;
  const loss = createLoss(engine, ceiling);
  const cheap: { readonly replica: number; readonly loss: number }[] = [];
  for (let r = 0; r < problem.replicaCount; r++) {
    if (state.nodeOf[r] === origins[r] || vacate[origins[r]] === 1) continue;
    const lost = loss(state.relocation(change, r, origins[r]));
    if (lost < Number.POSITIVE_INFINITY) cheap.push({ replica: r, loss: lost });
  }
  cheap.sort((left, right) => left.loss - right.loss || left.replica - right.replica);
  let pruned = 0;
  for (const { replica } of cheap) {
    if (loss(state.relocation(change, replica, origins[replica])) === Number.POSITIVE_INFINITY) continue;
    engine.apply(change);
    pruned += 1;
  }
  return pruned;
}

/** What going home would lose, in mean nodes; infinite where it may not, or where the move is worth its price. */
function createLoss(engine: SearchEngine, ceiling: number): (change: Change) => number {
  const { state, deltas, factors } = engine;
  const { problem } = state;
  const { width } = problem;
  const { minGainPerPrice } = problem.request.policy.benefit;

  /** Whether the node would become hotter than the ceiling. */
  function isTooHot({ to, loads, offset }: Change): boolean {
    for (let d = 0, at = to * width; d < width; d++, at++) {
      if (factors.balance[at] === 0 || loads[offset + d] <= 0) continue;
      const fair = problem.nodes.effective[at] * factors.meanUtilization[d];
      if (state.load[at] + loads[offset + d] > ceiling * fair * (1 + negligible)) return true;
    }
    return false;
  }

  return (change) => {
    engine.score(change);
    const { excess, balance, vacate } = deltas;
    if (vacate > 0) return Number.POSITIVE_INFINITY;
    // Level by level, as the search accepted it: balance won back does not make up for load above target.
    const lost = Math.abs(excess) > negligible ? excess + Math.max(0, balance) : balance;
    if (lost > negligible && lost >= minGainPerPrice * engine.prices.savedBy(change))
      return Number.POSITIVE_INFINITY;
    if (isTooHot(change) || !engine.admits(change) || deltas.violations > negligible)
      return Number.POSITIVE_INFINITY;
    return lost;
  };
}
