import type { Random } from '../../base/random.ts';
import type { PlacementState } from '../placement-state.ts';
import type { PlanningProblem } from '../problem.ts';
import type { ShedLines } from './shed-lines.ts';

/** Nodes that have room below their line in every dimension, over all nodes that take replicas and per domain. */
export interface OpenNodes {
  /** Writes up to `most` nodes into `into`, half of them of the domain of `near`; the windows turn. Returns how many. */
  window(near: number, most: number, into: Int32Array): number;
  /** Takes a node in or out after its load changed. */
  refresh(node: number): void;
  readonly size: number;
}

/** A set of nodes that can be cut into windows: insertion and removal in O(1). */
interface Pool {
  readonly members: Int32Array;
  size: number;
  cursor: number;
}

/** @param domains domain per node: where a shard must be spread over domains, its own is the surest to take a replica */
export function createOpenNodes(
  state: PlacementState,
  lines: ShedLines,
  domains: Int32Array,
  random: Random,
): OpenNodes {
  const { problem, load } = state;
  const { nodes, nodeCount, width } = problem;
  const { goal, least } = lines;
  const cooling = problem.request.task.kind === 'improve';
  const takes = Uint8Array.from(nodes.takes, (value, node) =>
    value === 1 && !(cooling && nodes.frozen[node] === 1) ? 1 : 0,
  );
  const sizes = new Int32Array(domains.reduce((most, domain) => Math.max(most, domain + 1), 1));
  for (let node = 0; node < nodeCount; node++) sizes[domains[node]] += takes[node];
  const createPool = (most: number): Pool => ({ members: new Int32Array(most), size: 0, cursor: 0 });
  const all = createPool(nodeCount);
  const own = Array.from(sizes, createPool);
  const inAll = new Int32Array(nodeCount).fill(-1);
  const inOwn = new Int32Array(nodeCount).fill(-1);
  for (const node of shuffled(nodeCount, random)) refresh(node);

  function isOpen(node: number): boolean {
    if (takes[node] === 0) return false;
    for (let d = 0, at = node * width; d < width; d++, at++) {
      if (goal[at] - load[at] < least[d]) return false;
    }
    return true;
  }

  function refresh(node: number): void {
    const open = isOpen(node);
    if (open === inAll[node] >= 0) return;
    if (open) {
      insert(all, inAll, node);
      insert(own[domains[node]], inOwn, node);
    } else {
      remove(all, inAll, node);
      remove(own[domains[node]], inOwn, node);
    }
  }

  return {
    get size() {
      return all.size;
    },
    refresh,
    window(near, most, into) {
      const taken = own.length > 1 ? cut(own[domains[near]], most >> 1, into, 0) : 0;
      return taken + cut(all, most - taken, into, taken);
    },
  };
}

/** The domains over which shards are spread: a shard is the surest of a place in the domain that it leaves. */
export function spreadDomains(problem: PlanningProblem): Int32Array {
  const level = problem.request.policy.placement.spread[0]?.level ?? 'zone';
  return problem.nodes.domains[level].ofNode;
}

function insert(pool: Pool, place: Int32Array, node: number): void {
  place[node] = pool.size;
  pool.members[pool.size++] = node;
}

function remove(pool: Pool, place: Int32Array, node: number): void {
  pool.size -= 1;
  const last = pool.members[pool.size];
  pool.members[place[node]] = last;
  place[last] = place[node];
  place[node] = -1;
}

function cut(pool: Pool, most: number, into: Int32Array, start: number): number {
  const { members, size } = pool;
  const taken = Math.min(size, most);
  let at = pool.cursor < size ? pool.cursor : 0;
  for (let i = 0; i < taken; i++) {
    into[start + i] = members[at];
    at = at + 1 === size ? 0 : at + 1;
  }
  pool.cursor = at;
  return taken;
}

/** 0 .. count - 1 in a random order (Fisher-Yates). */
function shuffled(count: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
  return order;
}
