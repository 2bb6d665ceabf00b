import type { Line } from './bench-line.ts';
import type { FleetShape } from './generate-fleet.ts';
import { planFigures, timePlan, warmUp } from './measure-plan.ts';
import { peakRssBytes } from './peak-memory.ts';
import { usualRequest } from './usual-fleet.ts';

/** Budgets of evaluations, from a hundredth of the whole to all of it, six a decade. */
const decades = 2;
const perDecade = 6;

/**
 * How good the plan is when the search ends early: the same request with budgets of evaluations that grow. `points` has a
 * row per budget: budget, evaluations, milliseconds of the whole plan, peak over mean, moves; the first row is the fleet
 * as it was.
 */
export function anytimeCurve(shape: FleetShape, progress: (text: string) => void): Line {
  progress('generates the fleet');
  const request = usualRequest(shape);
  warmUp();
  const whole = timePlan(request);
  const figures = planFigures(request, whole.result.summary);
  const points: number[][] = [[0, 0, 0, cut(figures.peakToMeanBefore), 0]];
  for (let step = decades * perDecade; step > 0; step--) {
    const budget = Math.ceil(figures.evaluations * 10 ** (-step / perDecade));
    progress(`plans with ${budget} evaluations`);
    const { budget: bounds } = request.policy;
    const policy = { ...request.policy, budget: { ...bounds, maxEvaluations: budget } };
    const { result, millis } = timePlan({ ...request, policy });
    const { evaluations, peakToMean, moves } = planFigures(request, result.summary);
    points.push([budget, evaluations, Math.round(millis), cut(peakToMean), moves]);
  }
  points.push([
    request.policy.budget.maxEvaluations,
    figures.evaluations,
    Math.round(whole.millis),
    cut(figures.peakToMean),
    figures.moves,
  ]);
  return { ...figures, millis: whole.millis, peakRssBytes: peakRssBytes(), points };
}

/** To a ten-thousandth. */
function cut(peakToMean: number): number {
  return Math.round(peakToMean * 10_000) / 10_000;
}
