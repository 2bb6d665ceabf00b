import { digestOfJson } from '../base/digest.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { KnownExtension } from '../domain/extension-parameter.ts';
import type { Policy } from '../domain/policy.ts';
import { effectivePolicy } from '../domain/policy-merge.ts';
import type { PolicyDocument, PolicyOverlay } from '../domain/policy-overlay.ts';
import { validatePolicy } from '../domain/policy-validate.ts';
import type { CommandContext } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import type { ScoringAdapter } from '../scoring/scoring-adapter.ts';
import { type CommandAttempt, runCommand } from './command-support.ts';
import type { CommandDeps } from './core-deps.ts';
import { namespaceNotFound, type Problems, someProblems } from './problems.ts';
import type { ApplyPolicyRequest, PolicyCommands, PolicyView } from './rebalancer.ts';

export interface PolicyCommandDeps extends CommandDeps {
  readonly scoringAdapters: readonly ScoringAdapter[];
  readonly plannerExtensions: readonly KnownExtension[];
}

export function createPolicyCommands(deps: PolicyCommandDeps): PolicyCommands {
  return {
    async validate(cluster, namespace, overlay) {
      const unknown = unknownPlace(deps, cluster, namespace);
      return unknown ? [unknown] : findProblems(deps, namespace, overlay);
    },
    async apply(request, context) {
      const { cluster, namespace } = request;
      const about = { action: 'policy.apply', namespace, subject: `policy/${cluster}/${namespace}` };
      const applied = await runCommand(deps, about, context, () => attemptApply(deps, request, context));
      if (applied.ok) for (const unit of deps.units.values()) unit.nudge();
      return applied;
    },
    async get(cluster, namespace, revision) {
      const document = await deps.store.policy(cluster, namespace, revision);
      if (document) return ok(await viewOf(deps, document));
      return err([policyNotFound(cluster, namespace, revision)]);
    },
    list: () => deps.store.policies(),
    revisions: (cluster, namespace) => deps.store.policyRevisions(cluster, namespace),
  };
}

async function attemptApply(
  deps: PolicyCommandDeps,
  request: ApplyPolicyRequest,
  context: CommandContext,
): Promise<Result<CommandAttempt<PolicyView>, Problems>> {
  const { cluster, namespace, overlay, expectedRevision } = request;
  const unknown = unknownPlace(deps, cluster, namespace);
  if (unknown) return err([unknown]);
  const current = await deps.store.policy(cluster, namespace);
  const revision = current?.revision ?? 0;
  if (expectedRevision !== undefined && expectedRevision !== revision) {
    return err([stalePolicy(request, revision)]);
  }
  const problems = await findProblems(deps, namespace, overlay);
  if (problems.length > 0) return err(someProblems(problems, 'the policy is invalid'));
  const at = deps.clock.now();
  const document: PolicyDocument = {
    cluster,
    namespace,
    revision: revision + 1,
    overlay,
    appliedAt: at,
    appliedBy: context.principal.id,
    reason: context.reason,
  };
  const subject = `policy/${cluster}/${namespace}`;
  const audit = {
    at,
    actor: context.principal.id,
    action: 'policy.apply',
    cluster,
    namespace,
    subject,
    reason: context.reason,
    changeTicket: context.changeTicket,
    transport: context.transport,
    outcome: 'ok',
    before: current ? digestOfJson(current.overlay) : '',
    after: digestOfJson(overlay),
    details: { revision: String(document.revision) },
  };
  const data = { revision: document.revision, by: context.principal.id };
  const event = { at, type: 'policyApplied' as const, cluster, namespace, subject, data };
  const effective = await effectiveWith(deps, namespace, overlay, document.revision);
  return ok({
    batch: { policies: [document], audit: [audit], events: [event] },
    answer: { document, effective },
  });
}

/** Everything that is wrong with the policy as it would hold: for a cluster's, in each of its namespaces too. */
async function findProblems(
  deps: PolicyCommandDeps,
  namespace: string,
  overlay: PolicyOverlay,
): Promise<readonly Problem[]> {
  const { scoringAdapters: adapters, plannerExtensions: extensions } = deps;
  const snapshot = deps.units.get(namespace)?.world.snapshot();
  const policy = await effectiveWith(deps, namespace, overlay, 0);
  // A fleet that has been seen in part may have the dimension, node or zone that is missing.
  const whole = snapshot && snapshot.quality.completeness >= policy.telemetry.minCompleteness;
  return validatePolicy(policy, { adapters, extensions, ...(whole && { snapshot }) });
}

async function effectiveWith(
  deps: PolicyCommandDeps,
  namespace: string,
  overlay: PolicyOverlay,
  revision: number,
): Promise<Policy> {
  if (namespace === '') return effectivePolicy(deps.cluster, '', overlay, undefined, revision);
  const ofCluster = await deps.store.policy(deps.cluster, '');
  const sum = (ofCluster?.revision ?? 0) + revision;
  return effectivePolicy(deps.cluster, namespace, ofCluster?.overlay, overlay, sum);
}

async function viewOf(deps: PolicyCommandDeps, document: PolicyDocument): Promise<PolicyView> {
  const { namespace, overlay, revision } = document;
  return { document, effective: await effectiveWith(deps, namespace, overlay, revision) };
}

function unknownPlace(deps: PolicyCommandDeps, cluster: string, namespace: string): Problem | undefined {
  if (cluster !== deps.cluster) {
    return {
      code: 'NAMESPACE_NOT_FOUND',
      message: `the service rebalances cluster ${deps.cluster}, not "${cluster}"`,
      field: 'cluster',
      value: cluster,
      limit: deps.cluster,
    };
  }
  if (namespace === '' || deps.units.has(namespace)) return undefined;
  return namespaceNotFound(namespace, deps.units.keys());
}

function stalePolicy(
  { cluster, namespace, expectedRevision }: ApplyPolicyRequest,
  revision: number,
): Problem {
  return {
    code: 'POLICY_STALE',
    message: `the policy is in revision ${revision}, not ${expectedRevision}`,
    field: 'expectedRevision',
    value: expectedRevision ?? 0,
    limit: revision,
    subject: `policy/${cluster}/${namespace}`,
  };
}

function policyNotFound(cluster: string, namespace: string, revision: number | undefined): Problem {
  const place = namespace === '' ? `cluster ${cluster}` : `${cluster}/${namespace}`;
  const which = revision === undefined ? 'no policy' : `no revision ${revision} of a policy`;
  return {
    code: 'POLICY_NOT_FOUND',
    message: `${which} was applied for ${place}`,
    subject: `policy/${cluster}/${namespace}`,
  };
}
