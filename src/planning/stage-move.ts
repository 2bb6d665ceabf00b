import { createChange } from './change.ts';
import type { Constraint } from './constraint.ts';
import { capacityLimits } from './constraints/capacity.ts';
import type { MoveQueue } from './move-queue.ts';
import type { PlacementState } from './placement-state.ts';
import type { PlannedMove } from './planned-move.ts';
import { blockedBy, fillChange } from './try-move.ts';

/** Waiting moves that are looked at when nothing can go on. */
const maxBlockedTried = 1_024;

/** Third nodes that are tried per move, of its own zone and of all. */
const maxThirdNodes = 256;

/** Moves into a node that are asked whether a detour would let them pass. */
const maxWaitersAsked = 16;

type TakeLeg = (leg: PlannedMove, index: number) => boolean;

/** Breaks deadlocks. */
export interface Stager {
  /**
   * Moves wait for each other. Finds legs that break the circles they are in: replicas that wait on a third node while
   * others move to where they were. Calls `take` with each at once, and with the move that it begins; what follows is
   * measured with it on hold. It ends when `take` refuses.
   */
  stage(take: TakeLeg): void;
}

/**
 * A move that would let another one pass comes first, the one with the fewest bytes of those; one per circle, since the
 * others of the circle then follow by themselves. Where none lets another pass alone, one that at least makes room where
 * another wants to go. Each move takes such a detour at most once. While the plan holds transient load, the third node
 * holds it as well from then on, and a leg makes no room for it where it comes from: only what other dimensions block can
 * be helped so.
 *
 * @param queue in which every move that could go by its shard is parked
 * @param mayStage whether the budget allows another move of so many bytes; books it
 */
export function createStager(
  state: PlacementState,
  constraints: readonly Constraint[],
  queue: MoveQueue,
  mayStage: (bytes: number) => boolean,
): Stager {
  const { problem } = state;
  const { replicaBytes } = problem.shards;
  const wasStaged = new Set<number>();
  const change = createChange();
  const back = createChange();
  const scratch = new Float64Array(problem.width);

  /** Waiting relocations that had no detour yet, fewest bytes first. */
  function candidates(): number[] {
    const found = queue
      .parked()
      .filter((index) => queue.move(index).kind === 'relocate' && !wasStaged.has(index));
    const bytesOf = (index: number): number => replicaBytes[queue.move(index).replica];
    return found
      .sort((left, right) => bytesOf(left) - bytesOf(right) || left - right)
      .slice(0, maxBlockedTried);
  }

  /** Whether a move that waits for the room that the leg makes could go then. */
  function letsAnotherPass(leg: PlannedMove, from: number): boolean {
    const waiters = queue.parkedAt(from).slice(0, maxWaitersAsked);
    if (waiters.length === 0) return false;
    state.apply(fillChange(state, leg, change, scratch));
    const passes = waiters.some((index) => {
      const waiter = queue.move(index);
      const isOther = waiter.replica !== leg.replica;
      return isOther && blockedBy(constraints, fillChange(state, waiter, change, scratch)) === null;
    });
    state.apply(state.relocation(back, leg.replica, from));
    return passes;
  }

  /** Nodes whose replicas will go by themselves once one has left `node`: the way back along the circle. */
  function follow(node: number, resolved: Set<number>): void {
    const reached = [node];
    for (let at = reached.pop(); at !== undefined; at = reached.pop()) {
      if (resolved.has(at)) continue;
      resolved.add(at);
      for (const index of queue.parkedAt(at)) reached.push(state.nodeOf[queue.move(index).replica]);
    }
  }

  function stageAll(needsWaiter: boolean, take: TakeLeg): boolean {
    const third = createThirdNodes(state, constraints, queue);
    const resolved = new Set<number>();
    for (const index of candidates()) {
      const move = queue.move(index);
      const from = state.nodeOf[move.replica];
      if (resolved.has(from)) continue;
      const to = third.find(move);
      if (to < 0) continue;
      const leg: PlannedMove = { ...move, to, staged: true };
      if (needsWaiter && !letsAnotherPass(leg, from)) continue;
      if (!mayStage(replicaBytes[move.replica])) return true;
      wasStaged.add(index);
      if (!take(leg, index)) return true;
      follow(from, resolved);
      // What helps nobody at once is tried one at a time.
      if (!needsWaiter) return true;
    }
    return resolved.size > 0;
  }

  return {
    stage(take) {
      if (!stageAll(true, take)) stageAll(false, take);
    },
  };
}

/** Nodes by the share of their room that is free, the roomiest first. */
function createThirdNodes(state: PlacementState, constraints: readonly Constraint[], queue: MoveQueue) {
  const { problem } = state;
  const { width, nodes } = problem;
  const zoneOf = nodes.domains.zone.ofNode;
  const limits = capacityLimits(state);
  const change = createChange();
  const room = new Float64Array(problem.nodeCount);
  const takers: number[] = [];
  for (let node = 0; node < problem.nodeCount; node++) {
    if (nodes.takes[node] === 0) continue;
    takers.push(node);
    room[node] = Number.POSITIVE_INFINITY;
    for (let at = node * width; at < (node + 1) * width; at++) {
      room[node] = Math.min(room[node], limits[at] > 0 ? 1 - state.load[at] / limits[at] : 0);
    }
  }
  takers.sort((left, right) => room[right] - room[left] || left - right);

  /** One that no waiting move wants, before one that some does; -1 for none. */
  function search(move: PlannedMove, zone: number): number {
    const from = state.nodeOf[move.replica];
    let wanted = -1;
    let looked = 0;
    for (const node of takers) {
      if (looked >= maxThirdNodes) break;
      if (node === move.to || node === from || (zone >= 0 && zoneOf[node] !== zone)) continue;
      looked += 1;
      state.relocation(change, move.replica, node);
      if (blockedBy(constraints, change) !== null) continue;
      if (queue.parkedAt(node).length === 0) return node;
      if (wanted < 0) wanted = node;
    }
    return wanted;
  }

  return {
    /** In its own zone if there is any: what spread allows there it mostly allows on a neighbour. */
    find(move: PlannedMove): number {
      const near = search(move, zoneOf[state.nodeOf[move.replica]]);
      return near >= 0 ? near : search(move, -1);
    },
  };
}
