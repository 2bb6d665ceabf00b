import type { PlacementState } from './placement-state.ts';

/** Replicas that are read ahead together: what they need fits into the nearest caches. */
const block = 64;

/**
 * What is read of a replica: where it is and was; what applying a move needs, what rules ask as well, what prices and budgets
 * ask besides, and what a plan writes down of it.
 */
export type Facts = 'placement' | 'load' | 'rules' | 'all' | 'written';

/** Reads what is asked of replicas that are about to be moved. */
export interface ReadAhead {
  /** A replica that is next; nothing happens to it. */
  touch(replica: number): void;
  /** In a walk over `count` replicas that has come to `at`: the next ones, at every so many. */
  walk(at: number, count: number, replicaAt: (at: number) => number): void;
}

/**
 * In a large fleet every replica that moves is somewhere else in memory, and what is asked of it, one thing after the other,
 * waits for memory each time. Read in a loop of their own that waits for nothing in between, many are fetched at once
 * (group prefetching: Chen, Ailamaki, Gibbons, Mowry, "Improving hash join performance through prefetching", 2007).
 */
export function createReadAhead(state: PlacementState, facts: Facts): ReadAhead {
  const { problem, nodeOf, leads, rowOf } = state;
  const { loads, shardOf, width, shards } = problem;
  const { replicaBytes, replicaNodes, replicaOffsets, replicaNumbers, replicaLeads, versions, ids } = shards;
  // What was read is kept, so that no compiler leaves the reading out.
  const seen = new Float64Array(1);
  const seenIds = [''];
  function touchPlacement(replica: number): void {
    seen[0] = nodeOf[replica] + replicaNodes[replica] + replicaLeads[replica] + leads[replica];
  }

  function touchLoad(replica: number): void {
    seen[0] = nodeOf[replica] + loads[rowOf(replica) * width];
  }

  function touchRules(replica: number): void {
    seen[0] = nodeOf[replica] + loads[rowOf(replica) * width] + replicaOffsets[shardOf[replica]];
  }

  function touchAll(replica: number): void {
    const shard = shardOf[replica];
    seen[0] =
      nodeOf[replica] +
      loads[rowOf(replica) * width] +
      replicaBytes[replica] +
      replicaOffsets[shard] +
      replicaNodes[replica];
  }

  function touchWritten(replica: number): void {
    const shard = shardOf[replica];
    touchAll(replica);
    seen[0] += replicaNumbers[replica] + replicaLeads[replica] + versions[shard];
    seenIds[0] = ids[shard];
  }

  const touch = {
    placement: touchPlacement,
    load: touchLoad,
    rules: touchRules,
    all: touchAll,
    written: touchWritten,
  }[facts];
  return {
    touch,
    walk(at, count, replicaAt) {
      if (at % block !== 0) return;
      const end = Math.min(count, at + block);
      for (let next = at; next < end; next++) touch(replicaAt(next));
    },
  };
}
