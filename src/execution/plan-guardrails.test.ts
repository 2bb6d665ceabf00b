import { describe, expect, test } from 'bun:test';
import type { MeshEvent } from '../domain/event.ts';
import type { Incident, IncidentSeverity } from '../domain/incident.ts';
import type { Plan } from '../domain/plan.ts';
import { signals } from '../domain/signals.ts';
import { minimumPauseMs } from './auto-pause.ts';
import {
  createStage,
  finish,
  neverAborts,
  operator,
  relocation,
  type Stage,
  usualMoves,
} from './execution.testing.ts';
import { createPlanExecutor } from './plan-executor.ts';
import { cluster } from './sample-fleet.testing.ts';
import { confirmWithinMs } from './wave-check.ts';

/** The execution itself is in a box: awaiting `begin` must not wait for its end. */
async function begin(
  stage: Stage,
  passMs: number,
  fields: Partial<Plan> = {},
): Promise<{ readonly execution: Promise<Plan> }> {
  await stage.addPlan(usualMoves(), fields);
  const execution = createPlanExecutor(stage.deps).execute('plan-1', neverAborts);
  await stage.clock.advance(passMs);
  return { execution };
}

async function planNow(stage: Stage): Promise<Plan | undefined> {
  return stage.store.plan('plan-1');
}

function openIncident(stage: Stage, severity: IncidentSeverity): void {
  const incident: Incident = {
    id: 'i1',
    cluster,
    namespace: '',
    severity,
    title: 'disks fail',
    source: 'operator',
    openedAt: stage.clock.now(),
    openedBy: 'olga',
    reason: '',
    closedAt: 0,
    closedBy: '',
    revision: 1,
  };
  stage.incidents.push(incident);
}

async function verdictEvents(stage: Stage): Promise<MeshEvent[]> {
  const events = await stage.store.events({ after: 0, limit: 10_000 });
  return events.ok ? events.value.filter((event) => event.type === 'guardrailVerdict') : [];
}

describe('an incident', () => {
  test('that halts pauses the plan with its code, and the plan goes on by itself when it is closed', async () => {
    const stage = await createStage();
    const { execution } = await begin(stage, 100);
    openIncident(stage, 'critical');
    await stage.clock.advance(20_000);
    const paused = await planNow(stage);
    expect([paused?.status, paused?.outcome?.code]).toEqual(['paused', 'GUARDRAIL_INCIDENT']);
    stage.incidents.pop();
    expect((await finish(stage, execution)).status).toBe('completed');
  });

  test('that is open already keeps an approved plan from starting, until it expires', async () => {
    const stage = await createStage();
    openIncident(stage, 'critical');
    const { execution } = await begin(stage, 10_000, { expiresAt: stage.clock.now() + 60_000 });
    expect((await planNow(stage))?.status).toBe('approved');
    const plan = await finish(stage, execution);
    expect([plan.status, plan.outcome?.code]).toEqual(['expired', 'PLAN_EXPIRED']);
    expect(plan.outcome?.message).toContain('disks fail');
    expect(stage.fleet.statistics.read().moves.size).toBe(0);
  });

  test('that throttles slows the plan down to one move at a time', async () => {
    const stage = await createStage();
    openIncident(stage, 'warning');
    const { execution } = await begin(stage, 0);
    const plan = await finish(stage, execution);
    expect(plan.status === 'completed' ? stage.fleet.statistics.read().maxConcurrentMoves : plan.status).toBe(
      1,
    );
  });
});

describe('a freeze', () => {
  test('pauses the plan and lets it go on after its end', async () => {
    const stage = await createStage();
    const { execution } = await begin(stage, 100);
    const from = stage.clock.now();
    const freeze = { from, until: from + 60_000, reason: 'the sale' };
    const { changeControl } = stage.policy;
    stage.policy = { ...stage.policy, changeControl: { ...changeControl, freezes: [freeze] } };
    await stage.clock.advance(30_000);
    const paused = await planNow(stage);
    expect([paused?.status, paused?.outcome?.code]).toEqual(['paused', 'GUARDRAIL_FREEZE']);
    const plan = await finish(stage, execution);
    expect(plan.status).toBe('completed');
    expect(plan.endedAt).toBeGreaterThan(freeze.until);
    expect(plan.endedAt).toBeLessThan(freeze.until + minimumPauseMs + 30_000);
  });
});

