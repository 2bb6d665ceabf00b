import { describe, expect, test } from 'bun:test';
import type { Plan } from '../domain/plan.ts';
import { createStage, type Stage, usualMoves } from './execution.testing.ts';
import { createPlanExecutor } from './plan-executor.ts';

const never = new AbortController().signal;

async function finish(stage: Stage, execution: Promise<Plan>, limitMs = 600_000): Promise<Plan> {
  let ended: Plan | undefined;
  let failure: unknown;
  execution.then(
    (plan) => {
      ended = plan;
    },
    (error: unknown) => {
      failure = error;
    },
  );
  await stage.clock.advanceUntil(() => ended !== undefined || failure !== undefined, limitMs);
  if (failure) throw failure;
  if (!ended) throw new Error('unreachable');
  return ended;
}

describe('a plan that nothing disturbs', () => {
  test('completes, with every replica where it was to go', async () => {
    const stage = await createStage();
    await stage.addPlan(usualMoves());
    const plan = await finish(stage, createPlanExecutor(stage.deps).execute('plan-1', never));
    expect(plan.outcome).toBeNull();
    expect(plan.status).toBe('completed');
    expect(stage.nodeOf('s00', 0)).toBe('a2');
    expect(stage.nodeOf('s00', 1)).toBe('b2');
    expect(plan.progress).toMatchObject({ done: 5, pending: 0, running: 0 });
  });
});
