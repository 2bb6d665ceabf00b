import { type Change, createChange } from '../../change.ts';
import { replacesTerms } from '../../extension.ts';
import type { SearchEngine } from '../search-engine.ts';
import { createPeakDelta } from './peak-delta.ts';

/** One number for the objective, so that a search that accepts worse states can weigh levels against each other. */
export interface Energy {
  /** What the change would add; the change is a relocation or a swap. */
  delta(change: Change): number;
}

/** Load above target ranks before balance: no evenness that a change can win is worth a thousandth of it. */
const excessRank = 1_000;

/**
 * The peak ranks before balance: the sum over nodes of squares above the line, by which balance is measured, is at most
 * nodes × peak², so that ten peaks outweigh what a change of one or two nodes wins there.
 */
const peakRank = 10;

/**
 * Excess × rank + peak × rank + balance + price of the moves × what policy asks a move to be worth. When the terms of
 * an extension replace the planner's own and are of one level, they are added up as they are. Violations and vacating
 * are not in it: what would make them worse is never tried.
 */
export function createEnergy(engine: SearchEngine): Energy {
  const { terms } = engine;
  const isMixed =
    terms.some((term) => term.level === 'excess') && terms.some((term) => term.level === 'balance');
  const count = terms.length;
  const deltas = terms.map((term) => (change: Change) => term.delta(change));
  const factors = Float64Array.from(terms, (term) => (isMixed && term.level === 'excess' ? excessRank : 1));
  const price = createPlanPrice(engine);
  const peak = replacesTerms(engine.state.problem) ? null : createPeakDelta(engine);
  return {
    delta(change) {
      let total = price === null ? 0 : price(change);
      if (peak !== null) total += peakRank * peak(change);
      for (let i = 0; i < count; i++) total += factors[i] * deltas[i](change);
      return total;
    },
  };
}

/** Change of the price of the whole plan, which depends only on where replicas are; null when moves cost nothing. */
function createPlanPrice({ state, prices }: SearchEngine): ((change: Change) => number) | null {
  const { request, shards } = state.problem;
  const { benefit } = request.policy;
  const factor = benefit.minGainPerPrice;
  const isFree =
    benefit.pricePerMove === 0 &&
    benefit.pricePerGiB === 0 &&
    benefit.pricePerMoveInGroup === 0 &&
    benefit.shardPrices.length === 0;
  if (factor === 0 || isFree) return null;
  const origins = shards.replicaNodes;
  const step = createChange();

  function ofRelocation(replica: number, from: number, to: number): number {
    const origin = origins[replica];
    step.replica = replica;
    step.from = from;
    step.to = to;
    if (from === origin) return prices.of(step);
    if (to === origin) return -prices.savedBy(step);
    step.from = origin;
    const after = prices.of(step);
    step.to = from;
    return after - prices.of(step);
  }

  return (change) => {
    const { replica, partner, from, to } = change;
    let total = ofRelocation(replica, from, to);
    if (change.kind === 'swap') total += ofRelocation(partner, to, from);
    return factor * total;
  };
}