describe('backpressure at a destination', () => {
  test('holds its moves back and says so once, not at every look', async () => {
    const stage = await createStage();
    stage.signals.set('a2', { [signals.backpressureActive]: 1 });
    await stage.addPlan([relocation(1, 0, 's00', 0, 'a2'), relocation(2, 0, 's01', 1, 'b2')]);
    const execution = createPlanExecutor(stage.deps).execute('plan-1', neverAborts);
    await stage.clock.advance(20_000);
    expect([stage.nodeOf('s00', 0), stage.nodeOf('s01', 1)]).toEqual(['a1', 'b2']);
    const events = await verdictEvents(stage);
    expect(events.map((event) => event.data.code)).toEqual(['GUARDRAIL_DESTINATION_BACKPRESSURE']);
    stage.signals.delete('a2');
    expect((await finish(stage, execution)).status).toBe('completed');
  });
});

describe('a wave that worsens the fleet', () => {
  /** Runs the usual moves with latencies at node a2: 40 ms before the first wave, then what `after` says, every second. */
  async function runWithLatencies(after: readonly number[], fields: Partial<Plan> = {}) {
    const stage = await createStage();
    const { execution: policy } = stage.policy;
    stage.policy = { ...stage.policy, execution: { ...policy, regressionFactor: 1.5 } };
    const measure = (latencyMs: number) => stage.signals.set('a2', { [signals.latencyP99Ms]: latencyMs });
    measure(40);
    await stage.addPlan(usualMoves(), fields);
    const executor = createPlanExecutor(stage.deps);
    const execution = executor.execute('plan-1', neverAborts);
    await stage.clock.advance(500);
    for (const latencyMs of after) {
      measure(latencyMs);
      await stage.clock.advance(1_000);
    }
    return { stage, executor, execution };
  }

  test('pauses the plan and says which node, until somebody resumes it', async () => {
    const { stage, executor, execution } = await runWithLatencies([90, 91, 92, 93, 94, 95]);
    const paused = await planNow(stage);
    expect([paused?.status, paused?.outcome?.code]).toEqual(['paused', 'PLAN_REGRESSION']);
    expect(paused?.outcome?.message).toContain('node a2 is 9');
    expect(paused?.progress.done).toBe(3);
    await stage.clock.advance(600_000);
    expect((await planNow(stage))?.status).toBe('paused');
    await executor.resume('plan-1', operator);
    expect((await finish(stage, execution)).status).toBe('completed');
  });

  test('is one too when no other measurement comes', async () => {
    const { stage } = await runWithLatencies([90]);
    await stage.clock.advance(confirmWithinMs - 5_000);
    expect((await planNow(stage))?.status).toBe('executing');
    await stage.clock.advance(10_000);
    expect((await planNow(stage))?.outcome?.code).toBe('PLAN_REGRESSION');
  });

  test('is not one measurement among good ones', async () => {
    const { stage, execution } = await runWithLatencies([90, 91, 41, 92, 93, 94, 95]);
    expect((await finish(stage, execution)).status).toBe('completed');
  });

  test('is what a rollback may be', async () => {
    const { stage, execution } = await runWithLatencies([90, 91, 92, 93, 94, 95], { kind: 'rollback' });
    expect((await finish(stage, execution)).status).toBe('completed');
  });

  test('can be cancelled while it is suspected', async () => {
    const { stage, executor, execution } = await runWithLatencies([90, 90, 90, 90, 90]);
    expect((await planNow(stage))?.status).toBe('executing');
    await executor.cancel('plan-1', 'finish', operator);
    const plan = await finish(stage, execution, 5_000);
    expect([plan.status, plan.progress.done]).toEqual(['cancelled', 3]);
  });
});

describe('a world without a snapshot', () => {
  test('starts nothing until there is one', async () => {
    const stage = await createStage();
    stage.blind = true;
    const { execution } = await begin(stage, 10_000);
    expect((await planNow(stage))?.status).toBe('approved');
    stage.blind = false;
    expect((await finish(stage, execution)).status).toBe('completed');
  });
});

describe('the cluster cap', () => {
  test('holds over all namespaces that share the gate', async () => {
    const stage = await createStage();
    stage.policy = { ...stage.policy, concurrency: { ...stage.policy.concurrency, cluster: 2 } };
    const leave = stage.gate.enter();
    const { execution } = await begin(stage, 2_000);
    expect(stage.gate.inFlight()).toBeLessThanOrEqual(2);
    leave();
    expect((await finish(stage, execution)).status).toBe('completed');
    expect(stage.fleet.statistics.read().maxConcurrentMoves).toBeLessThanOrEqual(2);
  });
});
