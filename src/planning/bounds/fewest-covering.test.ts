import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { fewestCovering } from './fewest-covering.ts';

test('takes the largest values first, however they lie', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 40 })), fc.nat({ max: 600 }), (values, need) => {
      let covered = 0;
      let fewest = 0;
      for (const value of values.toSorted((left, right) => right - left)) {
        if (covered >= need) break;
        covered += value;
        fewest += 1;
      }
      expect(fewestCovering(Float64Array.from(values), values.length, need)).toBe(fewest);
    }),
  );
});
