import { err, ok, type Result } from '../base/result.ts';
import { mustBeVacated, takesReplicas } from '../domain/node.ts';
import { applyOverlay } from '../domain/policy-merge.ts';
import { validatePolicy } from '../domain/policy-validate.ts';
import type { CommandContext } from '../domain/principal.ts';
import { applyWhatIf, describeChange } from '../domain/what-if.ts';
import type { FleetStanding, WhatIfAnswer } from '../domain/what-if-answer.ts';
import type { CoreDeps } from './core-deps.ts';
import { makePlan } from './make-plan.ts';
import type { NamespaceWorld, WorldView } from './namespace-world.ts';
import { kindFor } from './plan-kind.ts';
import { type Problems, someProblems } from './problems.ts';
import type { WhatIfRequest } from './rebalancer.ts';

/**
 * Plans for the fleet as it would be, and stores nothing. Problems: those of the changes (`applyWhatIf`), of the policy
 * (POLICY_*), of scoring and of the planner.
 */
export async function makeWhatIf(
  core: CoreDeps,
  world: Pick<NamespaceWorld, 'suppose'>,
  view: WorldView,
  request: WhatIfRequest,
  author: CommandContext,
): Promise<Result<WhatIfAnswer, Problems>> {
  const supposed = supposedView(world, view, request);
  if (!supposed.ok) return supposed;
  const made = await makePlan(core, supposed.value, {
    kind: kindFor(supposed.value),
    task: { kind: 'improve' },
    trigger: 'manual',
    seed: request.seed,
    ...(request.budget && { budget: request.budget }),
    overrides: [],
    dryRun: true,
    author,
    rollbackOf: '',
    isCold: true,
  });
  if (!made.ok) return made;
  const { plan, content } = made.value;
  return ok({
    cluster: core.cluster,
    namespace: view.snapshot.namespace,
    changes: request.changes.map(describeChange),
    policyChanged: request.policy !== undefined,
    kind: plan.kind,
    policyRevision: view.policy.revision,
    snapshotDigest: view.snapshot.digest,
    supposedSnapshotDigest: supposed.value.snapshot.digest,
    seed: request.seed,
    today: standingOf(view),
    supposed: standingOf(supposed.value),
    summary: plan.summary,
    verdicts: plan.verdicts,
    approval: plan.approval,
    moves: content.moves,
    obstacles: content.obstacles,
  });
}

/** The look that it would be: the changed fleet under the changed policy, scored anew. */
function supposedView(
  world: Pick<NamespaceWorld, 'suppose'>,
  view: WorldView,
  { changes, policy: overlay }: WhatIfRequest,
): Result<WorldView, Problems> {
  const changed = applyWhatIf(view.snapshot, changes);
  if (!changed.ok) return err(someProblems(changed.error, 'the changes are invalid'));
  const snapshot = changed.value;
  const policy = overlay ? applyOverlay(view.policy, overlay) : view.policy;
  const wrong = overlay ? validatePolicy(policy, { snapshot }) : [];
  if (wrong.length > 0) return err(someProblems(wrong, 'the policy is invalid'));
  return world.suppose(view, snapshot, policy);
}

function standingOf({ snapshot, balances }: WorldView): FleetStanding {
  const { nodes, shards } = snapshot;
  const leaving = nodes.map(mustBeVacated);
  return {
    nodes: nodes.length,
    takingNodes: nodes.filter(takesReplicas).length,
    nodesToVacate: leaving.filter(Boolean).length,
    replicasToVacate: shards.replicaNodes.reduce((sum, node) => sum + (leaving[node] ? 1 : 0), 0),
    balances,
  };
}
