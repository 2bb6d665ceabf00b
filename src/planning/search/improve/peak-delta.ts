import type { Change } from '../../change.ts';
import type { SearchEngine } from '../search-engine.ts';

/**
 * Change of the peak: how far the hottest node is above the line, in shares of its fair share. O(dimensions), and O(nodes)
 * for a candidate that cools the hottest node.
 */
export function createPeakDelta({ state, factors }: SearchEngine): (change: Change) => number {
  const { load, problem } = state;
  const { nodeCount, width } = problem;
  const { balance, line } = factors;
  const heats = new Float64Array(nodeCount);
  let hottest = -1;

  /** Above the line; 0 for a node on or below it. `sign` of the change's loads that the node gets. */
  function heatWith(node: number, loads: Float64Array, offset: number, sign: number): number {
    let heat = 0;
    for (let d = 0, at = node * width; d < width; d++, at++) {
      // Only what is in the balance has a factor.
      if (balance[at] === 0) continue;
      const above = (load[at] + sign * loads[offset + d]) / line[at] - 1;
      if (above > heat) heat = above;
    }
    return heat;
  }

  const unchanged = new Float64Array(width);
  function refresh(node: number): void {
    heats[node] = heatWith(node, unchanged, 0, 0);
  }

  function findHottest(): void {
    hottest = 0;
    for (let node = 1; node < nodeCount; node++) if (heats[node] > heats[hottest]) hottest = node;
  }

  for (let node = 0; node < nodeCount; node++) refresh(node);
  findHottest();
  state.listen({
    settle(change) {
      refresh(change.from);
      refresh(change.to);
      const isCooler = change.from === hottest || change.to === hottest;
      if (isCooler) findHottest();
      else if (heats[change.to] > heats[hottest]) hottest = change.to;
      else if (heats[change.from] > heats[hottest]) hottest = change.from;
    },
  });

  return ({ loads, offset, from, to }) => {
    const before = heats[hottest];
    const after = Math.max(heatWith(from, loads, offset, -1), heatWith(to, loads, offset, 1));
    if (after >= before || (from !== hottest && to !== hottest)) return Math.max(0, after - before);
    let rest = after;
    for (let node = 0; node < nodeCount; node++) {
      if (node !== from && node !== to && heats[node] > rest) rest = heats[node];
    }
    return rest - before;
  };
}
