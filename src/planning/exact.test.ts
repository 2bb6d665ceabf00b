import { expect, test } from 'bun:test';
import { computePlan } from './compute-plan.ts';
import { anyPeak, createExactSolver, type ExactSolver } from './exact-optimum.testing.ts';
import { buildProblem, type PlanningProblem } from './problem.ts';
import { smallFleet } from './small-fleet.testing.ts';

/** Fleets that are compared, and those that must come within the tolerance of the optimum. */
const fleets = 100;
const fleetsWithin = 95;

/** (peak − optimum) / optimum that counts as reached. */
const tolerance = 0.01;

/** Two hundred exact answers on a machine that does other things as well; nothing is asserted about time. */
const timeoutMs = 300_000;

interface Comparison {
  readonly seed: number;
  readonly peakToMean: number;
  /** Violations and replicas to vacate that the plan leaves although a placement has none. */
  readonly broken: number;
  /** Peak over mean of a placement that is better by more than the tolerance; null when there is none. */
  readonly better: number | null;
}

test(
  `the peak is within ${100 * tolerance}% of the exact optimum on ${fleetsWithin} of ${fleets} small fleets, and every rule is kept that can be`,
  async () => {
    const solver = await createExactSolver();
    const compared: Comparison[] = [];
    for (let seed = 0; compared.length < fleets; seed++) {
      const request = smallFleet(seed);
      const problem = buildProblem(request);
      if (!problem.ok) throw new Error('the policy does not fit');
      if (solver.findWithin(problem.value, anyPeak).kind === 'found')
        compared.push(compare(seed, solver, problem.value));
    }
    expect(compared.filter((each) => each.broken > 0)).toEqual([]);
    const missed = compared.filter((each) => each.better !== null);
    expect(missed.slice(fleets - fleetsWithin)).toEqual([]);
  },
  timeoutMs,
);

function compare(seed: number, solver: ExactSolver, problem: PlanningProblem): Comparison {
  const planned = computePlan(problem.request);
  if (!planned.ok) return { seed, peakToMean: Number.POSITIVE_INFINITY, broken: 1, better: null };
  const { after, violationsAfter, toVacateAfter } = planned.value.summary;
  const peakToMean = Math.max(...after.map((each) => each.peakToMean));
  const broken = violationsAfter + toVacateAfter;
  const ceiling = peakToMean / (1 + tolerance);
  // No placement is below the mean.
  if (ceiling < 1) return { seed, peakToMean, broken, better: null };
  const answer = solver.findWithin(problem, ceiling);
  // What the solver cannot decide counts as missed.
  const better = answer.kind === 'found' ? answer.peakToMean : answer.kind === 'none' ? null : Number.NaN;
  return { seed, peakToMean, broken, better };
}
