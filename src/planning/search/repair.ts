import { createChange } from '../change.ts';
import type { ColdNodes } from './cold-nodes.ts';
import { type Deltas, negligible, type SearchEngine } from './search-engine.ts';

/** Destinations looked at before all of them are. */
const windowSize = 24;

/** Rounds over the offenders: repairing one rule may make room for another. */
const maxRounds = 4;

/**
 * First violations, then nodes that must be vacated: each offending replica goes to the destination that is best
 * lexicographically. Stops when a round repairs nothing.
 */
export function repair(engine: SearchEngine, cold: ColdNodes): void {
  const context = createRepair(engine, cold);
  for (let round = 0; round < maxRounds && !engine.isSpent(); round++) {
    let repaired = 0;
    for (const constraint of engine.constraints) {
      if (constraint.measure().subjects === 0) continue;
      const offenders: number[] = [];
      constraint.offenders((replica) => offenders.push(replica));
      for (const replica of offenders) if (context.place(replica)) repaired += 1;
    }
    for (const replica of replicasToVacate(engine)) if (context.place(replica)) repaired += 1;
    if (repaired === 0) return;
  }
}

/** Largest first, as in best-fit decreasing: the big ones need the room most. */
function replicasToVacate(engine: SearchEngine): readonly number[] {
  const { state, factors } = engine;
  const { problem } = state;
  const { width, nodes } = problem;
  const sizes = new Map<number, number>();
  for (let node = 0; node < problem.nodeCount; node++) {
    if (nodes.vacate[node] === 0) continue;
    for (let r = state.first[node]; r >= 0; r = state.next[r]) {
      let size = 0;
      for (let d = 0; d < width; d++) {
        const share = problem.loads[state.rowOf[r] * width + d] / (problem.totals[d] || 1);
        size = Math.max(size, factors.weights[d] > 0 ? share : 0);
      }
      sizes.set(r, size);
    }
  }
  return [...sizes.keys()].sort(
    (left, right) => (sizes.get(right) ?? 0) - (sizes.get(left) ?? 0) || left - right,
  );
}

function createRepair(engine: SearchEngine, cold: ColdNodes): { place(replica: number): boolean } {
  const { state, deltas } = engine;
  const change = createChange();
  const window = new Int32Array(windowSize);
  const best: Deltas = { violations: 0, vacate: 0, excess: 0, balance: 0 };

  /** The best of these destinations, or -1; ties go to the first. */
  function bestOf(replica: number, destinations: Int32Array, count: number): number {
    let chosen = -1;
    for (let i = 0; i < count && !engine.isSpent(); i++) {
      if (destinations[i] === state.nodeOf[replica]) continue;
      state.relocation(change, replica, destinations[i]);
      engine.score(change);
      if (!engine.admits(change)) continue;
      const helps = deltas.violations < -negligible || (deltas.vacate < 0 && deltas.violations <= negligible);
      if (!helps || (chosen >= 0 && !isBetter(deltas, best))) continue;
      chosen = destinations[i];
      Object.assign(best, deltas);
    }
    return chosen;
  }

  return {
    place(replica) {
      if (engine.isSpent()) return false;
      const size = cold.window(state.nodeOf[replica], windowSize, window);
      let destination = bestOf(replica, window, size);
      if (destination < 0) {
        const all = cold.all();
        destination = bestOf(replica, all, all.length);
      }
      if (destination < 0) return false;
      engine.apply(state.relocation(change, replica, destination));
      return true;
    },
  };
}

function isBetter(left: Deltas, right: Deltas): boolean {
  if (Math.abs(left.violations - right.violations) > negligible) return left.violations < right.violations;
  if (left.vacate !== right.vacate) return left.vacate < right.vacate;
  if (Math.abs(left.excess - right.excess) > negligible) return left.excess < right.excess;
  return left.balance < right.balance;
}
