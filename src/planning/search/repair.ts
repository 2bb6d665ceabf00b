import type { Random } from '../../base/random.ts';
import { type Change, createChange } from '../change.ts';
import { lostNodes } from '../constraints/healthy-replicas.ts';
import { replacesTerms } from '../extension.ts';
import type { ColdNodes } from './cold-nodes.ts';
import { createOpenNodes, type OpenNodes, spreadDomains } from './open-nodes.ts';
import { createPlaceBelow } from './place-below.ts';
import { createRepairChain } from './repair-chain.ts';
import { type Deltas, negligible, type SearchEngine } from './search-engine.ts';
import { balanceLines } from './shed-lines.ts';

/** Destinations looked at before all of them are. */
const windowSize = 24;

/** Windows of nodes with room below their line that are looked through: few may have room for a large replica. */
const windowsBelow = 64;

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
  const context = createRepair(engine, cold, random);
  repairInRounds(engine, cold, context);
  context.close();
}

function repairInRounds(engine: SearchEngine, cold: ColdNodes, context: Repair): void {
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
    for (const replica of replicasToVacate(engine)) place(replica);
    if (repaired > 0) continue;
    for (const replica of stranded) {
      if (engine.isSpent() || engine.evaluations - start > maxChainEvaluations) return;
      if (makeRoom(replica)) repaired += 1;
    }
    if (repaired === 0) return;
  }
}

/** Those that are lost, then those that leave; largest first, as in best-fit decreasing: the big ones need the room most. */
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
  const lost = lostNodes(problem);
  const urgency = (index: number): number => lost[state.nodeOf[found[index]]];
  const order = Int32Array.from(found, (_, index) => index);
  order.sort(
    (left, right) =>
      urgency(right) - urgency(left) || sizes[right] - sizes[left] || found[left] - found[right],
  );
  return order.map((index) => found[index]);
}

/** What places one replica after the other. */
interface Repair {
  place(replica: number): boolean;
  close(): void;
}

/** A place below the line if there is one near: what is repaired is to stay balanced. Otherwise the best place at all. */
function createRepair(engine: SearchEngine, cold: ColdNodes, random: Random): Repair {
  const { state, deltas } = engine;
  const change = createChange();
  const window = new Int32Array(windowSize);
  const best: Deltas = { violations: 0, vacate: 0, excess: 0, balance: 0 };

  let open: OpenNodes | null = null;
  let placeBelow: ((replica: number) => boolean) | null = null;

  /** Whether what was looked at last repairs something and breaks nothing. */
  function helps(): boolean {
    return deltas.violations < -negligible || (deltas.vacate < 0 && deltas.violations <= negligible);
  }

  function repairs(candidate: Change): boolean {
    engine.score(candidate);
    if (!engine.admits(candidate) || !helps()) return false;
    engine.apply(candidate);
    return true;
  }

  /** Made when the first replica asks: most fleets have nothing to repair. */
  function createBelow(): (replica: number) => boolean {
    if (replacesTerms(state.problem)) return () => false;
    const lines = balanceLines(state, engine.factors, { heedsTarget: true, fillsUp: false, beginHeat: 1 });
    open = createOpenNodes(state, engine.factors, lines, spreadDomains(state.problem), random);
    return createPlaceBelow(engine, open, windowsBelow, repairs);
  }

  /** The best of these destinations, or -1; ties go to the first. */
  function bestOf(replica: number, destinations: Int32Array, count: number): number {
    let chosen = -1;
    for (let i = 0; i < count && !engine.isSpent(); i++) {
      if (destinations[i] === state.nodeOf[replica]) continue;
      state.relocation(change, replica, destinations[i]);
      engine.score(change);
      if (!engine.admits(change)) continue;
      if (!helps() || (chosen >= 0 && !isBetter(deltas, best))) continue;
      chosen = destinations[i];
      Object.assign(best, deltas);
    }
    return chosen;
  }

  return {
    place(replica) {
      if (engine.isSpent()) return false;
      placeBelow ??= createBelow();
      if (placeBelow(replica)) return true;
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
    close: () => open?.close(),
  };
}

function isBetter(left: Deltas, right: Deltas): boolean {
  if (Math.abs(left.violations - right.violations) > negligible) return left.violations < right.violations;
  if (left.vacate !== right.vacate) return left.vacate < right.vacate;
  if (Math.abs(left.excess - right.excess) > negligible) return left.excess < right.excess;
  return left.balance < right.balance;
}
