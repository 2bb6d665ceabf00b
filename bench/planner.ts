import type { PlanningRequest } from '../src/domain/planning.ts';
import type { Policy } from '../src/domain/policy.ts';
import { defaultPolicy } from '../src/domain/policy-defaults.ts';
import { defaultDimensionPolicy } from '../src/domain/policy-dimensions.ts';
import { computePlan } from '../src/planning/compute-plan.ts';
import { type FleetShape, generateFleet } from './planner/generate-fleet.ts';

/** One line of the report. */
interface BenchLine {
  readonly case: string;
  readonly replicas: number;
  readonly nodes: number;
  readonly dimensions: number;
  readonly millis: number;
  readonly peakRssBytes: number;
  readonly peakToMeanBefore: number;
  readonly peakToMean: number;
  readonly lowerBound: number;
  readonly gap: number;
  readonly moves: number;
  readonly waves: number;
  readonly evaluations: number;
}

const threeDimensions = ['cpu', 'memory', 'requests'];

const cases: Readonly<Record<string, FleetShape>> = {
  'growth-10k': shape(10_000, 100, 'logNormal', 0.3),
  'uniform-10k': shape(10_000, 100, 'uniform', 0.3),
  'growth-100k': shape(100_000, 1_000, 'logNormal', 0.3),
  'zipf-100k': shape(100_000, 1_000, 'zipf', 0.3),
  'steep-100k': shape(100_000, 1_000, 'logNormal', 2),
  'growth-1m': shape(1_000_000, 10_000, 'logNormal', 0.3),
};

const byDefault = ['growth-10k', 'uniform-10k', 'growth-100k', 'zipf-100k'];

function shape(replicas: number, nodes: number, loads: FleetShape['loads'], skew: number): FleetShape {
  return { replicas, nodes, dimensions: threeDimensions, copies: 3, zones: 10, loads, skew, seed: 1 };
}

/** No budget but time: the benchmark asks how well and how fast, not how little. */
function benchPolicy(): Policy {
  const base = defaultPolicy('bench', 'bench');
  return {
    ...base,
    dimensions: threeDimensions.map((name) => ({ ...defaultDimensionPolicy(name), hardLimit: 10 })),
    budget: {
      maxMoves: Number.MAX_SAFE_INTEGER,
      maxBytes: Number.MAX_SAFE_INTEGER,
      maxShareOfShards: 1,
      maxEvaluations: 2_000_000_000,
      maxSearchMs: 60_000,
    },
    concurrency: { cluster: 1_000, namespace: 1_000, perNodeIn: 8, perNodeOut: 8, perZone: 1_000 },
    placement: {
      ...base.placement,
      spread: [{ select: {}, level: 'zone', minDomains: 3, maxPerDomain: 1 }],
    },
  };
}

function run(name: string, fleetShape: FleetShape): BenchLine {
  const snapshot = generateFleet(fleetShape);
  const request: PlanningRequest = {
    snapshot,
    policy: benchPolicy(),
    distress: new Float64Array(snapshot.nodes.length),
    seed: fleetShape.seed,
    frozenShards: new Int32Array(0),
    frozenNodes: new Int32Array(0),
    task: { kind: 'improve' },
  };
  const start = performance.now();
  const planned = computePlan(request);
  const millis = performance.now() - start;
  if (!planned.ok) throw new Error(planned.error.map((problem) => problem.message).join('; '));
  const { summary } = planned.value;
  const worst = (balances: typeof summary.before): number =>
    balances.reduce((most, balance) => Math.max(most, balance.peakToMean), 1);
  return {
    case: name,
    replicas: snapshot.shards.replicaNodes.length,
    nodes: snapshot.nodes.length,
    dimensions: snapshot.dimensions.length,
    millis: Math.round(millis),
    peakRssBytes: process.memoryUsage().rss,
    peakToMeanBefore: round(worst(summary.before)),
    peakToMean: round(worst(summary.after)),
    lowerBound: round(summary.lowerBound),
    gap: round(summary.gap),
    moves: summary.moves,
    waves: summary.waves,
    evaluations: summary.evaluations,
  };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

/** `bun bench/planner.ts [CASE...]`: a JSON line per case on standard output, a table on standard error. */
const wanted = process.argv.slice(2);
const lines: BenchLine[] = [];
for (const name of wanted.length > 0 ? wanted : byDefault) {
  const fleetShape = cases[name];
  if (!fleetShape) throw new Error(`no case "${name}"; there are ${Object.keys(cases).join(', ')}`);
  const line = run(name, fleetShape);
  lines.push(line);
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
for (const line of lines) {
  const cells = [
    line.case.padEnd(12),
    `${line.millis} ms`,
    `${line.peakToMeanBefore} → ${line.peakToMean}`,
    `${line.moves} moves`,
  ];
  process.stderr.write(`${cells.join('  ')}\n`);
}
