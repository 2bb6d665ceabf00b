import { createInProcessPlanner } from '../adapters/planner-in-process/in-process-planner.ts';
import { describePlannerModules, plannerModuleFiles } from '../adapters/planner-worker/check-modules.ts';
import { createWorkerPlanner } from '../adapters/planner-worker/worker-planner.ts';
import { loadScoringModules } from '../adapters/scoring-modules/load-scoring-modules.ts';
import { openMemoryStore } from '../adapters/store-sqlite/open-sqlite-store.ts';
import type { Clock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { OfflinePlanRequest } from '../cli/cli-context.ts';
import { makePlan } from '../controller/make-plan.ts';
import { createNamespaceWorld } from '../controller/namespace-world.ts';
import { kindFor } from '../controller/plan-kind.ts';
import type { PlanView } from '../controller/rebalancer.ts';
import { effectivePolicy } from '../domain/policy-merge.ts';
import type { PolicyDocument } from '../domain/policy-overlay.ts';
import { validatePolicy } from '../domain/policy-validate.ts';
import { controllerPrincipal } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
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
  const { snapshot, policies } = request;
  const { cluster, namespace } = snapshot;
  const modules = await loadScoringModules(request.scoringModules, request.folder, builtInScoringNames);
  if (!modules.ok) return modules;
  const scoringAdapters = [...builtInScoringAdapters, ...modules.value];
  const extensions = await describePlannerModules(request.plannerModules, request.folder);
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
    request.plannerModules.length === 0
      ? createInProcessPlanner(clock)
      : createWorkerPlanner({
          modules: plannerModuleFiles(request.plannerModules, request.folder),
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
    const made = await makePlan(core, view.value, {
      kind: kindFor(view.value),
      task: { kind: 'improve' },
      trigger: 'manual',
      seed: request.seed,
      budget: request.budget,
      overrides: request.overrides.map((each) => ({ ...each, by: controllerPrincipal.id })),
      dryRun: true,
      author: {
        principal: controllerPrincipal,
        reason: request.reason,
        changeTicket: request.changeTicket,
        transport: 'offline',
      },
      rollbackOf: '',
    });
    if (!made.ok) return made;
    const { plan, content } = made.value;
    return ok({
      plan,
      moves: content.moves,
      obstacles: content.obstacles,
      progress: foldJournal(content.moves, []),
    });
  } finally {
    await planner.close();
    await store.close();
  }
}

/** The overlay as if it had been applied to this snapshot's namespace, whatever place the file names. */
function documentOf(
  policy: OfflinePlanRequest['policies'][number],
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
