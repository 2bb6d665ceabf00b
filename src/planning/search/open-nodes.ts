import type { Random } from '../../base/random.ts';
import type { LoadFactors } from '../load-factors.ts';
import type { PlacementState } from '../placement-state.ts';
import type { PlanningProblem } from '../problem.ts';
import { tellFillLines } from './fill-lines.ts';
import { createNodePool, type Found, type NodePool } from './node-pool.ts';
import type { ShedLines } from './shed-lines.ts';

/** Nodes that have room below their line in every dimension, over all nodes that take replicas and per domain. */
export interface OpenNodes {
  /**
   * Looks at up to `most` nodes, half of them of the domain of `near`; the windows turn. Answers how many there were, and
   * leaves in `found` those other than `near` that keep to their line with the load, and what it costs there.
   *
   * @param row where the load begins among the problem's
   */
  window(near: number, row: number, most: number, found: Found): number;
  /** Takes a node in or out after its load changed. */
  refresh(node: number): void;
  /** Changes of the placement are not followed any more. */
  close(): void;
  readonly size: number;
}

/** @param domains domain per node: where a shard must be spread over domains, its own is the surest to take a replica */
export function createOpenNodes(
  state: PlacementState,
  factors: LoadFactors,
  lines: ShedLines,
  domains: Int32Array,
  random: Random,
): OpenNodes {
  const { problem, load } = state;
  const { nodes, nodeCount, width } = problem;
  const { goal, least } = lines;
  const cooling = problem.request.task.kind === 'improve';
  const takes = nodes.takes.slice();
  const sizes = new Int32Array(domains.reduce((most, domain) => Math.max(most, domain + 1), 1));
  for (let node = 0; node < nodeCount; node++) {
    if (cooling && nodes.frozen[node] === 1) takes[node] = 0;
    sizes[domains[node]] += takes[node];
  }
  const fillLines = tellFillLines(goal, factors.balance, width, nodeCount);
  const figures = { load, lines: fillLines, loads: problem.loads, width };
  const inAll = new Int32Array(nodeCount).fill(-1);
  const inOwn = new Int32Array(nodeCount).fill(-1);
  const all = createNodePool(figures, nodeCount, inAll);
  const own: readonly NodePool[] = Array.from(sizes, (most) => createNodePool(figures, most, inOwn));
  for (const node of shuffled(nodeCount, random)) refresh(node);

  function isOpen(node: number): boolean {
    if (takes[node] === 0) return false;
    for (let d = 0, at = node * width; d < width; d++, at++) {
      if (goal[at] - load[at] < least[d]) return false;
    }
    return true;
  }

  function refresh(node: number): void {
    if (inAll[node] >= 0) {
      if (all.hasRoom(node, least)) return;
      all.remove(node);
      own[domains[node]].remove(node);
    } else if (isOpen(node)) {
      all.insert(node);
      own[domains[node]].insert(node);
    }
  }

  function follow(node: number): void {
    if (inAll[node] < 0) return;
    all.update(node);
    own[domains[node]].update(node);
  }

  const close = state.listen({
    settle({ from, to }) {
      follow(from);
      follow(to);
    },
  });

  return {
    get size() {
      return all.size;
    },
    refresh,
    close,
    window(near, row, most, found) {
      found.count = 0;
      const taken = own.length > 1 ? own[domains[near]].look(near, row, most >> 1, found) : 0;
      return taken + all.look(near, row, most - taken, found);
    },
  };
}

/** The domains over which shards are spread: a shard is the surest of a place in the domain that it leaves. */
export function spreadDomains(problem: PlanningProblem): Int32Array {
  const level = problem.request.policy.placement.spread[0]?.level ?? 'zone';
  return problem.nodes.domains[level].ofNode;
}

/** 0 .. count - 1 in a random order (Fisher-Yates). */
function shuffled(count: number, random: Random): Int32Array {
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
  return order;
}
