import type { Random } from '../../base/random.ts';
import { createChange } from '../change.ts';
import type { ColdNodes } from './cold-nodes.ts';
import { createExchange } from './exchange.ts';
import { createOverload } from './overload.ts';
import { negligible, type SearchEngine } from './search-engine.ts';
import { restHeat } from './shed-lines.ts';

/** Each ceiling is this share below the best peak: finer steps would be spent on what nobody notices. */
const step = 0.0025;

/** Candidates in all, and without a better peak before the search gives up. */
const maxEvaluations = 2_000_000;
const maxStalled = 300_000;

/** A lower peak is only worth moves when it is lower by this share of the tolerance: so the next plan finds nothing to do. */
const leastDropShare = 0.5;

/** Nodes above the ceiling that are looked at per round, and colder ones that they give to. */
const nodesPerRound = 3;
const windowSize = 32;

/** Rounds for which a replica may not return to where it came from: from, and how many more at random. */
const leastTenure = 5;
const tenureRange = 10;

/**
 * Drives the peak down where the descent is stuck above the line, since replicas are indivisible: tabu search (Glover,
 * "Tabu search, part I", 1989) under a ceiling below the best peak so far. It takes the relocation or exchange from nodes
 * above the ceiling that lessens the overload most, or worsens it least, and forbids the way back for a while; when no
 * node is above the ceiling, that placement is the best and the ceiling is lowered (as for bin packing: Alvim, Ribeiro,
 * Glover, Aloise, "A hybrid improvement heuristic for the one-dimensional bin packing problem", 2004). Every step keeps all rules, and no load above target
 * is added. Ends in the best placement found.
 */
