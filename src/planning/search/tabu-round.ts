import type { Random } from '../../base/random.ts';
import { createChange } from '../change.ts';
import type { ColdNodes } from './cold-nodes.ts';
import { createExchange } from './exchange.ts';
import type { Overload } from './overload.ts';
import { negligible, type SearchEngine } from './search-engine.ts';

/** Nodes above the ceiling that are looked at per round, and colder ones that they give to. */
const nodesPerRound = 3;
const windowSize = 32;

/** Rounds for which a replica may not return to where it came from: at least, and how many more at random. */
const leastTenure = 5;
const tenureRange = 10;

/** A replica that was moved, and where from: enough to go back. */
export interface Step {
  readonly replica: number;
  readonly from: number;
}

/** Steps of a tabu search for a placement without a node above the ceiling. */
export interface TabuRounds {
  /**
   * Makes the relocation or exchange from a node above the ceiling that lessens the overload most, or worsens it least, and
   * forbids the way back for a while. The steps made, none when nothing is allowed. O(replicas of the nodes looked at ×
   * replicas of the window × dimensions).
   */
  advance(): readonly Step[];
}

export function createTabuRounds(
  engine: SearchEngine,
  cold: ColdNodes,
  overload: Overload,
  random: Random,
): TabuRounds {
  const { state, deltas } = engine;
  const { problem } = state;
  const { width, loads, nodeCount, immobile, shardOf } = problem;
  const exchange = createExchange(engine);
  const change = createChange();
  const window = new Int32Array(windowSize);
  const tabu = new Map<number, number>();
  let round = 0;
  let best = Number.POSITIVE_INFINITY;
  let replica = -1;
  let partner = -1;
  let destination = -1;

  const isTabu = (r: number, node: number): boolean => (tabu.get(r * nodeCount + node) ?? 0) >= round;

  function forbid(r: number, node: number): void {
    tabu.set(r * nodeCount + node, round + leastTenure + random.integer(tenureRange));
  }

  function windowOf(node: number): number {
    if (nodeCount > windowSize) return cold.window(node, windowSize, window);
    const all = cold.all();
    window.set(all);
    return all.length;
  }

  /** Whether a relocation, or an exchange as far as it can be told without making it, keeps every rule. */
  function isAllowed(r: number, p: number, to: number): boolean {
    engine.score(p < 0 ? state.relocation(change, r, to) : exchange.fill(r, p));
    if (deltas.excess > negligible) return false;
    if (p >= 0) return exchange.seemsAllowed(r, p);
    return engine.admits(change) && deltas.violations <= negligible;
  }

  function offer(r: number, p: number, to: number, value: number): void {
    if (value >= best || !isAllowed(r, p, to)) return;
    best = value;
    replica = r;
    partner = p;
    destination = to;
  }

  /** Offers to relocate the replica to a node, and to exchange it with each one there. */
  function offerTo(r: number, node: number, to: number): void {
    const row = state.rowOf(r);
    engine.spend(1 + state.count[to]);
    offer(
      r,
      -1,
      to,
      overload.shift(node, loads, row * width, -1) + overload.shift(to, loads, row * width, 1),
    );
    for (let p = state.first[to]; p >= 0; p = state.next[p]) {
      if (immobile[shardOf[p]] !== 0 || shardOf[p] === shardOf[r] || isTabu(p, node)) continue;
      const other = state.rowOf(p);
      const value = overload.exchange(node, row, other);
      // What the other node makes of it is almost never less than nothing.
      if (value < best) offer(r, p, to, value + overload.exchange(to, other, row));
    }
  }

  function look(node: number): void {
    const size = windowOf(node);
    for (let r = state.first[node]; r >= 0; r = state.next[r]) {
      if (immobile[shardOf[r]] !== 0) continue;
      for (let i = 0; i < size; i++) {
        if (window[i] !== node && !isTabu(r, window[i])) offerTo(r, node, window[i]);
      }
    }
  }

  function make(): readonly Step[] {
    const from = state.nodeOf[replica];
    const steps: Step[] = [{ replica, from }];
    forbid(replica, from);
    if (partner < 0) engine.apply(state.relocation(change, replica, destination));
    else {
      forbid(partner, destination);
      // Rules that only show with one half made: forbidden for a while like any other way.
      if (!exchange.commit(replica, partner)) return [];
      steps.push({ replica: partner, from: destination });
    }
    overload.refresh(from);
    overload.refresh(destination);
    return steps;
  }

  return {
    advance() {
      round += 1;
      best = Number.POSITIVE_INFINITY;
      replica = -1;
      const over = overload.over();
      const count = Math.min(nodesPerRound, over.length);
      const first = over.length > count ? random.integer(over.length) : 0;
      const looked = Array.from({ length: count }, (_, k) => over[(first + k) % over.length]);
      for (const node of looked) look(node);
      if (replica >= 0) return make();
      tabu.clear();
      return [];
    },
  };
}
