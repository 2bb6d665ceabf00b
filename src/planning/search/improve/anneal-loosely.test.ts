import { expect, test } from 'bun:test';
import { annealLoosely } from './anneal-loosely.ts';
import { createBestPlacement } from './best-placement.ts';
import { sampleTemperatures } from './temperature.ts';
import { overRandomWalks, violationsNow } from './walk.testing.ts';
import type { Walk } from './walk.ts';

/** Looks at the budget of one cooling, each of a thousand steps. */
const looks = 12;

function coolIn(walk: Walk): boolean | null {
  const range = sampleTemperatures(walk);
  if (range === null) return null;
  const best = createBestPlacement(walk.engine.state);
  let asked = 0;
  return annealLoosely(walk, best, range, () => asked++ / looks);
}

test('whatever it goes through, it ends within the rules and never worse', () => {
  overRandomWalks((walk) => {
    const before = violationsNow(walk.engine);
    const begun = walk.engine.state.nodeOf.slice();
    const isBetter = coolIn(walk);
    for (const [index, amount] of violationsNow(walk.engine).entries()) {
      expect(amount).toBeLessThanOrEqual(before[index] * (1 + 1e-9) + 1e-9);
    }
    if (isBetter) expect(walk.level).toBeLessThan(0);
    else expect(walk.engine.state.nodeOf).toEqual(begun);
  });
});
