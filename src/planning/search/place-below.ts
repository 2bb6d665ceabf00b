import { type Change, createChange } from '../change.ts';
import type { Found } from './node-pool.ts';
import type { OpenNodes } from './open-nodes.ts';
import type { SearchEngine } from './search-engine.ts';

/** Destinations that a replica is compared over: with more, peaks and numbers of moves hardly change. */
const windowSize = 32;

/** Best destinations of a window that the constraints are asked about. */
const maxAsked = 6;

/**
 * Moves a replica to the node of a window where it costs least and keeps to the line; answers whether there was one. It
 * looks through so many windows at most, one after the other.
 *
 * @param accepts applies the change if it is wanted; answers whether
 */
export function createPlaceBelow(
  engine: SearchEngine,
  open: OpenNodes,
  accepts: (change: Change) => boolean = engine.accepts,
): (replica: number, windows?: number) => boolean {
  const { state } = engine;
  const { width } = state.problem;
  const nodes = new Int32Array(windowSize);
  const costs = new Float64Array(windowSize);
  const found: Found = { nodes, costs, count: 0 };
  const change = createChange();

  function placeNear(replica: number): boolean {
    engine.spend(open.window(state.nodeOf[replica], state.rowOf(replica) * width, windowSize, found));
    let fits = found.count;
    for (let asked = 0; asked < maxAsked && fits > 0; asked++) {
      let best = 0;
      for (let i = 1; i < fits; i++) if (costs[i] < costs[best]) best = i;
      const to = nodes[best];
      if (accepts(state.relocation(change, replica, to))) {
        open.refresh(to);
        return true;
      }
      fits -= 1;
      nodes[best] = nodes[fits];
      costs[best] = costs[fits];
    }
    return false;
  }

  return (replica, windows = 1) => {
    for (let looked = 0; looked === 0 || (looked < windows && looked * windowSize < open.size); looked++) {
      if (engine.isSpent()) return false;
      if (placeNear(replica)) return true;
    }
    return false;
  };
}
