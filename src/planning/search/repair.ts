import type { Random } from '../../base/random.ts';
import { createChange } from '../change.ts';
import type { ColdNodes } from './cold-nodes.ts';
import { createOpenNodes, spreadDomains } from './open-nodes.ts';
import { createPlaceBelow } from './place-below.ts';
import { createRepairChain } from './repair-chain.ts';
import { type Deltas, negligible, type SearchEngine } from './search-engine.ts';
import { balanceLines } from './shed-lines.ts';

/** Destinations looked at before all of them are. */
const windowSize = 24;

/** Rounds over the offenders: repairing one rule may make room for another. */
const maxRounds = 4;

/** Candidates of chains in all: a second of search. A fleet that is full of stranded replicas needs nodes, not chains. */
const maxChainEvaluations = 2_000_000;

/**
 * First violations, then nodes that must be vacated: each offending replica goes to the destination that is best
 * lexicographically, and where there is none, others make room for it. Stops when a round repairs nothing. One pass over
 * the replicas per rule, then O(offenders × window); a rule that holds is not asked again, since nothing breaks it.
 */
export function repair(engine: SearchEngine, cold: ColdNodes, random: Random): void {
  const context = createRepair(engine, cold);
  const makeRoom = createRepairChain(engine, cold);
  const start = engine.evaluations;
  let violated = engine.constraints;
  for (let round = 0; round < maxRounds && !engine.isSpent(); round++) {
    let repaired = 0;
    const stranded: number[] = [];
    const place = (replica: number): void => {
      if (context.place(replica)) repaired += 1;
      else stranded.push(replica);
    };
    violated = violated.filter((constraint) => constraint.measure().subjects > 0);
    for (const constraint of violated) constraint.offenders(place);
    if (round === 0) repaired += vacate(engine, random);
    for (const replica of replicasToVacate(engine)) place(replica);
    if (repaired > 0) continue;
    for (const replica of stranded) {
      if (engine.isSpent() || engine.evaluations - start > maxChainEvaluations) return;
      if (makeRoom(replica)) repaired += 1;
    }
    if (repaired === 0) return;
  }
}

/** Moves what must leave to nodes that stay below their line, where there are such; answers how many it moved. */
function vacate(engine: SearchEngine, random: Random): number {
  const { state, factors } = engine;
  const replicas = replicasToVacate(engine);
  if (replicas.length === 0) return 0;
  const lines = balanceLines(state, factors, { heedsTarget: true, fillsUp: false });
  const open = createOpenNodes(state, lines, spreadDomains(state.problem), random);
  const place = createPlaceBelow(engine, lines, open);
  let moved = 0;
  for (const replica of replicas) {
    if (engine.isSpent()) break;
    if (place(replica)) moved += 1;
  }
  return moved;
}

/** Largest first, as in best-fit decreasing: the big ones need the room most. */
function replicasToVacate(engine: SearchEngine): Int32Array {
  const { state, factors } = engine;
  const { problem } = state;
  const { width, nodes, loads, totals } = problem;
  const found: number[] = [];
  for (let node = 0; node < problem.nodeCount; node++) {
    if (nodes.vacate[node] === 0) continue;
    for (let r = state.first[node]; r >= 0; r = state.next[r]) found.push(r);
  }
  const sizes = Float64Array.from(found, (replica) => {
    let size = 0;
    for (let d = 0; d < width; d++) {
      if (factors.weights[d] === 0) continue;
      size = Math.max(size, loads[state.rowOf[replica] * width + d] / (totals[d] || 1));
    }
    return size;
  });
  const order = Int32Array.from(found, (_, index) => index);
  order.sort((left, right) => sizes[right] - sizes[left] || found[left] - found[right]);
  return order.map((index) => found[index]);
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