export function lowerPeak(engine: SearchEngine, cold: ColdNodes, random: Random): void {
  const { state, factors } = engine;
  const { problem } = state;
  const { width, loads, nodeCount, immobile, shardOf } = problem;
  const overload = createOverload(state, factors);
  const exchange = createExchange(engine);
  const change = createChange();
  const window = new Int32Array(windowSize);
  const isTabu = createTabu(nodeCount);
  const journal: { readonly replica: number; readonly from: number }[] = [];
  const floor = Math.max(1 + factors.tolerance, largestReplica(engine));
  const rest = restHeat(factors);
  let best = overload.peak();
  if (best <= Math.max(rest, floor) * (1 + negligible)) return;
  const peakBefore = best;
  const movesBefore = engine.budget.moves;
  let bestLength = 0;
  let round = 0;
  const start = engine.evaluations;
  let sinceBest = start;
  overload.setCeiling(Math.max(floor, best * (1 - step)));

  function undo(length: number): void {
    for (const { replica, from } of journal.splice(length).reverse())
      engine.apply(state.relocation(change, replica, from));
  }

  function windowOf(node: number): number {
    if (nodeCount <= windowSize) {
      let found = 0;
      for (let n = 0; n < nodeCount; n++) if (problem.nodes.takes[n] === 1) window[found++] = n;
      return found;
    }
    return cold.window(node, windowSize, window);
  }

  function relocate(replica: number, to: number): void {
    const from = state.nodeOf[replica];
    journal.push({ replica, from });
    isTabu.forbid(replica, from, round + leastTenure + random.integer(tenureRange));
    void to;
  }

  /** Whether a relocation, or an exchange as far as it can be told without applying it, keeps every rule. */
  function isAllowed(replica: number, partner: number, to: number): boolean {
    if (partner < 0) {
      engine.score(state.relocation(change, replica, to));
      return (
        engine.deltas.excess <= negligible && engine.admits(change) && engine.deltas.violations <= negligible
      );
    }
    engine.score(exchange.fill(replica, partner));
    return engine.deltas.excess <= negligible && exchange.seemsAllowed(replica, partner);
  }

  /** The best candidate of this round; applies it. */
  function advance(): boolean {
    const over = overload.over();
    const count = Math.min(nodesPerRound, over.length);
    const first = over.length > count ? random.integer(over.length) : 0;
    let best = Number.POSITIVE_INFINITY;
    let replica = -1;
    let partner = -1;
    let destination = -1;
    const offer = (r: number, p: number, to: number, value: number): void => {
      if (value >= best || !isAllowed(r, p, to)) return;
      best = value;
      replica = r;
      partner = p;
      destination = to;
    };
    for (let k = 0; k < count; k++) {
      const node = over[(first + k) % over.length];
      const size = windowOf(node);
      for (let r = state.first[node]; r >= 0; r = state.next[r]) {
        if (immobile[shardOf[r]] !== 0) continue;
        const row = state.rowOf[r];
        const gone = overload.shift(node, loads, row * width, -1);
        for (let i = 0; i < size; i++) {
          const to = window[i];
          if (to === node || isTabu.forbids(r, to, round)) continue;
          engine.spend(1);
          offer(r, -1, to, gone + overload.shift(to, loads, row * width, 1));
          for (let p = state.first[to]; p >= 0; p = state.next[p]) {
            if (immobile[shardOf[p]] !== 0 || shardOf[p] === shardOf[r] || isTabu.forbids(p, node, round))
              continue;
            engine.spend(1);
            const other = state.rowOf[p];
            const value = overload.exchange(node, row, other);
            if (value >= best) continue;
            offer(r, p, to, value + overload.exchange(to, other, row));
          }
        }
      }
    }
    if (replica < 0) return false;
    const from = state.nodeOf[replica];
    if (partner < 0) {
      relocate(replica, destination);
      engine.apply(state.relocation(change, replica, destination));
    } else {
      isTabu.forbid(replica, from, round + leastTenure + random.integer(tenureRange));
      isTabu.forbid(partner, destination, round + leastTenure + random.integer(tenureRange));
      if (!exchange.commit(replica, partner)) return true;
      journal.push({ replica, from }, { replica: partner, from: destination });
    }
    overload.refresh(from);
    overload.refresh(destination);
    return true;
  }

  while (
    !engine.isSpent() &&
    engine.evaluations - start < maxEvaluations &&
    engine.evaluations - sinceBest < maxStalled
  ) {
    if (overload.over().length === 0) {
      best = overload.peak();
      bestLength = journal.length;
      sinceBest = engine.evaluations;
      if (best <= floor * (1 + negligible)) break;
      overload.setCeiling(Math.max(floor, best * (1 - step)));
    }
    round += 1;
    if (!advance()) {
      engine.spend(1000);
      isTabu.clear();
    }
  }
  // What did not lead to a better peak goes back; so does everything when the better peak is not worth its moves.
  undo(bestLength);
  const drop = peakBefore - best;
  const moves = engine.budget.moves - movesBefore;
  const { minGainPerPrice, pricePerMove } = problem.request.policy.benefit;
  if (drop < factors.tolerance * leastDropShare || drop < minGainPerPrice * pricePerMove * moves) undo(0);
}

function createTabu(nodeCount: number) {
  const until = new Map<number, number>();
  return {
    forbid: (replica: number, node: number, round: number) =>
      void until.set(replica * nodeCount + node, round),
    forbids: (replica: number, node: number, round: number) =>
      (until.get(replica * nodeCount + node) ?? 0) >= round,
    clear: () => until.clear(),
  };
}

/** No peak is below the largest replica on the largest node. */
function largestReplica(engine: SearchEngine): number {
  const { state, factors } = engine;
  const { problem } = state;
  const { width, nodeCount, nodes, loads } = problem;
  let most = 0;
  for (let d = 0; d < width; d++) {
    let largest = 0;
    for (let n = 0; n < nodeCount; n++)
      if (nodes.takes[n] === 1) largest = Math.max(largest, nodes.effective[n * width + d]);
    let replica = 0;
    for (let at = d; at < loads.length; at += width) replica = Math.max(replica, loads[at]);
    if (factors.weights[d] > 0 && factors.meanUtilization[d] > 0 && largest > 0)
      most = Math.max(most, replica / largest / factors.meanUtilization[d]);
  }
  return most;
}
