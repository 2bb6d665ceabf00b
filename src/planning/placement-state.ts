import type { Change } from './change.ts';
import { createGhostLoad, type GhostLoad } from './ghost-load.ts';
import { sumPlacement } from './initial-placement.ts';
import type { PlanningProblem } from './problem.ts';
import { createReplicaLists, type ReplicaLists } from './replica-lists.ts';

/** What is told of every change, so that counters stay true in O(dimensions). */
export interface StateListener {
  /** The part of a change that can only make matters worse while it runs: what arrives. */
  hold?(change: Change): void;
  /** The rest, once it has ended: what leaves. */
  settle?(change: Change): void;
}

/**
 * Where every replica is, who leads, and what that makes of the nodes. A change is applied in two halves: `hold` adds
 * what arrives, `settle` takes away what leaves. The search applies both at once; the waves keep a change on hold
 * while its wave is built, which makes the state the worst that any subset of the wave can reach.
 */
export interface PlacementState {
  readonly problem: PlanningProblem;
  /** Node per replica. */
  readonly nodeOf: Int32Array;
  readonly leads: Uint8Array;
  /** What `rowOf` says, per replica; null as long as every replica has its own row. */
  readonly rows: Int32Array | null;
  /** Row of `problem.loads` of a replica: leaders and successors exchange theirs. */
  rowOf(replica: number): number;
  /** nodes × dimensions. */
  readonly load: Float64Array;
  /** nodes × dimensions: transient load that left a node but is held there until the plan ends; null without hold. */
  readonly ghost: Float64Array | null;
  /** Replicas per node. */
  readonly count: Int32Array;
  /**
   * First replica of each node's list, and the next and previous one of each replica; -1 for none. Made when first asked
   * for and kept from then on: who only walks moves never pays for them. Loops keep them in a variable.
   */
  readonly first: Int32Array;
  readonly next: Int32Array;
  readonly previous: Int32Array;
  apply(change: Change): void;
  hold(change: Change): void;
  settle(change: Change): void;
  /**
   * Keeps the transient load of a relocation on the node that it leaves, also when that is not the replica's first: a
   * plan that goes through a third node has been there. Nothing happens without hold.
   */
  keepHold(change: Change): void;
  /** Tells the listener of every change from now on, until the function that is answered is called. */
  listen(listener: StateListener): () => void;
  /** Sums loads anew, without the rounding drift of many changes. O(replicas). */
  sumAnew(): void;
  /** Fills `change` with the relocation of a replica from where it is. */
  relocation(change: Change, replica: number, to: number): Change;
  /** Fills `change` with the transfer of leadership between two replicas; `scratch` holds dimensions numbers. */
  transfer(change: Change, leader: number, successor: number, scratch: Float64Array): Change;
}

/** A placement without what follows from it. */
export interface Placement {
  readonly nodeOf: Int32Array;
  readonly leads: Uint8Array;
  /** Row of `problem.loads` per replica; null where every replica has its own. */
  readonly rows: Int32Array | null;
}

/**
 * The state in which the snapshot found the fleet, which copies its sums from the problem, or the one given, whose loads
 * are summed anew, without rounding drift.
 */
