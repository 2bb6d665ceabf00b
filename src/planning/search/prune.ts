import { type Change, createChange } from '../change.ts';
import type { SearchEngine } from './search-engine.ts';
import { negligible } from './search-engine.ts';

/**
 * Takes back relocations that turned out to be worth less than policy's multiple of their price, the least worth
 * first: later moves may have made earlier ones needless. What left a node that must be vacated stays away, nothing
 * goes back that would break a rule again, and no node becomes hotter than the search let it. O(moved replicas ×
 * dimensions), and the constraints are asked only where little would be lost. Answers how many went home.
 */
export function prune(engine: SearchEngine): number {
  const { state } = engine;
  const { problem } = state;
  const { vacate } = problem.nodes;
  const change = createChange();
  const origins = problem.shards.replicaNodes;
  const loss = createLoss(engine);
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
function createLoss(engine: SearchEngine): (change: Change) => number {
  const { deltas } = engine;
  const { minGainPerPrice } = engine.state.problem.request.policy.benefit;

  return (change) => {
    engine.score(change);
    const { excess, balance, vacate } = deltas;
    if (vacate > 0) return Number.POSITIVE_INFINITY;
    // Level by level, as the search accepted it: balance won back does not make up for load above target.
    const lost = Math.abs(excess) > negligible ? excess + Math.max(0, balance) : balance;
    if (lost > negligible && lost >= minGainPerPrice * engine.prices.savedBy(change))
      return Number.POSITIVE_INFINITY;
    if (engine.isTooHot(change) || !engine.admits(change) || deltas.violations > negligible)
      return Number.POSITIVE_INFINITY;
    return lost;
  };
}
