import type { Random } from '../../../base/random.ts';
import { replacesTerms } from '../../extension.ts';
import type { SearchEngine } from '../search-engine.ts';
import { anneal } from './anneal.ts';
import { createBestPlacement } from './best-placement.ts';
import { sampleTemperatures } from './temperature.ts';
import { createWalk } from './walk.ts';

export interface ImproveOptions {
  readonly random: Random;
  /** Share of the wall clock's budget that is used, 0 to 1, where the search is paced by it; else evaluations pace it. */
  readonly elapsedShare?: () => number;
}

/** Uses what is left of the budget. Never leaves the state worse than it found it. */
export function improve(engine: SearchEngine, { random, elapsedShare }: ImproveOptions): void {
  if (engine.isSpent() || !replacesTerms(engine.state.problem)) return;
  const walk = createWalk(engine, random);
  const range = sampleTemperatures(walk);
  if (range === null) return;
  const best = createBestPlacement(engine.state);
  const { maxEvaluations } = engine.state.problem.request.policy.budget;
  const begun = engine.evaluations;
  const elapsedBefore = elapsedShare?.() ?? 0;
  anneal(walk, best, range, () => {
    engine.spend(walk.looked);
    walk.looked = 0;
    if (engine.isSpent()) return 1;
    const byEvaluations = (engine.evaluations - begun) / (maxEvaluations - begun);
    const elapsed = elapsedShare?.() ?? 0;
    return Math.max(byEvaluations, (elapsed - elapsedBefore) / (1 - elapsedBefore));
  });
}
