import { createChange } from '../change.ts';
import { allowedLeaders, leadersPerNode } from '../terms/leadership.ts';
import { mayTransfer } from './may-transfer.ts';
import { createPeakGuard } from './peak-guard.ts';
import type { SearchEngine } from './search-engine.ts';

/** Rounds over the nodes: what a node could not give away it may once others have given. */
const maxRounds = 3;

/**
 * Leadership by number: each node that leads more than its share hands over, the node with the most first, each shard
 * to the successor that gains most. Runs after the descent, whose hot nodes are those with too much load; only where
 * policy counts leaders.
 */
export function levelLeadership(engine: SearchEngine): void {
  const { state, factors } = engine;
  const { problem } = state;
  if (problem.request.policy.benefit.leadershipWeight === 0) return;
  const keepsPeak = createPeakGuard(state, factors);
  const allowed = allowedLeaders(problem, factors);
  const scratch = new Float64Array(problem.width);
  const change = createChange();
  const offsets = problem.shards.replicaOffsets;

  /** Hands the leadership of one shard to its best successor, if that is worth it. */
  function handOver(leader: number): boolean {
    const shard = problem.shardOf[leader];
    if (problem.immobile[shard] !== 0) return false;
    let best = 0;
    let successor = -1;
    for (let r = offsets[shard]; r < offsets[shard + 1]; r++) {
      if (r === leader || !mayTransfer(state, leader, r)) continue;
      const score = engine.score(state.transfer(change, leader, r, scratch));
      if (score <= best || !engine.isWorthwhile(change)) continue;
      if (!keepsPeak(change) || !engine.admits(change)) continue;
      best = score;
      successor = r;
    }
    if (successor < 0) return false;
    engine.apply(state.transfer(change, leader, successor, scratch));
    return true;
  }

  for (let round = 0; round < maxRounds && !engine.isSpent(); round++) {
    const leaders = leadersPerNode(state);
    const crowded = Array.from(leaders, (count, node) => ({ node, above: count - allowed[node] }))
      .filter(({ above }) => above > 0)
      .sort((left, right) => right.above - left.above || left.node - right.node);
    let moved = 0;
    for (const { node, above } of crowded) {
      const led: number[] = [];
      for (let r = state.first[node]; r >= 0; r = state.next[r]) if (state.leads[r] === 1) led.push(r);
      let given = 0;
      for (const leader of led) {
        if (given >= above || engine.isSpent()) break;
        if (handOver(leader)) given += 1;
      }
      moved += given;
    }
    if (moved === 0) return;
  }
}
