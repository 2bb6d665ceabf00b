import { replacesTerms } from '../extension.ts';
import type { ColdNodes } from './cold-nodes.ts';
import { createExchange } from './exchange.ts';
import type { SearchEngine } from './search-engine.ts';
import { createSwapCandidates, worstDimension } from './swap-candidates.ts';
import { createTradeCandidates } from './trade-candidates.ts';

/** Colder nodes that are tried. */
const windowSize = 8;

/** An exchange and what it is worth by its loads alone. */
interface Pair {
  readonly replica: number;
  readonly partner: number;
  readonly score: number;
}

/** Both answer whether they found an exchange. */
export interface SwapFrom {
  /** With a colder node: some replicas of all sizes on either side. */
  swap(node: number): boolean;
  /** With a node that is full in another dimension: the few replicas that relieve both. */
  trade(node: number): boolean;
}

/**
 * Exchanges replicas of a node for ones of a colder node, or of one that is colder where this one is hottest: nodes of
 * different kinds fill up in different dimensions, and then none is cold, though each has room for something.
 */
export function createSwapFrom(engine: SearchEngine, cold: ColdNodes): SwapFrom {
  const candidates = createSwapCandidates(engine);
  const trades = createTradeCandidates(engine);
  const exchange = createExchange(engine);
  const window = new Int32Array(windowSize);
  const isOurs = !replacesTerms(engine.state.problem);

  /** Per replica of the node the best partner on the other, the best exchange first. */
  function pairs(own: readonly number[], theirs: readonly number[]): readonly Pair[] {
    const found: Pair[] = [];
    for (const replica of own) {
      let best = 0;
      let chosen = -1;
      for (const partner of theirs) {
        const change = exchange.fill(replica, partner);
        const score = engine.score(change);
        if (score <= best || !engine.isWorthwhile(change)) continue;
        best = score;
        chosen = partner;
      }
      if (chosen >= 0) found.push({ replica, partner: chosen, score: best });
      if (engine.isSpent()) break;
    }
    return found.sort((left, right) => right.score - left.score);
  }

  /** Makes those that are still worth it with the ones before them made. */
  function commitAll(found: readonly Pair[]): boolean {
    const taken = new Set<number>();
    for (const { replica, partner } of found) {
      if (engine.isSpent()) break;
      if (taken.has(partner)) continue;
      const change = exchange.fill(replica, partner);
      if (engine.score(change) <= 0 || !engine.isWorthwhile(change)) continue;
      if (exchange.commit(replica, partner)) taken.add(partner);
    }
    return taken.size > 0;
  }

  function swap(node: number): boolean {
    const dimension = worstDimension(engine, node);
    const size = (isOurs ? cold.by(dimension) : cold).window(node, windowSize, window);
    const own = candidates(node, dimension);
    for (let i = 0; i < size && !engine.isSpent(); i++) {
      const other = window[i];
      if (other === node) continue;
      const theirs = candidates(other, isOurs ? dimension : worstDimension(engine, other));
      const found = pairs(own, theirs);
      // What others' terms make of the next exchange is not known before this one is made.
      if (commitAll(isOurs ? found : found.slice(0, 1))) return true;
    }
    return false;
  }

  function trade(node: number): boolean {
    const size = cold.by(worstDimension(engine, node)).window(node, windowSize, window);
    for (let i = 0; i < size && !engine.isSpent(); i++) {
      if (window[i] === node || !trades.between(node, window[i])) continue;
      if (commitAll(pairs(trades.given(), trades.taken()))) return true;
    }
    return false;
  }

  return { swap, trade };
}
