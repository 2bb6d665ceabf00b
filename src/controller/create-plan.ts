import { err, ok, type Result } from '../base/result.ts';
import type { ControllerRecord } from '../domain/controller-state.ts';
import type { Plan } from '../domain/plan.ts';
import { hasEnded } from '../domain/plan-status.ts';
import type { CommandContext } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import type { GuardrailOverride } from '../domain/verdict.ts';
import { approveAutomatically } from './approve-automatically.ts';
import { type CommandAttempt, findUnit, refuse, runCommand } from './command-support.ts';
import { joinBatches, readRecord, writeOfPersonsPlan } from './controller-store.ts';
import type { CommandDeps, NamespaceUnit } from './core-deps.ts';
import { requestProblems, unknownIds } from './create-request.ts';
import { expireOldDrafts } from './draft-retention.ts';
import { type KeyedRequest, lookUpKey } from './idempotency.ts';
import { makePlan, type PlanOrder } from './make-plan.ts';
import type { WorldView } from './namespace-world.ts';
import { authorizeOverrides } from './overrides.ts';
import { readPlanHistory } from './plan-history.ts';
import { kindFor } from './plan-kind.ts';
import { viewOfPlan } from './plan-queries.ts';
import { refusalOf } from './plan-refusal.ts';
import { type Problems, problemsOfVerdicts, someProblems } from './problems.ts';
import type { CommandResult, CreatePlanRequest, PlanView } from './rebalancer.ts';
import { maxWaitingTasks, type Serial } from './serial.ts';
import { standingVerdicts } from './standing-verdicts.ts';

/**
 * Looks now and makes a plan, whatever triggers say. Problems: NAMESPACE_NOT_FOUND, FIELD_*, OVERRIDE_FORBIDDEN,
 * IDEMPOTENCY_KEY_REUSED, POLICY_OBSERVES, PLAN_BUSY, those of the snapshot and the planner, every guardrail that
 * blocks, NOTHING_TO_DO.
 */
export async function createPlan(
  deps: CommandDeps,
  request: CreatePlanRequest,
  context: CommandContext,
): Promise<CommandResult<PlanView>> {
  const about = {
    action: 'plan.create',
    namespace: request.namespace,
    subject: `namespace/${request.namespace}`,
  };
  const unit = findUnit(deps, request.namespace);
  if (!unit.ok) return refuse(deps, about, context, unit.error);
  const wrong = requestProblems(request);
  if (wrong.length > 0) return refuse(deps, about, context, someProblems(wrong, 'the request is invalid'));
  const overrides = authorizeOverrides(request.overrides, request.namespace, context);
  if (!overrides.ok) return refuse(deps, about, context, overrides.error);
  return storeOrder(deps, unit.value, {
    about,
    context,
    dryRun: request.dryRun,
    idempotencyKey: request.idempotencyKey,
    request,
    orderFor: (view) => orderOfRequest(request, view, overrides.value, context),
  });
}

function orderOfRequest(
  request: CreatePlanRequest,
  view: WorldView,
  overrides: readonly GuardrailOverride[],
  author: CommandContext,
): Result<PlanOrder, Problems> {
  const { moves, dryRun, seed, budget } = request;
  const unknown = moves ? unknownIds(moves, view.snapshot) : [];
  if (unknown.length > 0) return err(someProblems(unknown, 'the request names what the fleet does not have'));
  return ok({
    kind: moves ? 'manual' : kindFor(view),
    task: moves ? { kind: 'fixed', moves } : { kind: 'improve' },
    trigger: 'manual',
    seed,
    ...(budget && { budget }),
    overrides,
    dryRun,
    author,
    rollbackOf: '',
  });
}

/** A command that makes a plan: `create` and `rollback`. */
export interface PlanCommand {
  readonly about: { readonly action: string; readonly namespace: string; readonly subject: string };
  readonly context: CommandContext;
  readonly dryRun: boolean;
  readonly idempotencyKey: string | undefined;
  /** What the idempotency key stands for. */
  readonly request: unknown;
  readonly orderFor: (view: WorldView) => Result<PlanOrder, Problems>;
}

/** Plans an order on a fresh look and stores it together with the controller's steps; what automation may approve is. */
export async function storeOrder(
  deps: CommandDeps,
  unit: NamespaceUnit,
  command: PlanCommand,
): Promise<CommandResult<PlanView>> {
  const { about, context } = command;
  const serial = command.dryRun ? unit.dryRuns : unit.serial;
  const unable = whyNotNow(deps, unit.namespace, serial);
  if (unable) return refuse(deps, about, context, [unable]);
  const stored = await serial.run(() =>
    runCommand(deps, about, context, () => attemptOrder(deps, unit, command)),
  );
  if (!stored.ok) return stored;
  if (command.dryRun) {
    await expireOldDrafts(deps, unit.namespace);
  } else {
    await approveAutomatically(deps, stored.value);
    unit.nudge();
  }
  return viewOfPlan(deps, stored.value);
}

