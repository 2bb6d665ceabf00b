import { createChange } from '../change.ts';
import type { ColdNodes } from './cold-nodes.ts';
import type { SearchEngine } from './search-engine.ts';
import { createSwapCandidates } from './swap-candidates.ts';

/** Colder nodes that are tried. */
const windowSize = 8;

/** Exchanges a replica of a node for one of a colder node; answers whether it found an exchange. */
export function createSwapFrom(engine: SearchEngine, cold: ColdNodes): (node: number) => boolean {
  const { state } = engine;
  const { problem } = state;
  const { width } = problem;
  const candidates = createSwapCandidates(engine);
  const exchange = createChange();
  const step = createChange();
  const difference = new Float64Array(width);
  const window = new Int32Array(windowSize);

  function fill(replica: number, partner: number): void {
    exchange.kind = 'swap';
    exchange.replica = replica;
    exchange.partner = partner;
    exchange.from = state.nodeOf[replica];
    exchange.to = state.nodeOf[partner];
    for (let d = 0; d < width; d++) {
      difference[d] =
        problem.loads[state.rowOf[replica] * width + d] - problem.loads[state.rowOf[partner] * width + d];
    }
    exchange.loads = difference;
    exchange.offset = 0;
  }

  /** Applies the exchange as two relocations if every rule lets it; otherwise leaves everything as it was. */
  function commit(replica: number, partner: number): boolean {
    fill(replica, partner);
    engine.score(exchange);
    if (!engine.isWorthwhile(exchange) || !engine.admits(exchange)) return false;
    if (problem.shardOf[replica] === problem.shardOf[partner]) return false;
    const { from, to } = exchange;
    let amount = engine.deltas.violations;
    const first = identityDelta(state.relocation(step, replica, to));
    if (first === Number.POSITIVE_INFINITY || engine.budget.refuses(step) !== null) return false;
    engine.apply(step);
    const second = identityDelta(state.relocation(step, partner, from));
    amount += first + second;
    if (amount > 0 || engine.budget.refuses(step) !== null) {
      engine.apply(state.relocation(step, replica, from));
      return false;
    }
    engine.apply(step);
    return true;
  }

  function identityDelta(change: typeof step): number {
    let total = 0;
    for (const constraint of engine.constraints) {
      if (constraint.kind === 'identity') total += constraint.delta(change);
    }
    return total;
  }

  return (node) => {
    const size = cold.window(node, windowSize, window);
    const own = candidates(node);
    for (let i = 0; i < size; i++) {
      const other = window[i];
      if (other === node) continue;
      let best = 0;
      let chosen: readonly [number, number] | null = null;
      const theirs = candidates(other);
      for (const replica of own) {
        for (const partner of theirs) {
          fill(replica, partner);
          const score = engine.score(exchange);
          if (score <= best || !engine.isWorthwhile(exchange)) continue;
          best = score;
          chosen = [replica, partner];
        }
        if (engine.isSpent()) return false;
      }
      if (chosen && commit(chosen[0], chosen[1])) return true;
    }
    return false;
  };
}
