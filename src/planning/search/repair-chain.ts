import { createChange } from '../change.ts';
import type { ColdNodes } from './cold-nodes.ts';
import { negligible, type SearchEngine } from './search-engine.ts';

/** Replicas that make room for each other one after the other, at most. */
const maxDepth = 3;

/** Candidates per stranded replica: a few milliseconds, and all chains there are in a fleet of a dozen nodes. */
const maxEvaluations = 50_000;

/** Destinations that are tried per replica. */
const windowSize = 16;

/** Replicas of a destination that are asked to make room. */
const maxBlockers = 32;

/**
 * Finds a place for a replica that no node takes as things are: another replica makes room first, one of the destination
 * or one of the same shard, and if need be one makes room for that (ejection chains; Glover, "Ejection chains, reference
 * structures and alternating path methods", 1996). Every step keeps all rules. Shorter chains are tried first.
 */
export function createRepairChain(engine: SearchEngine, cold: ColdNodes): (replica: number) => boolean {
  const { state, deltas } = engine;
  const { problem } = state;
  const { shardOf, immobile, nodes } = problem;
  const offsets = problem.shards.replicaOffsets;
  const windows = Array.from({ length: maxDepth + 1 }, () => new Int32Array(windowSize));
  const change = createChange();
  const moved: { readonly replica: number; readonly from: number }[] = [];
  let limit = 0;

  function isAdmissible(replica: number, to: number): boolean {
    engine.score(state.relocation(change, replica, to));
    return engine.admits(change) && deltas.violations <= negligible && deltas.vacate <= 0;
  }

  function helps(): boolean {
    return deltas.violations < -negligible || deltas.vacate < 0;
  }

  function apply(replica: number, to: number): void {
    moved.push({ replica, from: state.nodeOf[replica] });
    engine.apply(state.relocation(change, replica, to));
  }

  function undoTo(length: number): void {
    while (moved.length > length) {
      const last = moved.pop();
      if (last) engine.apply(state.relocation(change, last.replica, last.from));
    }
  }

  /** Replicas that may stand in the way: of the same shard, or on the destination. */
  function blockers(replica: number, to: number): number[] {
    const found: number[] = [];
    const shard = shardOf[replica];
    for (let r = offsets[shard]; r < offsets[shard + 1]; r++) if (r !== replica) found.push(r);
    for (let r = state.first[to]; r >= 0 && found.length < maxBlockers; r = state.next[r]) {
      if (shardOf[r] !== shard && immobile[shardOf[r]] === 0) found.push(r);
    }
    return found.filter((r) => !moved.some((entry) => entry.replica === r));
  }

  /** Moves the replica there, making room where needed; leaves everything as it was when it cannot. */
  function move(replica: number, to: number, depth: number): boolean {
    if (isAdmissible(replica, to)) {
      apply(replica, to);
      return true;
    }
    if (depth === 0 || nodes.takes[to] === 0) return false;
    const start = moved.length;
    for (const blocker of blockers(replica, to)) {
      const window = windows[depth - 1];
      const size = cold.window(state.nodeOf[blocker], windowSize, window);
      for (let i = 0; i < size; i++) {
        if (engine.evaluations > limit || engine.isSpent()) return false;
        if (
          window[i] === state.nodeOf[blocker] ||
          (window[i] === to && shardOf[blocker] !== shardOf[replica])
        )
          continue;
        if (!move(blocker, window[i], depth - 1)) continue;
        if (isAdmissible(replica, to)) {
          apply(replica, to);
          return true;
        }
        undoTo(start);
      }
    }
    return false;
  }

  return (replica) => {
    limit = engine.evaluations + maxEvaluations;
    for (let depth = 1; depth <= maxDepth; depth++) {
      const window = windows[maxDepth];
      const size = cold.window(state.nodeOf[replica], windowSize, window);
      for (let i = 0; i < size; i++) {
        if (window[i] === state.nodeOf[replica]) continue;
        moved.length = 0;
        if (move(replica, window[i], depth) && helps()) return true;
        undoTo(0);
      }
    }
    return false;
  };
}
