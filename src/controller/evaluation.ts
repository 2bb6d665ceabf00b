import type { ControllerRecord, ControllerState } from '../domain/controller-state.ts';
import type { Plan, PlanOutcome } from '../domain/plan.ts';
import { mayHaveMovesInFlight } from '../domain/plan-status.ts';
import type { Policy } from '../domain/policy.ts';
import { controllerPrincipal } from '../domain/principal.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { CommitBatch } from '../ports/store.ts';
import type { Diagnosis } from './controller-record.ts';
import { joinBatches, readRecord, writeOfRecord } from './controller-store.ts';
import type { CoreDeps } from './core-deps.ts';
import { detectMassFailure } from './detected-incidents.ts';
import { nextDryRunAt } from './dry-run-schedule.ts';
import { mainTrigger } from './imbalance.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { NamespaceWorld, WorldView } from './namespace-world.ts';
import type { Outranking } from './outranking.ts';
import { tendPendingPlan } from './pending-plan.ts';
import { attemptPlan, scheduledDryRun } from './plan-attempt.ts';
import { readPlanHistory } from './plan-history.ts';
import { writeOfRollback } from './rollback-link.ts';
import { standingVerdicts } from './standing-verdicts.ts';
import { type Decision, decide, type Observation } from './transition.ts';

export interface EvaluationDeps extends CoreDeps {
  readonly world: NamespaceWorld;
  readonly lease: LeaseKeeper;
  /** Sees to it that the plan is being executed. */
  readonly execute: (planId: string) => void;
  readonly outranking: Outranking;
  /** Lets a plan that runs make way for a more urgent one. */
  readonly supersede: (planId: string, outcome: PlanOutcome) => void;
}

export interface EvaluationRequest {
  /** Somebody asked: back-off after fruitless looks does not count. */
  readonly requested: boolean;
  /** False: only follow what became of the plan that the record names. */
  readonly mayPlan: boolean;
}

export interface Evaluated {
  /** What it went by. */
  readonly policy: Policy;
  /** Whether the fleet could be seen. */
  readonly sighted: boolean;
}

/** Steps in one evaluation: from planPending through executing, completed and steady to investigating and back. */
const maxSteps = 8;

const by = { principal: controllerPrincipal.id, transport: 'internal' } as const;

/**
 * One look of a namespace's controller: look at the fleet, follow the plan it waits for, decide, act, persist. Every
 * step is committed with its audit record and event under the lease's fence; when somebody else wrote the record
 * meanwhile, the evaluation ends and the next one sees what that was.
 */
export async function evaluate(deps: EvaluationDeps, request: EvaluationRequest): Promise<Evaluated> {
  const { world, lease } = deps;
  const looked = await world.look();
  const view = looked.ok ? looked.value : undefined;
  const { policy } = view ?? (await world.policies());
  const blind: Diagnosis | null = looked.ok ? null : looked.error[0];
  if (view && lease.held()) await commitFenced(deps, detectMassFailure(deps, view, deps.clock.now()));

  let record = await readRecord(deps.store, deps.cluster, world.namespace, deps.clock.now());
  for (let step = 0; step < maxSteps && lease.held(); step++) {
    const seen = await observe(deps, record, view, blind, request);
    const next = await decideAndAct(deps, record, seen, view, policy, request);
    if (!next) break;
    record = next;
  }
  if (view && request.mayPlan && lease.held()) await runSchedule(deps, view);
  return { policy, sighted: view !== undefined };
}

async function observe(
  deps: EvaluationDeps,
  record: ControllerRecord,
  view: WorldView | undefined,
  blind: Diagnosis | null,
  request: EvaluationRequest,
): Promise<Observation> {
  const plan = record.planId
    ? await tendPendingPlan(deps, record.planId, view, deps.lease.fence())
    : undefined;
  const standing = view ? await standingNow(deps, view, 'create') : [];
  if (plan && view && blockOf(standing) === null) await yieldToRestore(deps, plan, view);
  const start = view && plan?.status === 'approved' ? await standingNow(deps, view, 'start', plan) : [];
  return {
    readings: view?.readings ?? [],
    mustVacate: view !== undefined && view.vacate.kind !== 'none',
    planStatus: plan?.status,
    startBlocked: blind ?? holdOf(start),
    planningBlocked: blind ?? blockOf(standing),
    requested: request.requested,
  };
}

/** A plan that runs ends early when nodes were lost since: nothing that it does is as urgent as what they held. */
async function yieldToRestore(deps: EvaluationDeps, plan: Plan, view: WorldView): Promise<void> {
  if (!mayHaveMovesInFlight(plan.status)) return;
  const outcome = await deps.outranking.ofRunning(plan, view);
  if (outcome) deps.supersede(plan.id, outcome);
}

async function standingNow(deps: EvaluationDeps, view: WorldView, phase: 'create' | 'start', plan?: Plan) {
  const history = await readPlanHistory(deps.store, deps.cluster, deps.world.namespace);
  return standingVerdicts(view, history, phase, deps.clock.now(), plan);
}

function blockOf(verdicts: readonly Verdict[]): Diagnosis | null {
  const block = verdicts.find((verdict) => verdict.decision === 'block');
  return block ? { code: block.code, message: block.message } : null;
}

/** What an approved plan waits for; an incident that only throttles lets it run slowly instead. */
function holdOf(verdicts: readonly Verdict[]): Diagnosis | null {
  const slows = (verdict: Verdict) =>
    verdict.decision === 'throttle' && verdict.code === 'GUARDRAIL_INCIDENT';
  const hold = verdicts.find((verdict) => verdict.decision !== 'allow' && !slows(verdict));
  return hold ? { code: hold.code, message: hold.message } : null;
}

