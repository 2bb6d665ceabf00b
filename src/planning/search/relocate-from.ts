import { createChange } from '../change.ts';
import { replacesTerms } from '../extension.ts';
import type { ColdNodes } from './cold-nodes.ts';
import type { SearchEngine } from './search-engine.ts';
import { worstDimension } from './swap-candidates.ts';

/** Destinations per replica: few, so that there are many looks; and where all else failed. */
const windowSize = 8;
const wideWindow = 64;
/** The few where others' terms stand in place of load. */
const othersWindow = 12;

/** Moves per look at a node: a share of its replicas, so that looking costs little per move. */
const batchShare = 0.125;
const leastBatch = 2;

/** Replicas of a node that are looked at; with more, the rest wait for the next look. */
const maxReplicasPerLook = 4_096;

/**
 * Relocates replicas off a node, the best first; answers whether it found any. To nodes that are cold where this one is
 * hottest: in a fleet of several kinds of nodes none is cold in everything, and most have room for something. Or, `isWide`, to
 * many more of the coldest.
 */
export function createRelocateFrom(
  engine: SearchEngine,
  cold: ColdNodes,
): (node: number, isWide: boolean) => boolean {
  const { state } = engine;
  const { problem } = state;
  const change = createChange();
  const window = new Int32Array(wideWindow);
  const isOurs = !replacesTerms(problem);
  const replicas = new Int32Array(maxReplicasPerLook);
  const scores = new Float64Array(maxReplicasPerLook);
  const nominal = new Int32Array(maxReplicasPerLook);

  /** Fills replicas, scores and nominal destinations with what improves by loads alone; returns how many. */
  function look(node: number, destinations: number): number {
    let found = 0;
    for (
      let r = state.first[node], seen = 0;
      r >= 0 && seen < maxReplicasPerLook;
      r = state.next[r], seen++
    ) {
      if (problem.immobile[problem.shardOf[r]] !== 0) continue;
      let best = 0;
      let to = -1;
      for (let i = 0; i < destinations; i++) {
        if (window[i] === node) continue;
        const score = engine.score(state.relocation(change, r, window[i]));
        if (score > best) {
          best = score;
          to = window[i];
        }
      }
      if (to < 0) continue;
      replicas[found] = r;
      scores[found] = best;
      nominal[found] = to;
      found += 1;
      if (engine.isSpent()) break;
    }
    return found;
  }

  /** Tries the nominal destination, then the others of the window by score. */
  function place(replica: number, first: number, destinations: number): boolean {
    if (accepts(replica, first)) return true;
    let bestScore = 0;
    let chosen = -1;
    for (let i = 0; i < destinations; i++) {
      if (window[i] === state.nodeOf[replica] || window[i] === first) continue;
      const score = engine.score(state.relocation(change, replica, window[i]));
      if (score > bestScore && engine.isWorthwhile(change) && engine.admits(change)) {
        bestScore = score;
        chosen = window[i];
      }
    }
    return chosen >= 0 && accepts(replica, chosen);
  }

  function accepts(replica: number, to: number): boolean {
    if (state.nodeOf[replica] === to) return false;
    engine.score(state.relocation(change, replica, to));
    // Constraints cost more than terms: asked only when the change is worth it.
    if (!engine.isWorthwhile(change) || !engine.admits(change) || !engine.isWorthwhile(change)) return false;
    engine.apply(change);
    return true;
  }

  function attempt(node: number, size: number): boolean {
    const found = look(node, size);
    const order = Array.from({ length: found }, (_, index) => index);
    order.sort((left, right) => scores[right] - scores[left] || replicas[left] - replicas[right]);
    const batch = Math.max(leastBatch, Math.floor(state.count[node] * batchShare));
    let placed = 0;
    for (const index of order) {
      if (placed >= batch || engine.isSpent()) break;
      if (place(replicas[index], nominal[index], size)) placed += 1;
    }
    return placed > 0;
  }

  /** What others' terms want has nothing to do with where nodes are hot: the coldest, and at once many of them. */
  function forOthersTerms(node: number): boolean {
    if (attempt(node, cold.window(node, othersWindow, window))) return true;
    const all = cold.all();
    const size = Math.min(wideWindow, all.length);
    window.set(all.subarray(0, size));
    return attempt(node, size);
  }

  return (node, isWide) => {
    if (!isOurs) return !isWide && forOthersTerms(node);
    const view = isWide ? cold : cold.by(worstDimension(engine, node));
    return attempt(node, view.window(node, isWide ? wideWindow : windowSize, window));
  };
}
