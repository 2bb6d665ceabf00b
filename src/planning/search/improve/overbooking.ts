import type { Change } from '../../change.ts';
import { capacityLimits, roundingShare } from '../../constraints/capacity.ts';
import type { SearchEngine } from '../search-engine.ts';
import { type Booking, createDimensionOrder } from './booking.ts';
import { createRoom } from './room.ts';

/**
 * What nodes carry above their limits while a walk may overbook them, held load included, and what that costs it. Each
 * node has its own price in each dimension, in units of energy per unit of load: it rises while the node is over and sinks
 * slowly while it is not, so that no overload stays because it pays (the breakout method: Morris, "The breakout method for
 * escaping from local minima", 1993; on penalties that move with the search Glover, Hao, "The case for strategic
 * oscillation", 2011).
 */
export interface Overbooking extends Booking {
  /** Whether no node is over a limit. */
  isClear(): boolean;
  /** Multiplies the prices where a node is over by `rise`, the others by `fall`, down to the least. O(nodes × dimensions). */
  adapt(rise: number, fall: number): void;
  /** Ends it: nothing is followed any more. */
  close(): void;
}

/** @param unit what overload costs at least, in units of energy per load of a mean replica */
export function createOverbooking({ state }: SearchEngine, unit: number): Overbooking {
  const { problem, load, ghost } = state;
  const { width, nodeCount, totals, replicaCount } = problem;
  const limits = capacityLimits(state);
  const origins = problem.shards.replicaNodes;
  const least = limits.map((_, at) => {
    const mean = totals[at % width] / replicaCount;
    return mean > 0 ? unit / mean : 0;
  });
  const price = least.slice();
  // What is over when the walk begins may stay so, as the rule has it.
  const usage = (at: number): number => (ghost === null ? load[at] : load[at] + ghost[at]);
  const ceilings = limits.map((limit, at) => Math.max(limit, usage(at)) * (1 + roundingShare));
  const room = createRoom(state, ceilings, measured);
  const { left, isHeld } = room;
  const order = createDimensionOrder(width);
  const dimensions = order.at;
  /** What each node's overload costs now. */
  const cost = new Float64Array(nodeCount);
  let over = 0;
  room.measure();

  function measured(node: number): void {
    let sum = 0;
    for (let d = 0, at = node * width; d < width; d++, at++) if (left[at] < 0) sum -= price[at] * left[at];
    if (sum > 0) over += 1;
    if (cost[node] > 0) over -= 1;
    cost[node] = sum;
  }

  /** What arrives first: that is where most candidates are too dear. What leaves wins back at most what the node costs. */
  function ofRelocation({ replica, from, to, loads, offset }: Change, dearest: number): number {
    const comesHome = to === origins[replica];
    const bound = dearest + cost[from];
    let change = 0;
    for (let place = 0; place < width; place++) {
      const d = dimensions[place];
      const at = to * width + d;
      const amount = loads[offset + d];
      if (amount <= left[at] || (comesHome && isHeld[d] === 1)) continue;
      change += price[at] * growth(left[at], amount);
      if (change > bound) {
        order.refused(place);
        return Number.POSITIVE_INFINITY;
      }
    }
    if (cost[from] === 0) return change;
    const leavesHome = from === origins[replica];
    for (let d = 0, at = from * width; d < width; d++, at++) {
      if (left[at] >= 0 || (leavesHome && isHeld[d] === 1)) continue;
      change += price[at] * growth(left[at], -loads[offset + d]);
    }
    return change;
  }

  function ofSwap(change: Change, dearest: number): number {
    const { from, to } = change;
    const bound = dearest + cost[from] + cost[to];
    let total = 0;
    room.aim(change);
    for (let place = 0; place < width; place++) {
      const d = dimensions[place];
      const source = from * width + d;
      const target = to * width + d;
      const onSource = room.onSource(d);
      const onTarget = room.onTarget(d);
      if (isClearOf(left[source], onSource) && isClearOf(left[target], onTarget)) continue;
      total +=
        price[source] * growth(left[source], onSource) + price[target] * growth(left[target], onTarget);
      if (total > bound) {
        order.refused(place);
        return Number.POSITIVE_INFINITY;
      }
    }
    return total;
  }

  return {
    delta(change, dearest) {
      const added = change.kind === 'swap' ? ofSwap(change, dearest) : ofRelocation(change, dearest);
      return added > dearest ? Number.POSITIVE_INFINITY : added;
    },
    isClear: () => over === 0,
    adapt(rising, falling) {
      for (let at = 0; at < price.length; at++) {
        if (left[at] < 0) price[at] *= rising;
        else if (price[at] > least[at]) price[at] = Math.max(least[at], price[at] * falling);
      }
      room.measure();
    },
    close: room.close,
  };
}

/** Whether nothing is above the ceiling, before and after `amount` is added. */
function isClearOf(left: number, amount: number): boolean {
  return left >= 0 && left >= amount;
}

/** How much more is above the ceiling when `amount` is added where so much is left, negative for what is above it no more. */
function growth(left: number, amount: number): number {
  const before = left < 0 ? left : 0;
  const after = left - amount;
  return before - (after < 0 ? after : 0);
}
