import type { Change } from '../../change.ts';
import { capacityLimits, roundingShare } from '../../constraints/capacity.ts';
import type { SearchEngine } from '../search-engine.ts';

/**
 * What nodes carry above their limits while a walk may overbook them, held load included, and what that costs it. Each
 * node has its own price in each dimension, in units of energy per unit of load: it rises while the node is over and sinks
 * slowly while it is not, so that no overload stays because it pays (the breakout method: Morris, "The breakout method for
 * escaping from local minima", 1993; on penalties that move with the search Glover, Hao, "The case for strategic
 * oscillation", 2011).
 */
export interface Overbooking {
  /**
   * What the change, a relocation or a swap, would add; Infinity as soon as that is known to be more than `dearest`,
   * which most candidates are. O(dimensions).
   */
  delta(change: Change, dearest: number): number;
  /** Whether no node is over a limit. */
  isClear(): boolean;
  /** Multiplies the prices where a node is over by `rise`, the others by `fall`, down to the least. O(nodes × dimensions). */
  adapt(rise: number, fall: number): void;
  /** Ends it: nothing is followed any more. */
  close(): void;
}

/** @param unit what overload costs at least, in units of energy per load of a mean replica */
export function createOverbooking({ state }: SearchEngine, unit: number): Overbooking {
  const { problem, load, ghost, rowOf } = state;
  const { width, dimensions, nodeCount, totals, replicaCount, loads } = problem;
  const limits = capacityLimits(state);
  const origins = problem.shards.replicaNodes;
  const isHeld = Uint8Array.from(dimensions, ({ transient }) => (ghost !== null && transient ? 1 : 0));
  const least = limits.map((_, at) => {
    const mean = totals[at % width] / replicaCount;
    return mean > 0 ? unit / mean : 0;
  });
  const price = least.slice();
  // What is over when the walk begins may stay so, as the rule has it.
  const ceilings = limits.map((limit, at) => Math.max(limit, usage(at)) * (1 + roundingShare));
  const room = new Float64Array(nodeCount * width);
  const cost = new Float64Array(nodeCount);
  let over = 0;

  function usage(at: number): number {
    return ghost !== null && isHeld[at % width] === 1 ? load[at] + ghost[at] : load[at];
  }

  function measure(node: number): void {
    let sum = 0;
    for (let d = 0, at = node * width; d < width; d++, at++) {
      room[at] = ceilings[at] - usage(at);
      if (room[at] < 0) sum -= price[at] * room[at];
    }
    if (sum > 0) over += 1;
    if (cost[node] > 0) over -= 1;
    cost[node] = sum;
  }

  for (let node = 0; node < nodeCount; node++) measure(node);
  const close = state.listen({
    settle({ replica, from, to }) {
      measure(from);
      measure(to);
      const origin = origins[replica];
      if (origin !== from && origin !== to) measure(origin);
    },
  });

  /** What arrives first: that is where most candidates are too dear. */
  function ofRelocation({ replica, from, to, offset }: Change, dearest: number): number {
    const comesHome = to === origins[replica];
    let change = 0;
    for (let d = 0, at = to * width; d < width; d++, at++) {
      const amount = loads[offset + d];
      if (amount <= room[at] || (comesHome && isHeld[d] === 1)) continue;
      change += price[at] * (room[at] < 0 ? amount : amount - room[at]);
      if (change > dearest) return Number.POSITIVE_INFINITY;
    }
    if (cost[from] === 0) return change;
    const leavesHome = from === origins[replica];
    for (let d = 0, at = from * width; d < width; d++, at++) {
      if (room[at] >= 0 || (leavesHome && isHeld[d] === 1)) continue;
      change -= price[at] * Math.min(loads[offset + d], -room[at]);
    }
    return change;
  }

  function ofSwap({ replica, partner, from, to }: Change, dearest: number): number {
    const left = rowOf(replica) * width;
    const right = rowOf(partner) * width;
    const leavesHome = from === origins[replica];
    const comesHome = to === origins[replica];
    const partnerLeavesHome = to === origins[partner];
    const partnerComesHome = from === origins[partner];
    let change = 0;
    for (let d = 0, source = from * width, target = to * width; d < width; d++, source++, target++) {
      const amount = loads[left + d];
      const back = loads[right + d];
      const holds = isHeld[d] === 1;
      const onSource = (holds && partnerComesHome ? 0 : back) - (holds && leavesHome ? 0 : amount);
      const onTarget = (holds && comesHome ? 0 : amount) - (holds && partnerLeavesHome ? 0 : back);
      change += price[source] * rise(room[source], onSource) + price[target] * rise(room[target], onTarget);
      if (change > dearest) return Number.POSITIVE_INFINITY;
    }
    return change;
  }

  return {
    delta: (change, dearest) =>
      change.kind === 'swap' ? ofSwap(change, dearest) : ofRelocation(change, dearest),
    isClear: () => over === 0,
    adapt(rising, falling) {
      for (let at = 0; at < price.length; at++) {
        if (room[at] < 0) price[at] *= rising;
        else if (price[at] > least[at]) price[at] = Math.max(least[at], price[at] * falling);
      }
      for (let node = 0; node < nodeCount; node++) measure(node);
    },
    close,
  };
}

/** How much more is above the ceiling when `amount` is added where there is so much room, negative for what is above it. */
function rise(room: number, amount: number): number {
  const before = room < 0 ? room : 0;
  const after = room - amount;
  return before - (after < 0 ? after : 0);
}
