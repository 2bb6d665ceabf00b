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

/** Rounds over the offenders with one effort: repairing one rule may make room for another. */
const maxRounds = 4;

/**
 * What attempts in vain usually may take of the budget in a round: of each rule, everywhere and then near by, and of chains.
 * In a tight fleet, where thousands of candidates are not a place for one replica, descent repairs more with as many.
 */
const usualVainShare = 0.05;

/** Candidates in vain that are always allowed: a few milliseconds, and all that there are in a fleet of a dozen nodes. */
const leastInVain = 50_000;

/** Where a place is looked for: in a window, and over the whole fleet where that gives none. */
type Reach = 'near' | 'everywhere';

/**
 * First violations, then nodes that must be vacated: each offending replica goes to the destination that is best
 * lexicographically, and where there is none, others make room for it. Stops when a round repairs nothing; answers whether
 * it left something to repair. One pass over the replicas per rule, then O(offenders × window), and O(nodes) for an offender
 * without a place near by; a rule that holds is not asked again, since nothing breaks it.
 *
 * @param vainShare share of the budget that attempts in vain may take in a round
 */
export function repair(
  engine: SearchEngine,
  cold: ColdNodes,
  random: Random,
  vainShare = usualVainShare,
): boolean {
  const context = createRepair(engine, cold, random);
  const isRepaired = repairInRounds(engine, cold, context, vainShare);
  context.close();
  return !isRepaired;
}

function repairInRounds(
  engine: SearchEngine,
  cold: ColdNodes,
  { place }: Repair,
  vainShare: number,
): boolean {
  const makeRoom = createRepairChain(engine, cold);
  let violated = engine.constraints;

  /** One replica after the other; answers how many were repaired, and pushes those that were not. */
  function createAttempt(stranded: number[]): (replica: number) => number {
    const everywhere = untilInVain(engine, vainShare, (replica) => place(replica, 'everywhere'));
    const near = untilInVain(engine, vainShare, (replica) => place(replica, 'near'));
    return (replica) => {
      if (everywhere.isWorthIt() ? everywhere.try(replica) : near.try(replica)) return 1;
      stranded.push(replica);
      return 0;
    };
  }

  for (let round = 0; round < maxRounds && !engine.isSpent(); round++) {
    const stranded: number[] = [];
    let repaired = 0;
    violated = violated.filter((constraint) => constraint.measure().subjects > 0);
    for (const constraint of violated) {
      const attempt = createAttempt(stranded);
      constraint.offenders((replica) => {
        repaired += attempt(replica);
      });
    }
    const attempt = createAttempt(stranded);
    for (const replica of replicasToVacate(engine)) repaired += attempt(replica);
    if (stranded.length === 0) return true;
    if (repaired > 0) continue;
    const chains = untilInVain(engine, vainShare, makeRoom);
    for (const replica of stranded) if (chains.try(replica)) repaired += 1;
    if (repaired === 0) return false;
  }
  return false;
}

/** A way of repairing that is given up when too many candidates were in vain. */
interface Attempts {
  isWorthIt(): boolean;
  try(replica: number): boolean;
}

function untilInVain(engine: SearchEngine, share: number, repairs: (replica: number) => boolean): Attempts {
  const { maxEvaluations } = engine.state.problem.request.policy.budget;
  const most = Math.max(leastInVain, share * maxEvaluations);
  let inVain = 0;
  const isWorthIt = (): boolean => inVain < most && !engine.isSpent();
  return {
    isWorthIt,
    try(replica) {
      if (!isWorthIt()) return false;
      const before = engine.evaluations;
      const isRepaired = repairs(replica);
      if (!isRepaired) inVain += engine.evaluations - before;
      return isRepaired;
    },
  };
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
      size = Math.max(size, loads[state.rowOf(replica) * width + d] / (totals[d] || 1));
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
  place(replica: number, reach: Reach): boolean;
  close(): void;
}

/** A place below the line if there is one near: what is repaired is to stay balanced. Otherwise the best place at all. */
function createRepair(engine: SearchEngine, cold: ColdNodes, random: Random): Repair {
  const { state, deltas } = engine;
  const change = createChange();
  const window = new Int32Array(windowSize);
  const best: Deltas = { violations: 0, vacate: 0, excess: 0, balance: 0 };

  let open: OpenNodes | null = null;
  let placeBelow: ((replica: number, windows: number) => boolean) | null = null;

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
  function createBelow(): (replica: number, windows: number) => boolean {
    if (replacesTerms(state.problem)) return () => false;
    const lines = balanceLines(state, engine.factors, { heedsTarget: true, fillsUp: false, beginHeat: 1 });
    open = createOpenNodes(state, engine.factors, lines, spreadDomains(state.problem), random);
    return createPlaceBelow(engine, open, repairs);
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
    place(replica, reach) {
      placeBelow ??= createBelow();
      const isFar = reach === 'everywhere';
      if (placeBelow(replica, isFar ? windowsBelow : 1)) return true;
      let destination = bestOf(replica, window, cold.window(state.nodeOf[replica], windowSize, window));
      if (destination < 0 && isFar) destination = bestOf(replica, cold.all(), cold.all().length);
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
