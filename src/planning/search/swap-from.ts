import type { ColdNodes } from './cold-nodes.ts';
import { createExchange } from './exchange.ts';
import type { SearchEngine } from './search-engine.ts';
import { createSwapCandidates } from './swap-candidates.ts';

/** Colder nodes that are tried. */
const windowSize = 8;

/** Exchanges a replica of a node for one of a colder node; answers whether it found an exchange. */
export function createSwapFrom(engine: SearchEngine, cold: ColdNodes): (node: number) => boolean {
  const candidates = createSwapCandidates(engine);
  const exchange = createExchange(engine);
  const window = new Int32Array(windowSize);

  return (node) => {
    const size = cold.window(node, windowSize, window);
    const own = candidates(node);
    for (let i = 0; i < size; i++) {
      const other = window[i];
      if (other === node) continue;
      let best = 0;
      let chosen: readonly [number, number] | null = null;
      const theirs = candidates(other);
      for (const replica of own) {
        for (const partner of theirs) {
          const change = exchange.fill(replica, partner);
          const score = engine.score(change);
          if (score <= best || !engine.isWorthwhile(change)) continue;
          best = score;
          chosen = [replica, partner];
        }
        if (engine.isSpent()) return false;
      }
      if (chosen && exchange.commit(chosen[0], chosen[1])) return true;
    }
    return false;
  };
}
