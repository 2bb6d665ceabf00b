import type { Random } from '../../base/random.ts';
import type { LoadFactors } from '../load-factors.ts';
import type { PlacementState } from '../placement-state.ts';
import { nodeHeat, nodeHeatIn } from './node-heat.ts';

/** Destinations, coldest first, over all nodes that take replicas and per zone. */
export interface ColdView {
  /**
   * Writes up to `most` destinations into `into`: a window of the coldest of the node's own zone and of all zones. The
   * windows turn, so that hot nodes one after the other do not crowd the same destination. Returns how many.
   */
  window(near: number, most: number, into: Int32Array): number;
  /** Every destination, coldest first as of the last sort. */
  all(): Int32Array;
}

/** By the dimension in which a node is hottest; and by one alone: who lacks room in one may have most of it in another. */
export interface ColdNodes extends ColdView {
  by(dimension: number): ColdView;
}

/** Share of the pool from which windows are cut, and least number of nodes in it. */
const coldShare = 0.25;
const leastPool = 16;

/** Sorts anew after this share of nodes changed: heats in between are a little old, gains are always exact. */
const resortShare = 0.25;
const leastChanges = 32;

export function createColdNodes(state: PlacementState, factors: LoadFactors, random: Random): ColdNodes {
  const byDimension = new Map<number, ColdView>();
  const viewBy = (heatOf: (node: number) => number): ColdView => createView(state, heatOf, random);
  return {
    ...viewBy((node) => nodeHeat(state, factors, node)),
    by(dimension) {
      const known = byDimension.get(dimension);
      if (known) return known;
      const view = viewBy((node) => nodeHeatIn(state, factors, node, dimension));
      byDimension.set(dimension, view);
      return view;
    },
  };
}

function createView(state: PlacementState, heatOf: (node: number) => number, random: Random): ColdView {
  const { problem } = state;
  const { nodes, nodeCount } = problem;
  const zones = nodes.domains.zone;
  const takers: number[] = [];
  const cooling = problem.request.task.kind === 'improve';
  for (let n = 0; n < nodeCount; n++)
    if (nodes.takes[n] === 1 && !(cooling && nodes.frozen[n] === 1)) takers.push(n);
  const order = Int32Array.from(takers);
  const byZone = zones.names.map((_, zone) => order.filter((node) => zones.ofNode[node] === zone));
  const cursors = Float64Array.from({ length: byZone.length + 1 }, () => random.next());
  const heats = new Float64Array(nodeCount);
  const maxChanges = Math.max(leastChanges, Math.floor(nodeCount * resortShare));
  let changes = maxChanges;
  state.listen({
    settle() {
      changes += 1;
    },
  });

  function resort(): void {
    if (changes < maxChanges) return;
    changes = 0;
    for (const node of order) heats[node] = heatOf(node);
    const colder = (left: number, right: number): number => heats[left] - heats[right] || left - right;
    order.sort(colder);
    for (const members of byZone) members.sort(colder);
  }

  function cut(pool: Int32Array, cursor: number, most: number, into: Int32Array, start: number): number {
    const size = Math.min(pool.length, Math.max(leastPool, Math.ceil(pool.length * coldShare)));
    const taken = Math.min(size, most);
    const first = Math.floor(cursors[cursor] * size);
    for (let i = 0; i < taken; i++) into[start + i] = pool[(first + i) % size];
    cursors[cursor] = ((first + taken) % Math.max(1, size)) / Math.max(1, size);
    return taken;
  }

  return {
    window(near, most, into) {
      resort();
      const zone = zones.ofNode[near];
      const own = cut(byZone[zone], zone + 1, byZone.length > 1 ? most >> 1 : 0, into, 0);
      return own + cut(order, 0, most - own, into, own);
    },
    all() {
      resort();
      return order;
    },
  };
}
