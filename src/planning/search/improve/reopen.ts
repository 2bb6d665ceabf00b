import { negligible } from '../search-engine.ts';
import { restHeat } from '../shed-lines.ts';
import type { BestPlacement } from './best-placement.ts';
import { createMixedStep } from './mixed-step.ts';
import { createNeighbourhoods } from './neighbourhood.ts';
import { sampleTemperatures, type TemperatureRange, temperatureAt } from './temperature.ts';
import type { Walk } from './walk.ts';
import { isWarm, warmNodes } from './warm-nodes.ts';

/** Neighbourhoods of a node in a row that win nothing, after which it is left alone. */
const maxFailures = 2;

/** Candidates per replica of a neighbourhood: it is annealed from hot to cold within them. */
const candidatesPerReplica = 400;

/** Steps between two looks at the temperature. */
const stepsPerLook = 64;

/** Where annealing of a neighbourhood begins, in shares of the sample's large steps; drawn evenly by the logarithm. */
const leastHeat = 0.02;
const largestHeat = 1;

/**
 * Large-neighbourhood search (Shaw, "Using constraint programming and local search methods to solve vehicle routing
 * problems", 1998; on machine reassignment Mehta, O'Sullivan, Simonis, "Comparing solution methods for the machine
 * reassignment problem", 2012): a few nodes are taken apart and put together again while the rest of the fleet stands
 * still. Both are done by annealing the neighbourhood alone, so that every rule holds at every step. The result counts only
 * when it is better.
 */
interface Reopening {
  /** Rearranges a neighbourhood of the node; answers whether the best placement is better by it. Ends in the best. */
  around(node: number): boolean;
}

/** The state must be at its best when it begins; null when no step would change anything. */
function createReopening(walk: Walk, best: BestPlacement): Reopening | null {
  const neighbourhoods = createNeighbourhoods(walk);
  const range = sampleTemperatures(walk);
  return range && { around: (node) => reopen(walk, best, range, neighbourhoods.around(node)) };
}

/**
 * Neighbourhoods of the warm nodes, the hottest first, each node until several in a row won nothing. Ends in what was best.
 *
 * @param beginHeat utilisation over the mean above which a node is warm
 * @param isSpent asked after every neighbourhood
 */
export function reopenWarm(walk: Walk, best: BestPlacement, beginHeat: number, isSpent: () => boolean): void {
  const { state, factors } = walk.engine;
  const warm = warmNodes(state, factors, beginHeat);
  const reopening = warm.length > 0 && !isSpent() ? createReopening(walk, best) : null;
  if (reopening === null) return;
  const rest = restHeat(factors);
  for (const node of warm) {
    for (let failures = 0; failures < maxFailures && !isSpent(); ) {
      if (!isWarm(state, factors, node, rest)) break;
      failures = reopening.around(node) ? 0 : failures + 1;
    }
  }
}

function reopen(
  walk: Walk,
  best: BestPlacement,
  range: TemperatureRange,
  space: Walk['space'] | null,
): boolean {
  if (space === null) return false;
  const { replicas } = space;
  const { random } = walk;
  const inside: Walk = { ...walk, space, looked: 0, draw: () => replicas[random.integer(replicas.length)] };
  const step = createMixedStep(inside);
  const heat = leastHeat * (largestHeat / leastHeat) ** random.next();
  const start = Math.max(range.end, range.start * heat);
  const wanted = candidatesPerReplica * replicas.length;
  let lowest = walk.level;
  while (inside.looked < wanted) {
    inside.temperature = temperatureAt(start, range.end, inside.looked / wanted);
    for (let i = 0; i < stepsPerLook; i++) {
      step();
      if (inside.level >= lowest - negligible) continue;
      lowest = inside.level;
      best.keep();
    }
  }
  best.restore();
  walk.looked += inside.looked;
  const isBetter = lowest < walk.level;
  walk.level = lowest;
  return isBetter;
}
