import { createChange } from '../change.ts';
import type { OpenNodes } from './open-nodes.ts';
import type { SearchEngine } from './search-engine.ts';
import type { ShedLines } from './shed-lines.ts';

/** Destinations that a replica is compared over: with more, peaks and numbers of moves hardly change. */
const windowSize = 32;

/** Best destinations of a window that the constraints are asked about. */
const maxAsked = 6;

/** Moves a replica to the node of a window where it costs least and keeps to the line; answers whether there was one. */
export function createPlaceBelow(
  engine: SearchEngine,
  lines: ShedLines,
  open: OpenNodes,
): (replica: number) => boolean {
  const { state, factors } = engine;
  const { load, problem } = state;
  const { width, loads } = problem;
  const { goal } = lines;
  const perSquare = factors.balance;
  const window = new Int32Array(windowSize);
  const costs = new Float64Array(windowSize);
  const change = createChange();

  /** What the squares of the node's load would grow by, below the line too: the coldest where it matters; -1: no room. */
  function costAt(node: number, row: number): number {
    let cost = 0;
    for (let d = 0, at = node * width; d < width; d++, at++) {
      const amount = loads[row + d];
      const after = load[at] + amount;
      if (after > goal[at]) return -1;
      cost += perSquare[at] * amount * (load[at] + after);
    }
    return cost;
  }

  function fill(replica: number): number {
    const size = open.window(state.nodeOf[replica], windowSize, window);
    const row = state.rowOf[replica] * width;
    engine.spend(size);
    let fits = 0;
    for (let i = 0; i < size; i++) {
      const cost = costAt(window[i], row);
      if (cost < 0 || window[i] === state.nodeOf[replica]) continue;
      window[fits] = window[i];
      costs[fits++] = cost;
    }
    return fits;
  }

  return (replica) => {
    let fits = fill(replica);
    for (let asked = 0; asked < maxAsked && fits > 0; asked++) {
      let best = 0;
      for (let i = 1; i < fits; i++) if (costs[i] < costs[best]) best = i;
      const to = window[best];
      if (engine.accepts(state.relocation(change, replica, to))) {
        open.refresh(to);
        return true;
      }
      fits -= 1;
      window[best] = window[fits];
      costs[best] = costs[fits];
    }
    return false;
  };
}
