import type { Random } from '../../base/random.ts';
import { type Change, createChange } from '../change.ts';
import { createOverload } from './overload.ts';
import { peakFloor } from './peak-floor.ts';
import { negligible, type SearchEngine } from './search-engine.ts';
import { shed } from './shed.ts';
import { ceilingLines } from './shed-lines.ts';

/** The last step down is this share of the peak: finer ones are left to `lowerPeak`. */
const leastStep = 0.01;

/** A lower peak is worth it when it is lower by this many times the tolerance: so the next plan finds nothing to do. */
const leastDrop = 1;

/**
 * Takes the peak down where the line is out of reach: on nodes of several kinds no placement is even in all dimensions at
 * once, and what fills up in one dimension leaves others as hot as they were. Nodes above a ceiling shed to any that
 * stay below it, whatever that makes of the balance; the ceiling comes down by half of what is between the peak and the
 * line, by less where that fails, as bisection does. Ends at the lowest peak that it reached, or where it began when that
 * is not worth its moves; answers whether it lowered the peak. O(replicas) for each of about ten ceilings.
 *
 * @param beginHeat utilisation over the mean above which nodes begin to give
 */
export function shedPeak(engine: SearchEngine, beginHeat: number, random: Random): boolean {
  const { state, factors, deltas } = engine;
  const overload = createOverload(state, factors);
  const floor = Math.max(beginHeat, peakFloor(engine));
  const change = createChange();
  const journal: { readonly replica: number; readonly from: number }[] = [];
  const peakBefore = overload.peak();
  let best = peakBefore;
  let bestLength = 0;

  /** Repairs nothing and need not even out: it only must not do harm on the levels above the peak. */
  function accepts(candidate: Change): boolean {
    engine.score(candidate);
    if (deltas.excess > negligible || deltas.vacate > 0) return false;
    if (!engine.admits(candidate) || deltas.violations > negligible) return false;
    engine.apply(candidate);
    journal.push({ replica: candidate.replica, from: candidate.from });
    return true;
  }

  function undoTo(length: number): void {
    for (const { replica, from } of journal.splice(length).reverse())
      engine.apply(state.relocation(change, replica, from));
  }

  for (let share = 1 / 2; !engine.isSpent() && (best - floor) * share > leastStep * best; ) {
    const ceiling = best - (best - floor) * share;
    const moved = shed(engine, ceilingLines(state, factors, ceiling), random, { accepts });
    if (moved === 0) break;
    const peak = overload.peak();
    if (peak <= ceiling * (1 + negligible)) {
      best = peak;
      bestLength = journal.length;
    } else {
      undoTo(bestLength);
      share /= 2;
    }
  }
  const { minGainPerPrice, pricePerMove } = state.problem.request.policy.benefit;
  const drop = peakBefore - best;
  // A fleet grows until its hottest node is full: what the peak gives back, every node has.
  const gain = drop * state.problem.nodeCount;
  const isWorth =
    drop >= factors.tolerance * leastDrop && gain >= minGainPerPrice * pricePerMove * bestLength;
  undoTo(isWorth ? bestLength : 0);
  return isWorth && bestLength > 0;
}
