import { mayGive } from '../constraints/admission.ts';
import type { ColdNodes } from './cold-nodes.ts';
import { createNodeHeap, type NodeHeap } from './node-heap.ts';
import { nodeExcess, nodeHeat } from './node-heat.ts';
import { createRelocateFrom } from './relocate-from.ts';
import type { SearchEngine } from './search-engine.ts';
import { createSwapFrom } from './swap-from.ts';
import { createTransferFrom } from './transfer-from.ts';

/** Nodes less than this above the mean are left alone: moving them costs more than anybody would notice. */
const balanceTolerance = 0.01;

/** Exchanges cost two moves and many looks: only nodes further above the mean are worth them. */
const swapTolerance = 0.02;

/** Nodes above target rank before all that are merely warmer than others. */
const excessRank = 1e6;

/** Passes over the nodes: a node without an improvement may have one after others have cooled. */
const maxPasses = 4;

/**
 * Descent: the hottest node gives, first leadership (free), then replicas, then by swaps, until no node above the mean
 * has an improvement that is worth its price.
 */
export function descend(engine: SearchEngine, cold: ColdNodes): void {
  const { state, factors } = engine;
  const { nodeCount, nodes } = state.problem;
  const heap = createNodeHeap(nodeCount);
  const transferFrom = createTransferFrom(engine);
  const relocateFrom = createRelocateFrom(engine, cold);
  const swapFrom = createSwapFrom(engine, cold);

  function keyOf(node: number): number {
    const excess = nodeExcess(state, factors, node);
    return excess > 1e-9 ? excessRank * (1 + excess) : nodeHeat(state, factors, node);
  }

  function refresh(node: number): void {
    if (nodes.vacate[node] === 1 || !mayGive(state.problem, node)) return;
    const key = keyOf(node);
    if (key > 1 + balanceTolerance) heap.set(node, key);
    else heap.remove(node);
  }

  const touched = new Set<number>();
  state.listen({
    settle(change) {
      touched.add(change.from);
      touched.add(change.to);
    },
  });

  /** Nodes that a failed attempt touched and left as they were must not come back into the heap. */
  function improve(node: number): boolean {
    touched.clear();
    const maySwap = keyOf(node) > 1 + swapTolerance;
    if (!transferFrom(node) && !relocateFrom(node) && !(maySwap && swapFrom(node))) return false;
    for (const other of touched) refresh(other);
    return true;
  }

  for (let pass = 0; pass < maxPasses && !engine.isSpent(); pass++) {
    const before = engine.budget.moves;
    for (let node = 0; node < nodeCount; node++) refresh(node);
    const improved = drainHeap(engine, heap, improve);
    if (!improved && engine.budget.moves === before) return;
  }
}

/** Works on the hottest node until it has no improvement left; each improvement makes the objective smaller. */
function drainHeap(engine: SearchEngine, heap: NodeHeap, improve: (node: number) => boolean): boolean {
  let improved = false;
  for (let node = heap.peek(); node >= 0 && !engine.isSpent(); node = heap.peek()) {
    if (improve(node)) improved = true;
    else heap.remove(node);
  }
  return improved;
}
