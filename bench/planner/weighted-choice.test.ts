import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRandom } from '../../src/base/random.ts';
import { createWeightedChoice } from './weighted-choice.ts';

const draws = 20_000;

test('draws in proportion to the weights, and never what has none', () => {
  const weights = fc
    .array(fc.nat(8), { minLength: 1, maxLength: 12 })
    .filter((all) => all.some((w) => w > 0));
  fc.assert(
    fc.property(weights, fc.nat(1_000), (given, seed) => {
      const choose = createWeightedChoice(Float64Array.from(given));
      const random = createRandom(seed);
      const counts = given.map(() => 0);
      for (let draw = 0; draw < draws; draw++) counts[choose(random)] += 1;
      const total = given.reduce((sum, weight) => sum + weight, 0);
      for (const [index, weight] of given.entries()) {
        const expected = (draws * weight) / total;
        // Six deviations of a binomial number: never in the life of this test.
        expect(Math.abs(counts[index] - expected)).toBeLessThanOrEqual(6 * Math.sqrt(expected));
      }
    }),
    { numRuns: 30 },
  );
});

test('refuses to choose from nothing', () => {
  expect(() => createWeightedChoice(new Float64Array(3))).toThrow('nothing to choose from');
});
