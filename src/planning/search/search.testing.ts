import { createRandom } from '../../base/random.ts';
import type { Node } from '../../domain/node.ts';
import type { PlanningRequest } from '../../domain/planning.ts';
import { node } from '../fleet.testing.ts';
import { buildLoadFactors } from '../load-factors.ts';
import { createPlacementState } from '../placement-state.ts';
import { buildProblem } from '../problem.ts';
import { type ColdNodes, createColdNodes } from './cold-nodes.ts';
import { createSearchEngine, type SearchEngine } from './search-engine.ts';

/** A search about to begin, for tests of its parts. */
export function searchOf(request: PlanningRequest): {
  readonly engine: SearchEngine;
  readonly cold: ColdNodes;
} {
  const problem = buildProblem(request);
  if (!problem.ok) throw new Error(problem.error.map((each) => each.message).join('; '));
  const factors = buildLoadFactors(problem.value);
  const state = createPlacementState(problem.value);
  const engine = createSearchEngine(state, factors, () => false);
  return { engine, cold: createColdNodes(state, factors, createRandom(request.seed)) };
}

/** Ids of the node per replica. */
export function nodesOf(engine: SearchEngine): readonly string[] {
  const { nodes } = engine.state.problem.request.snapshot;
  return Array.from(engine.state.nodeOf, (node) => nodes[node].id);
}

/** Two nodes with more of the first dimension, n0 and n1, and two with more of the second. */
export function nodesOfTwoKinds(): Node[] {
  const capacities = [
    [100, 50],
    [100, 50],
    [50, 100],
    [50, 100],
  ];
  return capacities.map((capacity, n) => node(`n${n}`, 1, { capacity }));
}
