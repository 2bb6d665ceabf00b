import type { Random } from '../../base/random.ts';
import type { Change } from '../change.ts';
import { mayGive } from '../constraints/admission.ts';
import { createReadAhead } from '../read-ahead.ts';
import { collectHotRows } from './hot-rows.ts';
import { createOpenNodes, spreadDomains } from './open-nodes.ts';
import { createPlaceBelow } from './place-below.ts';
import type { SearchEngine } from './search-engine.ts';
import { createShedCover, largestBatch } from './shed-cover.ts';
import { createShedLeadership } from './shed-leadership.ts';
import type { ShedLines } from './shed-lines.ts';

/** Lines that every node must get below: where one cannot, there is no use in going on. */
export interface Ceiling {
  /** Applies a relocation if it is wanted; answers whether. */
  accepts(change: Change): boolean;
}

/**
 * The first, coarse part of the descent: every node above the trigger, the hottest first, gives leadership where
 * that alone carries load, then the fewest replicas that bring it back, each to a node that stays below its line. Nodes that are balanced are not looked at. O(replicas) for
 * one pass over all, then O(replicas of the hot nodes × log moves + moves × window) × dimensions. Answers how many
 * replicas moved; what does not fit anywhere stays for the rest of the search.
 *
 * @param ceiling without it every relocation is worth its price, and leadership goes first
 */
export function shed(
  engine: SearchEngine,
  lines: ShedLines,
  random: Random,
  ceiling: Ceiling | null = null,
): number {
  const { state } = engine;
  const { load, problem } = state;
  const { width } = problem;
  const { trigger, goal } = lines;
  const hot = hotNodes(engine, lines);
  if (hot.length === 0) return 0;
  const rows = collectHotRows(state, hot);
  const cover = createShedCover(rows, engine.factors, width);
  const open = createOpenNodes(state, engine.factors, lines, spreadDomains(problem), random);
  const place = createPlaceBelow(engine, open, ceiling?.accepts);
  const shedLeadership = ceiling === null ? createShedLeadership(engine, lines) : null;
  const ahead = createReadAhead(state, 'all');
  const wish = new Float64Array(width);
  const need = new Float64Array(width);
  const chosen = new Int32Array(largestBatch);
  let moved = 0;

  function isHot(node: number): boolean {
    let hot = false;
    for (let d = 0, at = node * width; d < width; d++, at++) {
      need[d] = Math.max(0, load[at] - trigger[at]);
      wish[d] = Math.max(0, load[at] - goal[at]);
      if (need[d] > 0) hot = true;
    }
    return hot;
  }

  for (let i = 0; i < hot.length && !engine.isSpent(); i++) {
    shedLeadership?.(hot[i]);
    cover.begin(rows.offsets[i], rows.offsets[i + 1]);
    while (isHot(hot[i]) && !engine.isSpent()) {
      const many = cover.choose(need, wish, chosen);
      if (many === 0) break;
      for (let j = 0; j < many; j++) ahead.touch(rows.replicas[chosen[j]]);
      for (let j = 0; j < many; j++) if (place(rows.replicas[chosen[j]])) moved += 1;
    }
    open.refresh(hot[i]);
    if (ceiling !== null && isHot(hot[i])) break;
  }
  open.close();
  return moved;
}

/** Nodes that may give and have more than it takes to begin, the hottest first. */
function hotNodes(engine: SearchEngine, lines: ShedLines): Int32Array {
  const { problem, load } = engine.state;
  const { width, nodeCount, nodes } = problem;
  const heats = new Float64Array(nodeCount);
  const hot: number[] = [];
  for (let node = 0; node < nodeCount; node++) {
    if (nodes.vacate[node] === 1 || !mayGive(problem, node)) continue;
    for (let d = 0, at = node * width; d < width; d++, at++) {
      if (load[at] > lines.begin[at]) heats[node] = Math.max(heats[node], load[at] / lines.begin[at]);
    }
    if (heats[node] > 0) hot.push(node);
  }
  hot.sort((left, right) => heats[right] - heats[left] || left - right);
  return Int32Array.from(hot);
}
