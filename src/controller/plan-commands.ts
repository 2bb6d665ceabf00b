import { approvePlan } from './approve-plan.ts';
import type { CommandDeps } from './core-deps.ts';
import { createPlan } from './create-plan.ts';
import { cancelPlan, pausePlan, rejectPlan, resumePlan } from './end-plan.ts';
import { explainPlan } from './explain-plan.ts';
import { diffPlan, listPlans, snapshotByDigest, viewOfPlan } from './plan-queries.ts';
import type { PlanCommands } from './rebalancer.ts';
import { rollbackPlan } from './rollback-plan.ts';
import { whatIf } from './what-if.ts';

export function createPlanCommands(deps: CommandDeps): PlanCommands {
  return {
    create: (request, context) => createPlan(deps, request, context),
    get: (id) => viewOfPlan(deps, id),
    list: (query) => listPlans(deps, query),
    approve: (request, context) => approvePlan(deps, request, context),
    reject: (request, context) => rejectPlan(deps, request, context),
    cancel: (request, context) => cancelPlan(deps, request, context),
    pause: (request, context) => pausePlan(deps, request, context),
    resume: (request, context) => resumePlan(deps, request, context),
    rollback: (request, context) => rollbackPlan(deps, request, context),
    diff: (id) => diffPlan(deps, id),
    explain: (id, subject, limit) => explainPlan(deps, id, subject, limit),
    whatIf: (request, context) => whatIf(deps, request, context),
    snapshot: (digest) => snapshotByDigest(deps, digest),
  };
}
