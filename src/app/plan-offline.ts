import { createInProcessPlanner } from '../adapters/planner-in-process/in-process-planner.ts';
import { describePlannerModules, plannerModuleFiles } from '../adapters/planner-worker/check-modules.ts';
import { createWorkerPlanner } from '../adapters/planner-worker/worker-planner.ts';
import { loadScoringModules } from '../adapters/scoring-modules/load-scoring-modules.ts';
import { openMemoryStore } from '../adapters/store-sqlite/open-sqlite-store.ts';
import type { Clock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { err, ok, type Result } from '../base/result.ts';
import type {
  OfflineExplainRequest,
  OfflineInputs,
  OfflinePlanRequest,
  OfflineWhatIfRequest,
} from '../cli/cli-context.ts';
import type { CoreDeps } from '../controller/core-deps.ts';
import { explanationRequest } from '../controller/explain-plan.ts';
import { makePlan } from '../controller/make-plan.ts';
import { makeWhatIf } from '../controller/make-what-if.ts';
import { createNamespaceWorld, type NamespaceWorld, type WorldView } from '../controller/namespace-world.ts';
import { kindFor } from '../controller/plan-kind.ts';
import type { PlanExplanation, PlanView } from '../controller/rebalancer.ts';
import { warmStartFrom } from '../controller/warm-start.ts';
import { effectivePolicy } from '../domain/policy-merge.ts';
import type { PolicyDocument } from '../domain/policy-overlay.ts';
import { validatePolicy } from '../domain/policy-validate.ts';
import { controllerPrincipal } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { WhatIfAnswer } from '../domain/what-if-answer.ts';
import { foldJournal } from '../execution/journal.ts';
import { builtInScoringAdapters } from '../scoring/built-in-adapters.ts';
import { builtInScoringNames } from './create-rebalancer.ts';

/**
 * The same way from snapshot to plan as in the service, without one: a dry run whose clock stands still at the time of
 * the snapshot, so that equal files and seeds give equal bytes.
 */
export async function planOffline(
  request: OfflinePlanRequest,
): Promise<Result<PlanView, readonly Problem[]>> {
  const { warmStart } = request;
  const elsewhere = warmStart && ofAnotherNamespace(warmStart, request.snapshot);
  if (elsewhere) return err([elsewhere]);
  return withOfflineCore(request, async ({ core, view }) => {
    const made = await makePlan(core, view, {
      kind: kindFor(view),
      task: { kind: 'improve' },
      trigger: 'manual',
      seed: request.seed,
      budget: request.budget,
      overrides: request.overrides.map((each) => ({ ...each, by: controllerPrincipal.id })),
      dryRun: true,
      author: authorOf(request),
      rollbackOf: '',
      ...(warmStart && { warm: warmStartFrom(warmStart) }),
    });
    if (!made.ok) return made;
    const { plan, content } = made.value;
    const { moves, obstacles } = content;
    return ok({ plan, moves, obstacles, progress: foldJournal(moves, []) });
  });
}

/** What the service would answer to a what-if about this snapshot. */
export async function whatIfOffline(
  request: OfflineWhatIfRequest,
): Promise<Result<WhatIfAnswer, readonly Problem[]>> {
  const { changes, overlay, seed, budget, snapshot } = request;
  const policy = overlay ? { policy: overlay } : {};
  const question = { namespace: snapshot.namespace, changes, ...policy, seed, budget };
  return withOfflineCore(request, ({ core, world, view }) =>
    makeWhatIf(core, world, view, question, authorOf(request)),
  );
}

/**
 * Why a plan of a file does what it does. Of its cooldowns a file knows nothing; nor of the plan that warmed it, which does
 * not matter, since explaining makes the plan's moves and never searches anew. Problems: FIELDS_CONTRADICT for another snapshot
 * than the plan's, and those of explaining.
 */
export async function explainOffline(
  request: OfflineExplainRequest,
): Promise<Result<PlanExplanation, readonly Problem[]>> {
  const { snapshot, plan: file, subject, limit } = request;
  const { plan, moves, obstacles } = file;
  if (plan.snapshotDigest !== snapshot.digest) return err([anotherSnapshot(file, snapshot)]);
  return withOfflineCore(request, async ({ core, view }) => {
    const { policy, scores, moveTraces } = view;
    const content = { moves, obstacles };
    const explained = { plan, content, snapshot, policy, moveTraces, warmStart: [], subject, limit };
    const question = explanationRequest({ ...explained, distress: scores.distress });
    const explanation = await core.planner.explain(question, core.stopping);
    return explanation.ok ? ok({ plan, explanation: explanation.value }) : explanation;
  });
}

/** Of another snapshot of the same namespace it may be: that is what a warm start is for. */
function ofAnotherNamespace({ plan }: PlanView, { cluster, namespace }: Snapshot): Problem | undefined {
  if (plan.cluster === cluster && plan.namespace === namespace) return undefined;
  return {
    code: 'FIELDS_CONTRADICT',
    message: 'the plan to begin with is of another namespace than the snapshot',
    field: '--warm-start',
    value: `${plan.cluster}/${plan.namespace}`,
    limit: `${cluster}/${namespace}`,
    subject: `plan/${plan.id}`,
    remedy: 'Give a plan of that namespace, or leave the option out.',
  };
}

function anotherSnapshot({ plan }: PlanView, { digest }: Snapshot): Problem {
  return {
    code: 'FIELDS_CONTRADICT',
    message: 'the plan was made from another snapshot than the one given',
    field: '--snapshot',
    value: digest,
    limit: plan.snapshotDigest,
    subject: `plan/${plan.id}`,
    remedy: `Give that one: mesh snapshot export --digest ${plan.snapshotDigest}.`,
  };
}

function authorOf({ reason, changeTicket }: { readonly reason: string; readonly changeTicket: string }) {
  return { principal: controllerPrincipal, reason, changeTicket, transport: 'offline' };
}

interface OfflineCore {
  readonly core: CoreDeps;
  readonly world: NamespaceWorld;
  readonly view: WorldView;
}

/** Puts the files behind a core that is gone when the work is done. Problems: what is wrong with policy and modules. */
async function withOfflineCore<T>(
  inputs: OfflineInputs,
  work: (offline: OfflineCore) => Promise<Result<T, readonly Problem[]>>,
): Promise<Result<T, readonly Problem[]>> {
  const { snapshot, policies } = inputs;
  const { cluster, namespace } = snapshot;
  const modules = await loadScoringModules(inputs.scoringModules, inputs.folder, builtInScoringNames);
  if (!modules.ok) return modules;
  const scoringAdapters = [...builtInScoringAdapters, ...modules.value];
  const extensions = await describePlannerModules(inputs.plannerModules, inputs.folder);
  if (!extensions.ok) return extensions;
  const ofCluster = policies.find((each) => each.namespace === '');
  const own = policies.find((each) => each.namespace !== '');
  const policy = effectivePolicy(cluster, namespace, ofCluster?.overlay, own?.overlay, policies.length);
  const problems = validatePolicy(policy, {
    snapshot,
    adapters: scoringAdapters,
    extensions: extensions.value,
  });
  if (problems.length > 0) return err(problems);

  const clock = standingClock(snapshot.takenAt);
  const store = openMemoryStore({ clock });
  // Code of others gets a thread that can be ended; the clock that stands still is not for it to read.
  const planner =
    inputs.plannerModules.length === 0
      ? createInProcessPlanner(clock)
      : createWorkerPlanner({
          modules: plannerModuleFiles(inputs.plannerModules, inputs.folder),
          isTimed: false,
        });
  try {
    await store.commit({
      policies: [ofCluster, own].flatMap((each) => (each ? [documentOf(each, snapshot)] : [])),
    });
    const telemetry = { freeze: () => ok(snapshot) };
    const world = createNamespaceWorld({ cluster, namespace, store, telemetry, scoringAdapters, clock });
    const view = await world.look();
    if (!view.ok) return view;
    const core = {
      cluster,
      store,
      planner,
      clock,
      newId: () => 'offline',
      log: silentLog,
      stopping: new AbortController().signal,
    };
    return await work({ core, world, view: view.value });
  } finally {
    await planner.close();
    await store.close();
  }
}

/** The overlay as if it had been applied to this snapshot's namespace, whatever place the file names. */
function documentOf(
  policy: OfflineInputs['policies'][number],
  { cluster, namespace, takenAt }: Snapshot,
): PolicyDocument {
  const place = policy.namespace === '' ? '' : namespace;
  return {
    cluster,
    namespace: place,
    revision: 1,
    overlay: policy.overlay,
    appliedAt: takenAt,
    appliedBy: '',
    reason: '',
  };
}

function standingClock(now: number): Clock {
  return { now: () => now, monotonic: () => 0, sleep: async () => {}, schedule: () => () => {} };
}
