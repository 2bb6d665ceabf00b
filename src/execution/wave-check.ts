import type { PlanOutcome } from '../domain/plan.ts';
import { endingOf, idleIntervalMs } from './plan-ending.ts';
import type { PlanRun } from './plan-run.ts';
import { findRegression, measureHealth } from './wave-health.ts';

/** A snapshot older than this says too little about the wave that has just ended, milliseconds. */
const healthFreshMs = 1_000;
/** So many measurements one after the other must show a regression: one alone is a node's usual swing. */
export const confirmingMeasurements = 3;
/** A regression that the last measurement showed is one when no other comes within this time, milliseconds. */
export const confirmWithinMs = 30_000;

/**
 * Whether the wave that has ended worsened the fleet; the outcome with which the plan then pauses. Nothing starts
 * meanwhile. Rollbacks are not judged: what they bring back may well be worse, and somebody wants it back.
 */
export async function checkWave(run: PlanRun): Promise<PlanOutcome | undefined> {
  const { clock } = run.deps;
  if (run.log.plan().kind === 'rollback') return undefined;
  const measured = new Set<string>();
  for (const suspectedAt = clock.now(); ; ) {
    await lookAnew(run);
    const health = measureHealth(run.deps.world.snapshot());
    const { regressionFactor } = run.deps.world.policy().execution;
    const regression = findRegression(run.baseline, health, regressionFactor);
    if (!regression) return undefined;
    measured.add(`${health.latency?.value} ${health.errorRate?.value}`);
    if (measured.size >= confirmingMeasurements || clock.now() - suspectedAt >= confirmWithinMs)
      return regression;
    await run.bell.wait(idleIntervalMs);
    if (endingOf(run) || run.log.plan().status !== 'executing') return undefined;
  }
}

async function lookAnew(run: PlanRun): Promise<void> {
  const { world, clock } = run.deps;
  const takenAt = world.snapshot()?.takenAt ?? 0;
  if (clock.now() - takenAt > healthFreshMs) await world.look?.();
}
