import { createChange } from '../change.ts';
import { mayTransfer } from './may-transfer.ts';
import type { SearchEngine } from './search-engine.ts';
import type { ShedLines } from './shed-lines.ts';

/**
 * A transfer copies nothing, yet it is a move: it stands in for the relocation of the leader where it takes at least this
 * share of what that would take off the node.
 */
const leastRelief = 0.75;

/** Where followers carry more than this share of what leaders do, in every dimension, hardly a transfer takes enough. */
const followerShare = 0.4;

/**
 * Hands over leadership of a hot node's shards, those that take most off it first, to successors whose nodes stay below
 * their line. Null where leaders carry about what followers do. O(leaders of the node × copies × dimensions) per node.
 */
export function createShedLeadership(
  engine: SearchEngine,
  lines: ShedLines,
): ((node: number) => void) | null {
  if (!leadersCarryMore(engine)) return null;
  const { state } = engine;
  const { problem, load } = state;
  const { width, loads, shardOf, immobile } = problem;
  const offsets = problem.shards.replicaOffsets;
  const { trigger, goal } = lines;
  const scratch = new Float64Array(width);
  const change = createChange();

  function isHot(node: number): boolean {
    for (let at = node * width; at < (node + 1) * width; at++) if (load[at] > trigger[at]) return true;
    return false;
  }

  /** What a load would take off the node, in shares of what is too much in each dimension. */
  function relief(node: number, row: Float64Array, offset: number): number {
    let sum = 0;
    for (let d = 0, at = node * width; d < width; d++, at++) {
      const above = load[at] - trigger[at];
      if (above > 0) sum += Math.min(above, row[offset + d]) / above;
    }
    return sum;
  }

  /** Whether no node crosses its line in a dimension in which it gets more. */
  function staysBelow(): boolean {
    for (let d = 0; d < width; d++) {
      const amount = scratch[d];
      const at = (amount > 0 ? change.to : change.from) * width + d;
      if (amount !== 0 && load[at] + Math.abs(amount) > goal[at]) return false;
    }
    return true;
  }

  /** The follower that takes most off the leader's node; -1 when none takes enough. */
  function successorOf(leader: number): { readonly successor: number; readonly relief: number } {
    const node = state.nodeOf[leader];
    const shard = shardOf[leader];
    let most = leastRelief * relief(node, loads, state.rowOf(leader) * width);
    let successor = -1;
    for (let r = offsets[shard]; r < offsets[shard + 1]; r++) {
      if (r === leader || !mayTransfer(state, leader, r)) continue;
      state.transfer(change, leader, r, scratch);
      engine.spend(1);
      const own = staysBelow() ? relief(node, scratch, 0) : 0;
      if (own <= 0 || own < most) continue;
      most = own;
      successor = r;
    }
    return { successor, relief: most };
  }

  return (node) => {
    const leaders: { readonly leader: number; readonly relief: number }[] = [];
    for (let r = state.first[node]; r >= 0; r = state.next[r]) {
      if (state.leads[r] === 0 || immobile[shardOf[r]] !== 0) continue;
      const found = successorOf(r);
      if (found.successor >= 0) leaders.push({ leader: r, relief: found.relief });
    }
    leaders.sort((left, right) => right.relief - left.relief || left.leader - right.leader);
    for (const { leader } of leaders) {
      if (!isHot(node) || engine.isSpent()) return;
      // Others have been handed over since: what fitted then may not fit now.
      const { successor } = successorOf(leader);
      if (successor >= 0) engine.accepts(state.transfer(change, leader, successor, scratch));
    }
  };
}

/** Whether followers carry clearly less than leaders in some weighted dimension. O(replicas × dimensions). */
function leadersCarryMore(engine: SearchEngine): boolean {
  const { state, factors } = engine;
  const { replicaCount, width, loads } = state.problem;
  const led = new Float64Array(width);
  const followed = new Float64Array(width);
  let leaders = 0;
  for (let r = 0; r < replicaCount; r++) {
    const sums = state.leads[r] === 1 ? led : followed;
    leaders += state.leads[r];
    for (let d = 0, at = state.rowOf(r) * width; d < width; d++, at++) sums[d] += loads[at];
  }
  const followers = replicaCount - leaders;
  if (leaders === 0 || followers === 0) return false;
  return led.some(
    (sum, d) =>
      factors.weights[d] > 0 && sum > 0 && followed[d] / followers < (followerShare * sum) / leaders,
  );
}
