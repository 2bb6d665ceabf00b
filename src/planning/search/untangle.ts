import { createChange } from '../change.ts';
import type { SearchEngine } from './search-engine.ts';

/**
 * Takes moves out of the plan that only exchange replicas of one shard: where a replica ended on the node that another
 * one of its shard left, and both carry the same, the two trade places, so that the other one is at home. The load of
 * every node stays what it is, and so does every rule about shards; there is a move less to make, and none that waits for
 * the node that it goes to to be left first. O(moved replicas × replicas of the shard). Answers how many moves it saved.
 */
export function untangle(engine: SearchEngine): number {
  const { state } = engine;
  const { problem, nodeOf, rowOf } = state;
  const { replicaOffsets: offsets, replicaNodes: origins } = problem.shards;
  const { width, loads } = problem;
  const change = createChange();

  function carrySame(left: number, right: number): boolean {
    const a = rowOf(left) * width;
    const b = rowOf(right) * width;
    for (let d = 0; d < width; d++) if (loads[a + d] !== loads[b + d]) return false;
    return true;
  }

  /** The replica of the same shard whose home this one took, if it may have it back; -1 for none. */
  function evicted(replica: number): number {
    const shard = problem.shardOf[replica];
    for (let r = offsets[shard]; r < offsets[shard + 1]; r++) {
      if (
        r !== replica &&
        origins[r] === nodeOf[replica] &&
        nodeOf[r] !== origins[r] &&
        carrySame(r, replica)
      )
        return r;
    }
    return -1;
  }

  let saved = 0;
  for (let r = 0; r < problem.replicaCount; r++) {
    if (nodeOf[r] === origins[r]) continue;
    // Each trade brings one home for good, so this ends.
    for (let other = evicted(r); other >= 0 && nodeOf[r] !== origins[r]; other = evicted(r)) {
      const home = nodeOf[r];
      const away = nodeOf[other];
      engine.apply(state.relocation(change, r, away));
      engine.apply(state.relocation(change, other, home));
      saved += 1;
    }
  }
  return saved;
}
