import { err, ok, type Result } from '../base/result.ts';
import type { CommandContext } from '../domain/principal.ts';
import { describeChange } from '../domain/what-if.ts';
import type { WhatIfAnswer } from '../domain/what-if-answer.ts';
import { type CommandAttempt, findUnit, refuse, runCommand } from './command-support.ts';
import type { CommandDeps, NamespaceUnit } from './core-deps.ts';
import { whyNotNow } from './create-plan.ts';
import { requestProblems } from './create-request.ts';
import { makeWhatIf } from './make-what-if.ts';
import { type Problems, someProblems } from './problems.ts';
import type { CommandResult, WhatIfRequest } from './rebalancer.ts';

/** Longest list of changes in an audit record; the rest is said to be there. */
const maxAuditedText = 500;

/**
 * Answers what the planner would do if the fleet or the policy were different: at once, like a dry run, in the same
 * line. Nothing of it is stored but that it was asked. Problems: NAMESPACE_NOT_FOUND, FIELD_INVALID, PLAN_BUSY,
 * SERVICE_STOPPING, those of the snapshot and of `makeWhatIf`.
 */
export async function whatIf(
  deps: CommandDeps,
  request: WhatIfRequest,
  context: CommandContext,
): Promise<CommandResult<WhatIfAnswer>> {
  const { namespace } = request;
  const about = { action: 'plan.whatIf', namespace, subject: `namespace/${namespace}` };
  const unit = findUnit(deps, namespace);
  if (!unit.ok) return refuse(deps, about, context, unit.error);
  const wrong = requestProblems({ ...request, dryRun: true, overrides: [] });
  if (wrong.length > 0) return refuse(deps, about, context, someProblems(wrong, 'the request is invalid'));
  const { dryRuns } = unit.value;
  const unable = whyNotNow(deps, namespace, dryRuns);
  if (unable) return refuse(deps, about, context, [unable]);
  return dryRuns.run(() =>
    runCommand(deps, about, context, () => attempt(deps, unit.value, request, context)),
  );
}

async function attempt(
  deps: CommandDeps,
  unit: NamespaceUnit,
  request: WhatIfRequest,
  context: CommandContext,
): Promise<Result<CommandAttempt<WhatIfAnswer>, Problems>> {
  const seen = await unit.world.glance();
  if (!seen.ok) return seen;
  const made = await makeWhatIf(deps, unit.world, seen.value, request, context);
  if (!made.ok) return err(made.error);
  const changes = request.changes.map(describeChange).join('; ');
  const audit = {
    at: deps.clock.now(),
    actor: context.principal.id,
    action: 'plan.whatIf',
    cluster: deps.cluster,
    namespace: unit.namespace,
    subject: `namespace/${unit.namespace}`,
    reason: context.reason,
    changeTicket: context.changeTicket,
    transport: context.transport,
    outcome: 'ok',
    before: made.value.snapshotDigest,
    after: made.value.supposedSnapshotDigest,
    details: {
      changes: changes.length > maxAuditedText ? `${changes.slice(0, maxAuditedText)}...` : changes,
      policy: request.policy ? 'changed' : 'as it is',
    },
  };
  return ok({ batch: { audit: [audit] }, answer: made.value });
}
