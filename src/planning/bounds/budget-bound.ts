import { shardsOfShare } from '../plan-budget.ts';
import type { PlanningProblem } from '../problem.ts';
import { createNodeLevels, type NodeLevels } from './node-levels.ts';
import type { PeakBound } from './peak-bound.ts';
import type { QualityInput } from './quality-input.ts';

/**
 * The bound for a plan that its budget ended: no plan that relieves at most k replicas has a smaller peak over mean. What m
 * of them make of a node at best is known (`createNodeLevels`), so the k are dealt out one by one, each to the node that is
 * hottest still; the peak that is left is the least. k is `maxMoves`, or the replicas of the shards that may be touched
 * where those are fewer: each relieved replica needs a move and a touched shard of its own (proof: `fewestMoves`). The bound
 * for any plan where the budget did not end this one. O(k × log nodes + replicas of the nodes that are relieved).
 */
export function peakBoundWithin(input: QualityInput, bound: PeakBound): PeakBound {
  const { problem } = input.after;
  const { task, policy } = problem.request;
  if (task.kind === 'fixed') return bound;
  const { maxMoves, maxShareOfShards } = policy.budget;
  const maxShards = shardsOfShare(maxShareOfShards, problem.shardCount);
  if (input.moves < maxMoves && input.shardsTouched < maxShards) return bound;
  const most = Math.min(maxMoves, maxShards * largestShard(problem));
  const levels = createNodeLevels(problem, problem.initial.load, bound.peakToMean);
  const peakToMean = afterRelief(levels, most);
  return peakToMean > bound.peakToMean ? { peakToMean, by: 'budget' } : bound;
}

function largestShard({ shards, shardCount }: PlanningProblem): number {
  let most = 0;
  for (let s = 0; s < shardCount; s++) {
    most = Math.max(most, shards.replicaOffsets[s + 1] - shards.replicaOffsets[s]);
  }
  return most;
}

/** The highest level when `most` replicas have been taken, each from the node that was highest. */
function afterRelief(levels: NodeLevels, most: number): number {
  const heap = new Int32Array(levels.count);
  for (let index = 0; index < heap.length; index++) heap[index] = index;
  const below = (at: number, other: number): boolean =>
    levels.levelOf(heap[at]) < levels.levelOf(heap[other]);
  const sink = (from: number): void => {
    for (let at = from; ; ) {
      let highest = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && below(highest, child)) highest = child;
      }
      if (highest === at) return;
      [heap[at], heap[highest]] = [heap[highest], heap[at]];
      at = highest;
    }
  };
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(at);
  if (heap.length === 0) return 0;
  for (let taken = 0; taken < most; ) {
    const counts = levels.relieve(heap[0]);
    // Nothing that may move is left on the hottest node.
    if (counts === null) break;
    taken += counts;
    sink(0);
  }
  return levels.levelOf(heap[0]);
}
