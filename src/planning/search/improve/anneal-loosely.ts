import type { BestPlacement } from './best-placement.ts';
import { createExchangeStep } from './exchange-step.ts';
import { createOverbooking } from './overbooking.ts';
import { createRelocationStep } from './relocation-step.ts';
import { type TemperatureRange, temperatureAt } from './temperature.ts';
import type { Walk } from './walk.ts';

/** Steps between two looks at the budget and the temperature, and looks between two at the prices. */
const stepsPerLook = 1_024;
const looksPerPrice = 4;

/** Where cooling begins, in large steps: where next to nothing is held in its place. */
const startFactor = 6;

/** Where it ends, as a share of that: below, next to nothing was won on a2_2 and a2_3, and strict coolings are quicker there. */
const endShare = 0.04;

/**
 * By which powers of e a price rises while a node is over, and sinks while it is not, in the whole of the cooling. Several
 * times as fast, prices block what a hotter walk is still to arrange; and towards the end, where the walk is too cold for
 * the small steps, they rise fast and sink no more, so that it ends within the limits.
 */
const riseExponent = 120;
const fallExponent = 12;
const lastRise = 5;

/** What the load of a mean replica above a limit costs at least, in large steps. */
const leastPrice = 0.5;

/** Exchanges among the steps; the others are relocations. Chains make room for what comes, and here it needs none. */
const exchangeShare = 0.7;

/**
 * Simulated annealing that lets nodes carry more than they hold, at a price: one long cooling. In a tight fleet most
 * candidates are refused for want of room, and what stands there can only be arranged anew through states that no rule would admit.
 * Only placements without overload count, so that no rule is broken by what it ends in, which is the best. Every other rule holds at every step.
 *
 * @param used share of the cooling's own budget that is used; asked often
 * @returns whether it found something better
 */
export function annealLoosely(
  walk: Walk,
  best: BestPlacement,
  range: TemperatureRange,
  used: () => number,
): boolean {
  const { random } = walk;
  const overbooking = createOverbooking(walk.engine, leastPrice * range.start);
  const relocate = createRelocationStep(walk, overbooking);
  const exchange = createExchangeStep(walk, overbooking);
  const begun = walk.level;
  let lowest = begun;
  let pricedAt = 0;
  const start = range.start * startFactor;
  const end = Math.max(range.end, start * endShare);
  for (let share = used(), look = 0; share < 1; share = used(), look++) {
    walk.temperature = temperatureAt(start, end, share);
    if (look % looksPerPrice === 0) {
      const isCold = walk.temperature < end;
      const passed = share - pricedAt;
      overbooking.adapt(
        Math.exp(riseExponent * passed * (isCold ? lastRise : 1)),
        isCold ? 1 : Math.exp(-fallExponent * passed),
      );
      pricedAt = share;
    }
    for (let i = 0; i < stepsPerLook; i++) {
      if (random.next() < exchangeShare) exchange();
      else relocate();
      if (walk.level >= lowest || !overbooking.isClear()) continue;
      lowest = walk.level;
      best.keep();
    }
  }
  overbooking.close();
  best.restore();
  walk.level = lowest;
  return lowest < begun;
}