export function createPlacementState(problem: PlanningProblem, placement?: Placement): PlacementState {
  const { shards, nodeCount, replicaCount, width, initial } = problem;
  const nodeOf = (placement?.nodeOf ?? shards.replicaNodes).slice();
  // Most plans hand over no leadership: then nobody reads what says nothing, all over memory.
  let rows: Int32Array | null = placement?.rows?.slice() ?? null;
  const rowOf = (replica: number): number => (rows === null ? replica : rows[replica]);
  const leads = (placement?.leads ?? shards.replicaLeads).slice();
  const { load, count } = placement
    ? sumPlacement(initial, shards.replicaNodes, { nodeOf, rows }, problem.loads)
    : { load: initial.load.slice(), count: initial.count.slice() };
  const ghost = problem.holdsForPlan ? createGhostLoad(problem) : null;
  if (ghost && placement) holdAway(ghost, problem, placement);
  let lists: ReplicaLists | null = null;
  const listeners: StateListener[] = [];

  function replicaLists(): ReplicaLists {
    lists ??= createReplicaLists(nodeCount, nodeOf);
    return lists;
  }

  function hold(change: Change): void {
    const { loads, offset, from, to } = change;
    for (let d = 0; d < width; d++) {
      const amount = loads[offset + d];
      if (amount > 0) load[to * width + d] += amount;
      else if (amount < 0) load[from * width + d] -= amount;
    }
    if (change.kind === 'relocate') count[to] += 1;
    for (let at = 0; at < listeners.length; at++) listeners[at].hold?.(change);
  }

  function settle(change: Change): void {
    const { loads, offset, from, to, replica } = change;
    for (let d = 0; d < width; d++) {
      const amount = loads[offset + d];
      if (amount > 0) load[from * width + d] -= amount;
      else if (amount < 0) load[to * width + d] += amount;
    }
    if (change.kind === 'relocate') {
      count[from] -= 1;
      ghost?.relocate(change);
      lists?.unlink(replica, from);
      lists?.link(replica, to);
      nodeOf[replica] = to;
    } else if (change.kind === 'transfer') {
      const exchanged = rows ?? identity(replicaCount);
      const row = exchanged[replica];
      exchanged[replica] = exchanged[change.partner];
      exchanged[change.partner] = row;
      rows = exchanged;
      leads[replica] = 0;
      leads[change.partner] = 1;
    }
    for (let at = 0; at < listeners.length; at++) listeners[at].settle?.(change);
  }

  return {
    problem,
    nodeOf,
    leads,
    get rows() {
      return rows;
    },
    rowOf,
    load,
    ghost: ghost?.load ?? null,
    count,
    get first() {
      return replicaLists().first;
    },
    get next() {
      return replicaLists().next;
    },
    get previous() {
      return replicaLists().previous;
    },
    hold,
    settle,
    apply(change) {
      hold(change);
      settle(change);
    },
    keepHold(change) {
      if (ghost === null || change.kind !== 'relocate') return;
      if (change.from !== shards.replicaNodes[change.replica]) ghost.add(change.from, change.offset, 1);
    },
    listen(listener) {
      listeners.push(listener);
      return () => {
        const at = listeners.indexOf(listener);
        if (at >= 0) listeners.splice(at, 1);
      };
    },
    sumAnew() {
      load.set(sumPlacement(initial, shards.replicaNodes, { nodeOf, rows }, problem.loads).load);
      ghost?.load.fill(0);
      if (ghost) holdAway(ghost, problem, { nodeOf, rows });
    },
    relocation(change, replica, to) {
      change.kind = 'relocate';
      change.replica = replica;
      change.partner = -1;
      change.from = nodeOf[replica];
      change.to = to;
      change.loads = problem.loads;
      change.offset = rowOf(replica) * width;
      return change;
    },
    transfer(change, leader, successor, scratch) {
      change.kind = 'transfer';
      change.replica = leader;
      change.partner = successor;
      change.from = nodeOf[leader];
      change.to = nodeOf[successor];
      for (let d = 0; d < width; d++) {
        scratch[d] = problem.loads[rowOf(leader) * width + d] - problem.loads[rowOf(successor) * width + d];
      }
      change.loads = scratch;
      change.offset = 0;
      return change;
    },
  };
}

/** Transient load of what is away from where the snapshot found it. */
function holdAway(
  ghost: GhostLoad,
  problem: PlanningProblem,
  { nodeOf, rows }: Omit<Placement, 'leads'>,
): void {
  const { replicaNodes } = problem.shards;
  for (let r = problem.replicaCount - 1; r >= 0; r--) {
    if (replicaNodes[r] !== nodeOf[r]) ghost.add(replicaNodes[r], (rows?.[r] ?? r) * problem.width, 1);
  }
}

function identity(length: number): Int32Array {
  const values = new Int32Array(length);
  for (let i = 0; i < length; i++) values[i] = i;
  return values;
}
