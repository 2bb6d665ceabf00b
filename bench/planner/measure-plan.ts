import type { PlanSummary } from '../../src/domain/plan.ts';
import type { PlanningRequest, PlanningResult } from '../../src/domain/planning.ts';
import { computePlan } from '../../src/planning/compute-plan.ts';
import { peakRssBytes } from './peak-memory.ts';
import { usualRequest, usualShape } from './usual-fleet.ts';

/** What every line says of a plan; times in milliseconds, memory in bytes. */
export interface PlanFigures {
  readonly replicas: number;
  readonly nodes: number;
  readonly dimensions: number;
  /** The whole of `computePlan`: median and least of the runs; the median of the processor time. */
  readonly millis: number;
  readonly millisMin: number;
  readonly cpuMillis: number;
  readonly runs: number;
  readonly peakRssBytes: number;
  readonly peakToMeanBefore: number;
  readonly peakToMean: number;
  readonly lowerBound: number;
  readonly gap: number;
  readonly moves: number;
  readonly movesLowerBound: number;
  readonly waves: number;
  readonly evaluations: number;
  readonly violationsBefore: number;
  readonly violationsAfter: number;
  readonly toVacateBefore: number;
  readonly toVacateAfter: number;
}

export interface Timed {
  readonly result: PlanningResult;
  readonly millis: number;
  readonly cpuMillis: number;
}

/** Plans of another fleet, so that the compiler has seen the planner as it has in a service that runs for a while. */
const warmPlans = 5;

/** Runs are repeated while all together took less than this, up to `mostRuns`. */
const patienceMs = 15_000;
const mostRuns = 5;

export function warmUp(): void {
  for (let seed = 1; seed <= warmPlans; seed++)
    timePlan(usualRequest({ ...usualShape('warm', { replicas: 6_000, nodes: 60 }), zones: 6, seed }));
}

/** Computes the plan once; throws when there is none. */
export function timePlan(request: PlanningRequest): Timed {
  // What came before must not be collected on this plan's time.
  Bun.gc(true);
  const cpu = process.cpuUsage();
  const start = performance.now();
  const planned = computePlan(request);
  const millis = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  if (!planned.ok) throw new Error(planned.error.map((problem) => problem.message).join('; '));
  return { result: planned.value, millis, cpuMillis: (user + system) / 1_000 };
}

/** Measures a plan several times; throws when two runs of the same request differ. */
export function measurePlan(
  request: PlanningRequest,
  onRun: (run: number) => void,
  runs: number = mostRuns,
): { figures: PlanFigures; result: PlanningResult } {
  const taken: { millis: number; cpuMillis: number }[] = [];
  // One answer at a time: a service has no more of them either.
  let result: PlanningResult | null = null;
  let summary = '';
  let spent = 0;
  while (taken.length < runs && (taken.length === 0 || spent < patienceMs)) {
    onRun(taken.length + 1);
    result = null;
    const timed = timePlan(request);
    const { millis, cpuMillis } = timed;
    ({ result } = timed);
    const again = JSON.stringify(result.summary);
    if (summary !== '' && summary !== again) {
      throw new Error('two runs of the same request gave different plans');
    }
    summary = again;
    taken.push({ millis, cpuMillis });
    spent += millis;
  }
  if (!result) throw new Error('a plan is measured at least once');
  const peak = peakRssBytes();
  const figures = {
    ...planFigures(request, result.summary),
    millis: median(taken.map((run) => run.millis)),
    millisMin: Math.min(...taken.map((run) => run.millis)),
    cpuMillis: median(taken.map((run) => run.cpuMillis)),
    runs: taken.length,
    peakRssBytes: peak,
  };
  return { figures, result };
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The part of the figures that a plan tells by itself. */
export function planFigures(
  request: PlanningRequest,
  summary: PlanSummary,
): Omit<PlanFigures, 'millis' | 'millisMin' | 'cpuMillis' | 'runs' | 'peakRssBytes'> {
  const { snapshot } = request;
  const { violationsBefore, violationsAfter, toVacateBefore, toVacateAfter } = summary;
  return {
    replicas: snapshot.shards.replicaNodes.length,
    nodes: snapshot.nodes.length,
    dimensions: snapshot.dimensions.length,
    peakToMeanBefore: worstPeakToMean(request, summary.before),
    peakToMean: worstPeakToMean(request, summary.after),
    lowerBound: summary.lowerBound,
    gap: summary.gap,
    moves: summary.moves,
    movesLowerBound: summary.movesLowerBound,
    waves: summary.waves,
    evaluations: summary.evaluations,
    ...{ violationsBefore, violationsAfter, toVacateBefore, toVacateAfter },
  };
}

/** Peak over mean of the worst dimension that the policy weighs. */
export function worstPeakToMean({ policy }: PlanningRequest, balances: PlanSummary['before']): number {
  return balances.reduce(
    (most, balance, d) => (policy.dimensions[d].weight > 0 ? Math.max(most, balance.peakToMean) : most),
    1,
  );
}
