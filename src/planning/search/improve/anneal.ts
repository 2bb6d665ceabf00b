import type { BestPlacement } from './best-placement.ts';
import { createChainStep } from './chain-step.ts';
import { createExchangeStep } from './exchange-step.ts';
import { createRelocationStep } from './relocation-step.ts';
import type { TemperatureRange } from './temperature.ts';
import type { Walk } from './walk.ts';

/** Steps between two looks at the budget and the temperature. */
const stepsPerLook = 1_024;

/** Shares of the kinds of steps. A chain looks at a few hundred candidates, so that it still takes a third of the time. */
const chainShare = 0.0015;
const exchangeShare = 0.7;

/** Exponent of a chain's draw by rank: the largest replicas, which fit nowhere as they are, come most often. */
const preferLarge = 2;

/** How far the walk's share of the budget has gone, 0 to 1; 1 ends it. */
export type Progress = () => number;

/**
 * Simulated annealing (Kirkpatrick, Gelatt, Vecchi 1983) over relocations, exchanges and ejection chains: the
 * temperature falls geometrically with the share of the budget that is used. Keeps what was best and ends there.
 * The walk's level must be that of the best placement when it begins.
 */
export function anneal(walk: Walk, best: BestPlacement, range: TemperatureRange, progress: Progress): void {
  const relocate = createRelocationStep(walk);
  const exchange = createExchangeStep(walk);
  const { random } = walk;
  const { bySize } = walk.space;
  const chain = createChainStep(walk, () => bySize[Math.floor(bySize.length * random.next() ** preferLarge)]);
  let lowest = walk.level;
  const cooling = range.end / range.start;
  for (let used = progress(); used < 1; used = progress()) {
    walk.temperature = range.start * cooling ** used;
    for (let i = 0; i < stepsPerLook; i++) {
      const draw = random.next();
      if (draw < chainShare) chain();
      else if (draw < chainShare + exchangeShare) exchange();
      else relocate();
      if (walk.level >= lowest) continue;
      lowest = walk.level;
      best.keep();
    }
  }
  best.restore();
  walk.level = lowest;
}
