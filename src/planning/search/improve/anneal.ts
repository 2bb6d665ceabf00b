import { type BestPlacement, createBestPlacement } from './best-placement.ts';
import { createMixedStep } from './mixed-step.ts';
import type { Pace } from './pace.ts';
import { createCooling, type TemperatureRange } from './temperature.ts';
import type { Walk } from './walk.ts';

/** Steps between two looks at the budget and the temperature. */
const stepsPerLook = 1_024;

/**
 * Simulated annealing (Kirkpatrick, Gelatt, Vecchi 1983) over relocations, exchanges and ejection chains: the
 * temperature falls geometrically with the share of the budget that is used, from higher up the more there is, and with
 * more than that several times, from where it began and then from the best so far. Keeps what was best and ends there.
 * The walk's level must be that of the best placement when it begins.
 */
export function anneal(walk: Walk, best: BestPlacement, range: TemperatureRange, pace: Pace): void {
  const { random, space } = walk;
  const step = createMixedStep(walk);
  const cooling = createCooling(range, random, () => pace.expected() / space.replicas.length);
  const begun = createBestPlacement(walk.engine.state);
  const begunLevel = walk.level;
  let lowest = walk.level;
  for (let used = pace.used(); used < 1; used = pace.used()) {
    const start = cooling.follow(used);
    if (start !== null) {
      (start === 'first' ? begun : best).restore();
      walk.level = start === 'first' ? begunLevel : lowest;
    }
    walk.temperature = cooling.temperature();
    for (let i = 0; i < stepsPerLook; i++) {
      step();
      if (walk.level >= lowest) continue;
      lowest = walk.level;
      best.keep();
    }
  }
  best.restore();
  walk.level = lowest;
}