/** States in which nothing but the sight of the fleet leads on. */
const waitingStates: ReadonlySet<ControllerState> = new Set(['steady', 'investigating', 'draining']);

/** Diagnoses of a look that saw nothing; the next one that sees something is their end. */
function isBlind(code: string): boolean {
  return code.startsWith('SNAPSHOT_') || code.startsWith('POLICY_ADAPTER_') || code === 'FLEET_UNREACHABLE';
}

function sightOf({ state }: ControllerRecord): Diagnosis {
  return { code: state, message: 'the fleet can be seen' };
}

/** The record after one step, undefined when there is none more to take. */
async function decideAndAct(
  deps: EvaluationDeps,
  record: ControllerRecord,
  seen: Observation,
  view: WorldView | undefined,
  policy: Policy,
  request: EvaluationRequest,
): Promise<ControllerRecord | undefined> {
  // Without a view the signals are unknown, not gone: only plans and time are followed.
  const waits = waitingStates.has(record.state);
  if (!view && waits) {
    await persist(deps, record, {
      record: { ...record, diagnosis: seen.planningBlocked ?? record.diagnosis },
    });
    return undefined;
  }
  const current =
    waits && isBlind(record.diagnosis.code) ? { ...record, diagnosis: sightOf(record) } : record;
  let decision = decide(current, seen, policy, deps.clock.now());
  let extra: CommitBatch = {};
  if (decision.wish === 'plan') {
    if (!view || !request.mayPlan) return undefined;
    const tried = await attemptPlan(deps, view, mainTrigger(decision.record));
    extra = tried.batch;
    decision = decide(decision.record, { ...seen, attempt: tried.attempt }, policy, deps.clock.now());
  }
  if (decision.step) extra = joinBatches(extra, await rollbackWrites(deps, record));
  const written = await persist(deps, record, decision, extra);
  if (!written) return undefined;
  if (decision.wish === 'execute') deps.execute(decision.record.planId);
  return decision.step ? written : undefined;
}

/** What starting or ending the record's plan does to the plan that it rolls back. */
async function rollbackWrites(deps: EvaluationDeps, record: ControllerRecord): Promise<CommitBatch> {
  const plan = record.planId ? await deps.store.plan(record.planId) : undefined;
  return plan ? writeOfRollback(deps.store, plan, deps.clock.now()) : {};
}

/** Commits what changed; undefined when the write was refused. */
async function persist(
  deps: EvaluationDeps,
  before: ControllerRecord,
  { record, step }: Pick<Decision, 'record' | 'step'>,
  extra: CommitBatch = {},
): Promise<ControllerRecord | undefined> {
  const now = deps.clock.now();
  if (!step && sameRecord(before, record) && Object.keys(extra).length === 0) return record;
  const looked = { ...record, lastEvaluatedAt: now };
  const write = writeOfRecord(looked, step ? [{ record: looked, step }] : [], now, by);
  const degraded = telemetryEvent(before, looked, now);
  const stored = await commitFenced(deps, joinBatches(extra, write, degraded));
  return stored ? { ...looked, revision: looked.revision + 1 } : undefined;
}

function sameRecord(before: ControllerRecord, after: ControllerRecord): boolean {
  return (
    before.diagnosis.code === after.diagnosis.code &&
    before.notBefore === after.notBefore &&
    before.fruitless === after.fruitless &&
    before.planId === after.planId &&
    before.triggeredSince === after.triggeredSince &&
    before.lastScheduledAt === after.lastScheduledAt &&
    before.triggers.join() === after.triggers.join() &&
    before.revision > 0
  );
}

/** Told once when telemetry begins to stand in the way. */
function telemetryEvent(before: ControllerRecord, after: ControllerRecord, at: number): CommitBatch {
  const { code, message } = after.diagnosis;
  const isTelemetry = code.startsWith('GUARDRAIL_TELEMETRY_') || code.startsWith('SNAPSHOT_');
  if (!isTelemetry || code === before.diagnosis.code) return {};
  const { cluster, namespace } = after;
  const subject = `controller/${namespace}`;
  return {
    events: [{ at, type: 'telemetryDegraded', cluster, namespace, subject, data: { code, message } }],
  };
}

async function runSchedule(deps: EvaluationDeps, view: WorldView): Promise<void> {
  const now = deps.clock.now();
  const record = await readRecord(deps.store, deps.cluster, deps.world.namespace, now);
  const plan = record.planId ? await deps.store.plan(record.planId) : undefined;
  if (plan && mayHaveMovesInFlight(plan.status)) return;
  const { schedule } = view.policy;
  if (schedule === null) return;
  if (record.lastScheduledAt === 0) {
    // Counting begins with the first look under a schedule.
    await persist(deps, record, { record: { ...record, lastScheduledAt: now } });
    return;
  }
  const due = nextDryRunAt(schedule, record.lastScheduledAt);
  if (due === undefined || due > now) return;
  const made = await scheduledDryRun(deps, view);
  await persist(deps, record, { record: { ...record, lastScheduledAt: now } }, made);
}

/** True when it was committed, or there was nothing to commit. */
async function commitFenced(deps: EvaluationDeps, batch: CommitBatch): Promise<boolean> {
  if (Object.keys(batch).length === 0) return true;
  const committed = await deps.store.commit({ ...batch, fence: deps.lease.fence() });
  if (committed.ok) return true;
  const { code, message } = committed.error;
  deps.log.warn('the controller could not write', { namespace: deps.world.namespace, code, message });
  if (code === 'LEASE_LOST') deps.lease.markLost();
  return false;
}
