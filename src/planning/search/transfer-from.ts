import { createChange } from '../change.ts';
import { mayTransfer } from './may-transfer.ts';
import type { SearchEngine } from './search-engine.ts';

/** Transfers leadership off a node, the best transfer at a time; answers whether it found one. */
export function createTransferFrom(engine: SearchEngine): (node: number) => boolean {
  const { state } = engine;
  const { problem } = state;
  const offsets = problem.shards.replicaOffsets;
  const scratch = new Float64Array(problem.width);
  const change = createChange();
  let matters: boolean | null = null;

  /** Whether any leader's row differs from its followers': otherwise leadership carries no load. */
  function leadersDiffer(): boolean {
    for (let r = 0; r < problem.replicaCount; r++) {
      if (state.leads[r] === 0) continue;
      const shard = problem.shardOf[r];
      for (let other = offsets[shard]; other < offsets[shard + 1]; other++)
        if (differs(r, other)) return true;
    }
    return false;
  }

  function differs(left: number, right: number): boolean {
    for (let d = 0; d < problem.width; d++) {
      if (problem.loads[left * problem.width + d] !== problem.loads[right * problem.width + d]) return true;
    }
    return false;
  }

  return (node) => {
    matters ??= leadersDiffer();
    if (!matters) return false;
    let best = 0;
    let leader = -1;
    let successor = -1;
    for (let r = state.first[node]; r >= 0; r = state.next[r]) {
      const shard = problem.shardOf[r];
      if (state.leads[r] === 0 || problem.immobile[shard] !== 0) continue;
      for (let other = offsets[shard]; other < offsets[shard + 1]; other++) {
        if (other === r || !mayTransfer(state, r, other) || engine.isSpent()) continue;
        const score = engine.score(state.transfer(change, r, other, scratch));
        if (score <= best || !engine.isWorthwhile(change) || !engine.admits(change)) continue;
        best = score;
        leader = r;
        successor = other;
      }
    }
    if (leader < 0) return false;
    engine.apply(state.transfer(change, leader, successor, scratch));
    return true;
  };
}
