import type { Random } from '../../base/random.ts';
import { createChange } from '../change.ts';
import { mayGive } from '../constraints/admission.ts';
import { collectHotRows } from './hot-rows.ts';
import { createOpenNodes, type OpenNodes } from './open-nodes.ts';
import type { SearchEngine } from './search-engine.ts';
import { createShedCover, largestBatch } from './shed-cover.ts';
import type { ShedLines } from './shed-lines.ts';

/** Destinations that a replica is compared over: with more, peaks and numbers of moves hardly change. */
const windowSize = 32;

/** Best destinations of a window that the constraints are asked about. */
const maxAsked = 6;

/**
 * The first, coarse part of the descent: every node above the trigger, the hottest first, gives the fewest replicas that
 * bring it back, each to a node that stays below its line. Nodes that are balanced are not looked at. O(replicas) for
 * one pass over all, then O(replicas of the hot nodes × log moves + moves × window) × dimensions. Answers how many
 * replicas moved; what does not fit anywhere stays for the rest of the search.
 */
export function shed(engine: SearchEngine, lines: ShedLines, random: Random): number {
  const { state } = engine;
  const { load, problem } = state;
  const { width } = problem;
  const { trigger } = lines;
  const hot = hotNodes(engine, lines);
  if (hot.length === 0) return 0;
  const rows = collectHotRows(state, hot);
  const cover = createShedCover(rows, engine.factors, width);
  const open = createOpenNodes(state, lines, problem.nodes.domains[spreadLevel(engine)].ofNode, random);
  const place = createPlace(engine, lines, open);
  const need = new Float64Array(width);
  const chosen = new Int32Array(largestBatch);
  let moved = 0;

  function isHot(node: number): boolean {
    let hot = false;
    for (let d = 0, at = node * width; d < width; d++, at++) {
      need[d] = Math.max(0, load[at] - trigger[at]);
      if (need[d] > 0) hot = true;
    }
    return hot;
  }

  for (let i = 0; i < hot.length && !engine.isSpent(); i++) {
    cover.begin(rows.offsets[i], rows.offsets[i + 1]);
    while (isHot(hot[i]) && !engine.isSpent()) {
      const many = cover.choose(need, chosen);
      if (many === 0) break;
      for (let j = 0; j < many; j++) if (place(rows.replicas[chosen[j]])) moved += 1;
    }
    open.refresh(hot[i]);
  }
  return moved;
}

/** Nodes that may give and are above the trigger, the hottest first. */
function hotNodes(engine: SearchEngine, lines: ShedLines): Int32Array {
  const { problem, load } = engine.state;
  const { width, nodeCount, nodes } = problem;
  const heats = new Float64Array(nodeCount);
  const hot: number[] = [];
  for (let node = 0; node < nodeCount; node++) {
    if (nodes.vacate[node] === 1 || !mayGive(problem, node)) continue;
    for (let d = 0, at = node * width; d < width; d++, at++) {
      if (load[at] > lines.trigger[at]) heats[node] = Math.max(heats[node], load[at] / lines.trigger[at]);
    }
    if (heats[node] > 0) hot.push(node);
  }
  hot.sort((left, right) => heats[right] - heats[left] || left - right);
  return Int32Array.from(hot);
}

/** The level over whose domains shards are spread: a shard is the surest of a place in the domain that it leaves. */
function spreadLevel(engine: SearchEngine): 'rack' | 'zone' | 'region' {
  return engine.state.problem.request.policy.placement.spread[0]?.level ?? 'zone';
}

/** Moves a replica to the node of a window where it costs least and keeps to the line; answers whether there was one. */
function createPlace(engine: SearchEngine, lines: ShedLines, open: OpenNodes): (replica: number) => boolean {
  const { state, factors } = engine;
  const { load, problem } = state;
  const { width, loads } = problem;
  const { goal } = lines;
  const perSquare = factors.balance;
  const window = new Int32Array(windowSize);
  const costs = new Float64Array(windowSize);
  const change = createChange();

  /** What the squares of the node's load would grow by, below the line too: the coldest where it matters; -1: no room. */
  function costAt(node: number, row: number): number {
    let cost = 0;
    for (let d = 0, at = node * width; d < width; d++, at++) {
      const amount = loads[row + d];
      const after = load[at] + amount;
      if (after > goal[at]) return -1;
      cost += perSquare[at] * amount * (load[at] + after);
    }
    return cost;
  }

  function fill(replica: number): number {
    const size = open.window(state.nodeOf[replica], windowSize, window);
    const row = state.rowOf[replica] * width;
    engine.spend(size);
    let fits = 0;
    for (let i = 0; i < size; i++) {
      const cost = costAt(window[i], row);
      if (cost < 0 || window[i] === state.nodeOf[replica]) continue;
      window[fits] = window[i];
      costs[fits++] = cost;
    }
    return fits;
  }

  return (replica) => {
    let fits = fill(replica);
    for (let asked = 0; asked < maxAsked && fits > 0; asked++) {
      let best = 0;
      for (let i = 1; i < fits; i++) if (costs[i] < costs[best]) best = i;
      const to = window[best];
      if (engine.accepts(state.relocation(change, replica, to))) {
        open.refresh(to);
        return true;
      }
      fits -= 1;
      window[best] = window[fits];
      costs[best] = costs[fits];
    }
    return false;
  };
}
