import type { PlacementState } from '../../src/planning/placement-state.ts';
import type { ObjectiveTerm } from '../../src/planning/term.ts';
import type { RoadefModel } from '../../src/simulator/roadef-model.ts';

/** Weight × the largest number of processes of one service that are not where they were. O(1). */
export function createServiceMoveCost(model: RoadefModel, state: PlacementState): ObjectiveTerm {
  const { nodeOf, problem } = state;
  const { shardOf, shardCount, replicaCount } = problem;
  const origins = problem.shards.replicaNodes;
  const weight = model.weightServiceMove;
  const moved = new Int32Array(shardCount);
  for (let replica = 0; replica < replicaCount; replica++) {
    if (nodeOf[replica] !== origins[replica]) moved[shardOf[replica]] += 1;
  }
  let most = moved.reduce((largest, count) => Math.max(largest, count), 0);
  /** Services per number of moved processes. */
  const servicesWith = new Int32Array(replicaCount + 1);
  for (const count of moved) servicesWith[count] += 1;

  /** 1 when the process moves away from where it was, -1 when it comes back. */
  function step(replica: number, from: number, to: number): number {
    const origin = origins[replica];
    return (to === origin ? 0 : 1) - (from === origin ? 0 : 1);
  }

  /** The most, when `shard` had `by` moved processes more. */
  function mostAfter(shard: number, by: number): number {
    if (by === 0) return most;
    if (by > 0) return Math.max(most, moved[shard] + by);
    if (moved[shard] < most || servicesWith[most] > 1) return most;
    let next = most - 1;
    while (next > moved[shard] + by && servicesWith[next] === 0) next -= 1;
    return next;
  }

  function book(shard: number, by: number): void {
    if (by === 0) return;
    servicesWith[moved[shard]] -= 1;
    moved[shard] += by;
    servicesWith[moved[shard]] += 1;
    if (moved[shard] > most) most = moved[shard];
    while (most > 0 && servicesWith[most] === 0) most -= 1;
  }

  return {
    name: 'service move cost',
    level: 'excess',
    delta({ kind, replica, partner, from, to }) {
      if (kind === 'transfer') return 0;
      const shard = shardOf[replica];
      const by = step(replica, from, to);
      if (kind === 'relocate') return weight * (mostAfter(shard, by) - most);
      return weight * (mostAfterSwap(shard, by, shardOf[partner], step(partner, to, from)) - most);
    },
    settle({ kind, replica, from, to }) {
      if (kind === 'relocate') book(shardOf[replica], step(replica, from, to));
    },
    value: () => weight * most,
  };

  function mostAfterSwap(shard: number, by: number, other: number, back: number): number {
    if (shard === other) return mostAfter(shard, by + back);
    if (by === 0 && back === 0) return most;
    if (by >= 0 && back >= 0) return Math.max(mostAfter(shard, by), mostAfter(other, back));
    // One comes home: counted for real, since both may have been the only ones with the most.
    book(shard, by);
    const after = mostAfter(other, back);
    book(shard, -by);
    return after;
  }
}