/** Why no plan is computed at all; undefined when one may be. Problems: SERVICE_STOPPING, PLAN_BUSY. */
export function whyNotNow(deps: CommandDeps, namespace: string, serial: Serial): Problem | undefined {
  if (deps.stopping.aborted) {
    return { code: 'SERVICE_STOPPING', message: 'the service is shutting down and makes no plans' };
  }
  if (serial.size() < maxWaitingTasks) return undefined;
  return {
    code: 'PLAN_BUSY',
    message: `${maxWaitingTasks} requests wait for a plan of ${namespace} already`,
    limit: maxWaitingTasks,
    remedy: 'Try again in a moment.',
  };
}

async function attemptOrder(
  deps: CommandDeps,
  unit: NamespaceUnit,
  command: PlanCommand,
): Promise<Result<CommandAttempt<string>, Problems>> {
  const { context, dryRun } = command;
  const now = deps.clock.now();
  const keyed = await lookUpKey(deps.store, command.idempotencyKey, command.request, context, now);
  if (!keyed.ok) return keyed;
  if (keyed.value?.earlier) return ok({ batch: {}, answer: keyed.value.earlier.replace('plan/', '') });
  const record = dryRun ? undefined : await freeRecord(deps, unit);
  if (record && !record.ok) return record;
  const seen = await unit.world.look();
  if (!seen.ok) return seen;
  if (!dryRun && seen.value.policy.mode === 'observe') return err([observes(unit.namespace)]);
  const order = command.orderFor(seen.value);
  if (!order.ok) return order;
  const made = await makePlan(deps, seen.value, order.value);
  if (!made.ok) return err(await withTelemetryFirst(deps, seen.value, made.error));
  const unfit = dryRun ? [] : refusalOf(made.value);
  if (unfit.length > 0) return err(someProblems(unfit, 'the plan is refused'));
  const { plan, batch } = made.value;
  const steps = record ? writeOfPersonsPlan(record.value, plan.id, deps.clock.now(), context) : {};
  return ok({ batch: joinBatches(batch, steps, keyBatch(keyed.value, plan)), answer: plan.id });
}

/** What the planner stumbled over in a fleet that is not measured well enough comes from that, so that is said first. */
async function withTelemetryFirst(deps: CommandDeps, view: WorldView, problems: Problems): Promise<Problems> {
  const history = await readPlanHistory(deps.store, deps.cluster, view.snapshot.namespace);
  const behind = standingVerdicts(view, history, 'create', deps.clock.now()).filter(
    ({ code }) => code === 'GUARDRAIL_TELEMETRY_STALE' || code === 'GUARDRAIL_TELEMETRY_INCOMPLETE',
  );
  return someProblems([...problemsOfVerdicts(behind), ...problems], 'the planner gave no reason');
}

/** The controller's record, when no plan of the namespace is pending or executing. Problem: PLAN_BUSY. */
async function freeRecord(
  deps: CommandDeps,
  unit: NamespaceUnit,
): Promise<Result<ControllerRecord, Problems>> {
  const read = () => readRecord(deps.store, deps.cluster, unit.namespace, deps.clock.now());
  let record = await read();
  let plan = record.planId ? await deps.store.plan(record.planId) : undefined;
  if (record.planId && (!plan || hasEnded(plan.status))) {
    // It ended a moment ago and the controller has not seen it yet.
    await unit.settle();
    record = await read();
    plan = record.planId ? await deps.store.plan(record.planId) : undefined;
  }
  if (!record.planId) return ok(record);
  return err([
    {
      code: 'PLAN_BUSY',
      message: `plan ${record.planId} of ${unit.namespace} is ${plan?.status ?? record.state}`,
      subject: `plan/${record.planId}`,
      remedy: `Finish, cancel or reject plan ${record.planId} first.`,
    },
  ]);
}

function keyBatch(keyed: KeyedRequest | undefined, plan: Plan) {
  return keyed ? { idempotency: [{ ...keyed.record, subject: `plan/${plan.id}` }] } : {};
}

function observes(namespace: string) {
  return {
    code: 'POLICY_OBSERVES' as const,
    message: `the policy of ${namespace} has mode observe: nothing but dry runs is made`,
    field: 'dryRun',
    value: false,
  };
}
