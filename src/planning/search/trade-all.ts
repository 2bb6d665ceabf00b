import { mayGive } from '../constraints/admission.ts';
import type { ColdNodes } from './cold-nodes.ts';
import { createNodeHeap } from './node-heap.ts';
import { nodeHeat } from './node-heat.ts';
import type { SearchEngine } from './search-engine.ts';
import { createSwapFrom } from './swap-from.ts';

/** Passes over the nodes: each finds other partners. */
const maxPasses = 8;

/** A pass with fewer moves than this share of the nodes is the last one. */
const leastMoves = 0.02;

/**
 * Lets nodes that are full in different dimensions trade, the hottest first, until hardly a trade is found or a share of
 * the candidates that are left is used: what fits neither of two nodes fits when each has more of what it has room for.
 * O(trades × (replicas of both nodes × dimensions + candidates)).
 */
export function tradeAll(engine: SearchEngine, cold: ColdNodes, share: number): void {
  const { state, factors } = engine;
  const { problem } = state;
  const { nodeCount, nodes } = problem;
  const { maxEvaluations } = problem.request.policy.budget;
  const until = engine.evaluations + share * (maxEvaluations - engine.evaluations);
  const line = 1 + factors.tolerance;
  const heap = createNodeHeap(nodeCount);
  const { trade } = createSwapFrom(engine, cold);
  const touched = new Set<number>();
  const close = state.listen({
    settle({ from, to }) {
      touched.add(from);
      touched.add(to);
    },
  });

  function refresh(node: number): void {
    if (nodes.vacate[node] === 1 || !mayGive(problem, node)) return;
    const heat = nodeHeat(state, factors, node);
    if (heat > line) heap.set(node, heat);
    else heap.remove(node);
  }

  const mayGoOn = (): boolean => !engine.isSpent() && engine.evaluations < until;

  for (let pass = 0; pass < maxPasses && mayGoOn(); pass++) {
    const before = engine.budget.moves;
    for (let node = 0; node < nodeCount; node++) refresh(node);
    for (let node = heap.peek(); node >= 0 && mayGoOn(); node = heap.peek()) {
      touched.clear();
      if (!trade(node)) heap.remove(node);
      else for (const other of touched) refresh(other);
    }
    if (engine.budget.moves - before < leastMoves * nodeCount) break;
  }
  close();
}
