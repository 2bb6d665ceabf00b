import { describe, expect, test } from 'bun:test';
import { createStage, finish, neverAborts, usualMoves } from './execution.testing.ts';
import { createPlanExecutor } from './plan-executor.ts';

describe('a plan that nothing disturbs', () => {
  test('completes, with every replica where it was to go', async () => {
    const stage = await createStage();
    await stage.addPlan(usualMoves());
    const plan = await finish(stage, createPlanExecutor(stage.deps).execute('plan-1', neverAborts));
    expect(plan.outcome).toBeNull();
    expect(plan.status).toBe('completed');
    expect(stage.nodeOf('s00', 0)).toBe('a2');
    expect(stage.nodeOf('s00', 1)).toBe('b2');
    expect(plan.progress).toMatchObject({ done: 5, pending: 0, running: 0 });
  });
});
