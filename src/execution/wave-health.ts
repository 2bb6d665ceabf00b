import type { Node } from '../domain/node.ts';
import type { PlanOutcome } from '../domain/plan.ts';
import { signals } from '../domain/signals.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { latencyNoiseMs } from './governor.ts';

/** The worst values of a fleet's alive nodes, with whose they are. */
export interface FleetHealth {
  readonly latency: WorstSignal | undefined;
  readonly errorRate: WorstSignal | undefined;
}

export interface WorstSignal {
  readonly node: string;
  /** In the signal's unit. */
  readonly value: number;
}

/** Error rates below this are noise whatever their ratio: one failed request in a hundred. */
const errorRateNoise = 0.01;

export function measureHealth(snapshot: Snapshot | undefined): FleetHealth {
  const alive = snapshot?.nodes.filter((node) => node.status === 'alive') ?? [];
  return { latency: worst(alive, signals.latencyP99Ms), errorRate: worst(alive, signals.errorRate) };
}

/**
 * Whether a wave worsened the worst node's latency or error rate by `factor` or more; the outcome with which the plan
 * then pauses. A factor of 0 turns the check off; what was not measured before or after cannot have regressed.
 */
export function findRegression(
  before: FleetHealth,
  after: FleetHealth,
  factor: number,
): PlanOutcome | undefined {
  if (factor <= 0) return undefined;
  return (
    regressionOf('99th percentile latency (ms)', before.latency, after.latency, latencyNoiseMs, factor) ??
    regressionOf('error rate', before.errorRate, after.errorRate, errorRateNoise, factor)
  );
}

/** Worst latency and any backpressure among the named nodes. */
export function healthOfNodes(
  snapshot: Snapshot | undefined,
  names: ReadonlySet<string>,
): { readonly latencyMs: number | undefined; readonly backpressure: boolean } {
  const involved = snapshot?.nodes.filter((node) => names.has(node.id)) ?? [];
  return {
    latencyMs: worst(involved, signals.latencyP99Ms)?.value,
    backpressure: involved.some((node) => node.signals[signals.backpressureActive] === 1),
  };
}

function regressionOf(
  what: string,
  before: WorstSignal | undefined,
  after: WorstSignal | undefined,
  noise: number,
  factor: number,
): PlanOutcome | undefined {
  if (!before || !after) return undefined;
  const limit = Math.max(before.value, noise) * factor;
  if (after.value < limit) return undefined;
  return {
    code: 'PLAN_REGRESSION',
    message: `${what} of node ${after.node} is ${tidy(after.value)} after the wave, the worst before it was ${tidy(before.value)} on ${before.node}; the limit is ${tidy(limit)}`,
    remedy: `See what happens on ${after.node}; then resume or cancel the plan.`,
  };
}

function worst(nodes: readonly Node[], signal: string): WorstSignal | undefined {
  let found: WorstSignal | undefined;
  for (const node of nodes) {
    const value = node.signals[signal];
    if (value !== undefined && (!found || value > found.value)) found = { node: node.id, value };
  }
  return found;
}

function tidy(value: number): number {
  return Number(value.toPrecision(4));
}
