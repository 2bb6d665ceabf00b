import { createChange } from '../change.ts';
import type { SearchEngine } from './search-engine.ts';
import { negligible } from './search-engine.ts';

/**
 * Takes back relocations that turned out to be worth less than policy's multiple of their price, the least worth
 * first: later moves may have made earlier ones needless. What left a node that must be vacated stays away, and
 * nothing goes back that would break a rule again.
 */
export function prune(engine: SearchEngine): number {
  const { state, deltas } = engine;
  const { problem } = state;
  const { minGainPerPrice } = problem.request.policy.benefit;
  const change = createChange();
  const origins = problem.shards.replicaNodes;

  /** What going home would lose, in mean nodes; `Infinity` where it may not. */
  function loss(replica: number): number {
    engine.score(state.relocation(change, replica, origins[replica]));
    const { excess, balance, vacate } = deltas;
    if (vacate > 0 || !engine.admits(change) || deltas.violations > negligible)
      return Number.POSITIVE_INFINITY;
    // Level by level, as the search accepted it: balance won back does not make up for load above target.
    return Math.abs(excess) > negligible ? excess + Math.max(0, balance) : balance;
  }

  const moved: { readonly replica: number; readonly loss: number }[] = [];
  for (let r = 0; r < problem.replicaCount; r++) {
    if (state.nodeOf[r] !== origins[r] && problem.nodes.vacate[origins[r]] === 0)
      moved.push({ replica: r, loss: loss(r) });
  }
  moved.sort((left, right) => left.loss - right.loss || left.replica - right.replica);
  let pruned = 0;
  for (const { replica } of moved) {
    const lost = loss(replica);
    if (lost > negligible && lost >= minGainPerPrice * engine.prices.savedBy(change)) continue;
    if (lost === Number.POSITIVE_INFINITY) continue;
    engine.apply(change);
    pruned += 1;
  }
  return pruned;
}
