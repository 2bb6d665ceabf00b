import { isHealthy } from '../domain/node.ts';
import type { PlannedMove } from './planned-move.ts';
import type { PlanningProblem } from './problem.ts';

/** The moves that wait, in order of priority, and which of them may go. */
export interface MoveQueue {
  isEmpty(): boolean;
  /** Indices that wait, in order; stays valid while moves are started. */
  waiting(): Iterable<number>;
  move(index: number): PlannedMove;
  isReady(index: number): boolean;
  wasStaged(index: number): boolean;
  start(index: number): void;
  endWave(): void;
  /** Puts a leg through a third node before the waiting move. */
  stage(index: number, leg: PlannedMove): void;
  rest(): PlannedMove[];
}

/** @param keepsOrder whether the moves of a shard keep the order in which they are given */
export function createMoveQueue(
  problem: PlanningProblem,
  given: readonly PlannedMove[],
  keepsOrder: boolean,
): MoveQueue {
  const moves = [...given];
  let order = moves.map((_, index) => index);
  const started = new Set<number>();
  const staged = new Set<number>();
  const inFlight = new Set<number>();
  const shardOf = (index: number): number => problem.shardOf[moves[index].replica];
  const before = predecessors();
  let live = moves.length;
  let startedSinceSweep = 0;

  function predecessors(): Int32Array {
    const last = new Map<number, number>();
    const result = new Int32Array(moves.length).fill(-1);
    if (!keepsOrder) return afterRestoring(result);
    for (let index = 0; index < moves.length; index++) {
      const shard = problem.shardOf[moves[index].replica];
      result[index] = last.get(shard) ?? -1;
      last.set(shard, index);
    }
    return result;
  }

  /**
   * Other replicas of a shard move only after what it lost has been restored: until then they are what it lives on and
   * what is copied from. Where that is not restored by these moves, a replica that the shard cannot do without waits
   * for itself, that is for ever.
   */
  function afterRestoring(result: Int32Array): Int32Array {
    const healthy = problem.request.snapshot.nodes.map(isHealthy);
    if (!healthy.includes(false)) return result;
    const relocates = (index: number): boolean => moves[index].kind === 'relocate';
    const isLost = (replica: number): boolean => !healthy[problem.shards.replicaNodes[replica]];
    const restoring = new Map<number, number>();
    for (let index = 0; index < moves.length; index++) {
      if (relocates(index) && isLost(moves[index].replica)) restoring.set(shardOf(index), index);
    }
    for (let index = 0; index < moves.length; index++) {
      if (!relocates(index) || isLost(moves[index].replica)) continue;
      result[index] = restoring.get(shardOf(index)) ?? (isIndispensable(shardOf(index), isLost) ? index : -1);
    }
    return result;
  }

  function isIndispensable(shard: number, isLost: (replica: number) => boolean): boolean {
    const { replicaOffsets } = problem.shards;
    const first = replicaOffsets[shard];
    const end = replicaOffsets[shard + 1];
    let others = -1;
    for (let replica = first; replica < end; replica++) if (!isLost(replica)) others++;
    const { minHealthyReplicas } = problem.request.policy.placement;
    return others < Math.min(minHealthyReplicas, end - first - 1);
  }

  return {
    isEmpty: () => live === 0,
    *waiting() {
      for (const index of order) if (!started.has(index)) yield index;
    },
    move: (index) => moves[index],
    isReady(index) {
      if (inFlight.has(shardOf(index))) return false;
      const previous = before[index] ?? -1;
      return previous < 0 || started.has(previous);
    },
    wasStaged: (index) => staged.has(index),
    start(index) {
      started.add(index);
      inFlight.add(shardOf(index));
      live -= 1;
      startedSinceSweep += 1;
    },
    endWave() {
      inFlight.clear();
      // Sweeping once a good part has gone keeps the work per move constant.
      if (startedSinceSweep * 4 < order.length) return;
      order = order.filter((index) => !started.has(index));
      startedSinceSweep = 0;
    },
    stage(index, leg) {
      staged.add(index);
      const at = moves.length;
      moves.push(leg);
      staged.add(at);
      order.unshift(at);
      live += 1;
    },
    rest: () => order.filter((index) => !started.has(index)).map((index) => moves[index]),
  };
}
