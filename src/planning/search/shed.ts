import type { Random } from '../../base/random.ts';
import { createChange } from '../change.ts';
import { mayGive } from '../constraints/admission.ts';
import { collectHotRows } from './hot-rows.ts';
import { createOpenNodes } from './open-nodes.ts';
import type { SearchEngine } from './search-engine.ts';
import type { ShedLines } from './shed-lines.ts';

const P = (globalThis as any).P ?? {};
/** Destinations that a replica is compared over. */
const windowSize = P.window ?? 48;

/** Best destinations of a window that the constraints are asked about. */
const maxAsked = 6;
const topSize = P.top ?? 32;

export function shed(engine: SearchEngine, lines: ShedLines, random: Random): number {
  const { state, factors } = engine;
  const { problem, load } = state;
  const { width } = problem;
  const { goal, trigger } = lines;
  const { balance: perSquare } = factors;
  const hot = hotNodes(engine, lines);
  if (hot.length === 0) return 0;
  const rows = collectHotRows(state, hot);
  const open = createOpenNodes(state, goal, lines.least, problem.nodes.domains.zone.ofNode, random);
  const window = new Int32Array(windowSize);
  const scores = new Float64Array(windowSize);
  const change = createChange();
  const need = new Float64Array(width);
  const initial = new Float64Array(width);
  const inverse = new Float64Array(width);
  const top = new Int32Array(topSize);
  let topCount = 0;
  let finisher = -1;
  let finisherVolume = 0;
  let most = 0;
  for (let i = 0; i < hot.length; i++) most = Math.max(most, rows.offsets[i + 1] - rows.offsets[i]);
  const keys = new Float64Array(most);
  const volumes = new Float64Array(most);
  let moved = 0;

  function isAbove(node: number, marks: Float64Array): boolean {
    for (let d = 0, at = node * width; d < width; d++, at++) if (load[at] > marks[at]) return true;
    return false;
  }

  function measureNeed(node: number, first: boolean): number {
    let dims = 0;
    for (let d = 0, at = node * width; d < width; d++, at++) {
      const above = load[at] - trigger[at];
      need[d] = above > 0 ? above : 0;
      if (first) initial[d] = above;
      // Dimensions in which the node lags behind count for more: all are to end together.
      const left = above / initial[d];
      inverse[d] = above > 0 ? (left * left) / initial[d] : 0;
      if (above > 0) dims += 1;
    }
    return dims;
  }

  function place(replica: number): boolean {
    const node = state.nodeOf[replica];
    const size = open.window(node, windowSize, window);
    const row = state.rowOf[replica] * width;
    const { loads } = problem;
    engine.spend(size);
    let fits = 0;
    for (let i = 0; i < size; i++) {
      const to = window[i] * width;
      let score = 0;
      for (let d = 0; d < width; d++) {
        const amount = loads[row + d];
        const after = load[to + d] + amount;
        if (after > goal[to + d]) {
          score = -1;
          break;
        }
        score += perSquare[to + d] * amount * (load[to + d] + after);
      }
      if (score < 0 || window[i] === node) continue;
      window[fits] = window[i];
      scores[fits++] = score;
    }
    for (let asked = 0; asked < maxAsked && fits > 0; asked++) {
      let best = 0;
      for (let i = 1; i < fits; i++) if (scores[i] < scores[best]) best = i;
      const to = window[best];
      state.relocation(change, replica, to);
      engine.score(change);
      if (engine.isWorthwhile(change) && engine.admits(change) && engine.isWorthwhile(change)) {
        engine.apply(change);
        open.refresh(to);
        return true;
      }
      fits -= 1;
      window[best] = window[fits];
      scores[best] = scores[fits];
    }
    (globalThis as any).fails = ((globalThis as any).fails ?? 0) + 1;
    return false;
  }

  /** keys, volumes and top of what is left of the node's items. */
  function scan(start: number, count: number): void {
    topCount = 0;
    finisher = -1;
    finisherVolume = Number.POSITIVE_INFINITY;
    let least = 0;
    for (let i = 0; i < count; i++) {
      if (rows.replicas[start + i] < 0) continue;
      const at = (start + i) * width;
      let key = 0;
      let volume = 0;
      let finishes = 1;
      for (let d = 0; d < width; d++) {
        const amount = rows.loads[at + d];
        const n = need[d];
        volume += amount / factors.meanUtilization[d];
        if (n === 0) continue;
        key += (amount >= n ? n : amount) * inverse[d];
        if (amount < n) finishes = 0;
      }
      if (finishes === 1 && volume < finisherVolume) {
        finisher = i;
        finisherVolume = volume;
      }
      keys[i] = key;
      volumes[i] = volume;
      if (topCount === topSize && key <= least) continue;
      let j = topCount < topSize ? topCount++ : topSize - 1;
      while (j > 0 && keys[top[j - 1]] < key) {
        top[j] = top[j - 1];
        j -= 1;
      }
      top[j] = i;
      least = keys[top[topCount - 1]];
    }
  }

  function take(start: number, i: number): boolean {
    const replica = rows.replicas[start + i];
    rows.replicas[start + i] = -1;
    if (!place(replica)) return false;
    moved += 1;
    return true;
  }

  function covers(a: number, b: number): boolean {
    for (let d = 0; d < width; d++) if (rows.loads[a * width + d] + rows.loads[b * width + d] < need[d]) return false;
    return true;
  }

  function relieve(node: number, start: number, end: number): void {
    const count = end - start;
    let first = true;
    while (isAbove(node, trigger) && !engine.isSpent()) {
      measureNeed(node, first);
      first = false;
      scan(start, count);
      if (topCount === 0) return;
      if (finisher >= 0) {
        take(start, finisher);
        continue;
      }
      if (topCount > 1) {
        let first = -1;
        let second = -1;
        let volume = Number.POSITIVE_INFINITY;
        for (let j = 0; j < topCount; j++) {
          for (let k = j + 1; k < topCount; k++) {
            const v = volumes[top[j]] + volumes[top[k]];
            if (v >= volume || !covers(start + top[j], start + top[k])) continue;
            volume = v;
            first = top[j];
            second = top[k];
          }
        }
        if (first >= 0) {
          if (keys[first] < keys[second]) [first, second] = [second, first];
          if (!take(start, first)) continue;
          take(start, second);
          continue;
        }
      }
      take(start, top[0]);
    }
  }

  for (let i = 0; i < hot.length && !engine.isSpent(); i++) {
    relieve(hot[i], rows.offsets[i], rows.offsets[i + 1]);
    open.refresh(hot[i]);
  }
  return moved;
}

/** Nodes that may give and are above the trigger, the hottest first. */
function hotNodes(engine: SearchEngine, lines: ShedLines): Int32Array {
  const { state } = engine;
  const { problem, load } = state;
  const { width, nodeCount, nodes } = problem;
  const heats = new Float64Array(nodeCount);
  const hot: number[] = [];
  for (let node = 0; node < nodeCount; node++) {
    if (nodes.vacate[node] === 1 || !mayGive(problem, node)) continue;
    let isHot = false;
    for (let d = 0, at = node * width; d < width; d++, at++) {
      if (load[at] > lines.trigger[at]) isHot = true;
      const heat = load[at] / lines.goal[at];
      if (heat > heats[node]) heats[node] = heat;
    }
    if (isHot) hot.push(node);
  }
  hot.sort((left, right) => heats[right] - heats[left] || left - right);
  return Int32Array.from(hot);
}
