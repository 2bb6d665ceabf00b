import type { LoadFactors } from '../load-factors.ts';
import type { PlacementState } from '../placement-state.ts';

/**
 * How far nodes lie above a ceiling T of utilisation over the mean: the sum of (u - T)² over nodes and weighted
 * dimensions, whatever their weights. 0 when no node is above the ceiling, which is what the search for a lower peak is
 * after.
 */
export interface Overload {
  /** Sets the ceiling; O(nodes × dimensions). */
  setCeiling(ceiling: number): void;
  /** Nodes above the ceiling, in no particular order. */
  over(): readonly number[];
  isOver(node: number): boolean;
  /** What the sum changes by when the node's load changes by sign × the row at `offset` of `loads`. */
  shift(node: number, loads: Float64Array, offset: number, sign: number): number;
  /** The same for two rows: the first leaves, the second comes. */
  exchange(node: number, leaves: number, comes: number): number;
  /** Takes in that the node's load changed. */
  refresh(node: number): void;
  /** The largest utilisation over the mean. */
  peak(): number;
}

/** Share of plain squares in the sum: of changes that are worth the same above the ceiling, the one that evens out most. */
const squareShare = 1e-3;

export function createOverload(state: PlacementState, factors: LoadFactors): Overload {
  const { load, problem } = state;
  const { width, nodeCount, nodes, loads: rows } = problem;
  const perFair = new Float64Array(nodeCount * width);
  for (let at = 0; at < perFair.length; at++) {
    if (factors.balance[at] > 0) perFair[at] = 1 / nodes.effective[at] / factors.meanUtilization[at % width];
  }
  const place = new Int32Array(nodeCount).fill(-1);
  const members: number[] = [];
  let ceiling = 0;

  function square(use: number): number {
    const above = use - ceiling;
    return (above > 0 ? above * above : 0) + squareShare * use * use;
  }

  function isOver(node: number): boolean {
    for (let at = node * width; at < (node + 1) * width; at++)
      if (load[at] * perFair[at] > ceiling) return true;
    return false;
  }

  function refresh(node: number): void {
    const isIn = isOver(node);
    if (isIn === place[node] >= 0) return;
    if (isIn) {
      place[node] = members.length;
      members.push(node);
      return;
    }
    const last = members[members.length - 1];
    members[place[node]] = last;
    place[last] = place[node];
    place[node] = -1;
    members.pop();
  }

  return {
    setCeiling(value) {
      ceiling = value;
      for (let node = 0; node < nodeCount; node++) refresh(node);
    },
    over: () => members,
    isOver,
    shift(node, loads, offset, sign) {
      let total = 0;
      for (let d = 0, at = node * width; d < width; d++, at++) {
        const use = load[at] * perFair[at];
        total += square(use + sign * loads[offset + d] * perFair[at]) - square(use);
      }
      return total;
    },
    exchange(node, leaves, comes) {
      let total = 0;
      for (let d = 0, at = node * width; d < width; d++, at++) {
        const use = load[at] * perFair[at];
        const difference = rows[comes * width + d] - rows[leaves * width + d];
        total += square(use + difference * perFair[at]) - square(use);
      }
      return total;
    },
    refresh,
    peak() {
      let most = 0;
      for (let at = 0; at < load.length; at++) most = Math.max(most, load[at] * perFair[at]);
      return most;
    },
  };
}
