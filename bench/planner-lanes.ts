import { createWorkerPlanner } from '../src/adapters/planner-worker/worker-planner.ts';
import type { PlanningRequest } from '../src/domain/planning.ts';
import { compareLevels } from '../src/planning/build-objective.ts';
import { generateFleet } from './planner/generate-fleet.ts';
import { usualRequest, usualShape } from './planner/usual-fleet.ts';

/**
 * What further lanes of the search cost and bring, on fleets that are small enough to be annealed; one JSON object a line
 * per fleet, seed and number of lanes, and at last one per number of lanes. `bun bench/planner-lanes.ts`
 */

/** Ten replicas per node and no tolerance, so that there is something left to improve after the descent. */
const fleets = [
  { replicas: 300, nodes: 30 },
  { replicas: 2_000, nodes: 200 },
];
const seeds = [1, 2, 3, 4, 5];
const laneCounts = [1, 2];
/** One number of lanes after the other, again and again: what else the machine does falls on all of them. */
const rounds = 3;

interface Measured {
  readonly millis: number;
  readonly cpuMillis: number;
  readonly peakToMean: number;
  readonly moves: number;
  readonly objective: readonly number[];
}

const planner = createWorkerPlanner();

async function measure(request: PlanningRequest): Promise<Measured> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const answer = await planner.plan(request, new AbortController().signal);
  const millis = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  if (!answer.ok) throw new Error(answer.error.map((each) => each.message).join('; '));
  const { after, moves, objectiveAfter } = answer.value.summary;
  const peakToMean = Math.max(...after.map((each) => each.peakToMean));
  return { millis, cpuMillis: (user + system) / 1_000, peakToMean, moves, objective: objectiveAfter };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

function withLanes(request: PlanningRequest, seed: number, searchLanes: number): PlanningRequest {
  const { policy } = request;
  return { ...request, seed, policy: { ...policy, budget: { ...policy.budget, searchLanes } } };
}

const timesOfOne: { lanes: number; ratio: number }[] = [];
const better: number[] = [];
for (const size of fleets) {
  const shape = usualShape('lanes', size);
  const request = usualRequest(shape, generateFleet(shape), { balanceTolerance: 0 });
  // Threads start and code is compiled outside the clock, as in a service that has been running.
  for (let warm = 0; warm < 3; warm++) await measure(withLanes(request, 1, Math.max(...laneCounts)));
  for (const seed of seeds) {
    const runs = laneCounts.map((): Measured[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [row, lanes] of laneCounts.entries()) {
        runs[row]?.push(await measure(withLanes(request, seed, lanes)));
      }
    }
    const one = runs[0]?.[0];
    const oneMillis = median((runs[0] ?? []).map((run) => run.millis));
    for (const [row, lanes] of laneCounts.entries()) {
      const [first, ...others] = runs[row] ?? [];
      if (!first || !one) continue;
      if (others.some((run) => compareLevels(run.objective, first.objective) !== 0))
        throw new Error('equal requests gave unequal plans');
      const millis = median([first, ...others].map((run) => run.millis));
      const cpuMillis = median([first, ...others].map((run) => run.cpuMillis));
      const { peakToMean, moves, objective } = first;
      timesOfOne.push({ lanes, ratio: millis / oneMillis });
      if (compareLevels(objective, one.objective) < 0) better.push(lanes);
      const [, , , peak, balance, price] = objective;
      const line = { ...size, seed, lanes, millis, cpuMillis, peakToMean, moves, peak, balance, price };
      console.log(JSON.stringify(line, (_, value) => (typeof value === 'number' ? rounded(value) : value)));
    }
  }
}
await planner.close();

for (const lanes of laneCounts) {
  const ratios = timesOfOne.filter((each) => each.lanes === lanes).map((each) => each.ratio);
  const line = {
    lanes,
    plans: ratios.length,
    betterThanOne: better.filter((each) => each === lanes).length,
    timesOfOne: rounded(median(ratios)),
  };
  console.log(JSON.stringify(line));
}

function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
