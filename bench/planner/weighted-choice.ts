import type { Random } from '../../src/base/random.ts';

/** Draws an index with a probability in proportion to its weight; O(1) a draw. */
export type WeightedChoice = (random: Random) => number;

/**
 * The alias method (Vose, "A linear algorithm for generating random numbers with a given distribution", 1991): every
 * column holds its own index and one other, so that a draw is one column and one coin.
 */
export function createWeightedChoice(weights: Float64Array): WeightedChoice {
  const count = weights.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) throw new Error('nothing to choose from: all weights are 0');
  const chance = Float64Array.from(weights, (weight) => (weight * count) / total);
  const alias = Int32Array.from({ length: count }, (_, index) => index);
  const small: number[] = [];
  const large: number[] = [];
  for (let i = 0; i < count; i++) (chance[i] < 1 ? small : large).push(i);
  for (;;) {
    const high = large.pop();
    const low = high === undefined ? undefined : small.pop();
    if (high === undefined || low === undefined) break;
    alias[low] = high;
    chance[high] -= 1 - chance[low];
    (chance[high] < 1 ? small : large).push(high);
  }
  return (random) => {
    const column = random.integer(count);
    return random.next() < chance[column] ? column : alias[column];
  };
}
