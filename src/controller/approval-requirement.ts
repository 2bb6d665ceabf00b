import type { Approval, ApprovalRequirement } from '../domain/approval.ts';
import type { Plan, PlanSummary } from '../domain/plan.ts';
import type { ApprovalPolicy, ApprovalTier, PlanKind, Policy } from '../domain/policy.ts';
import type { Principal } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';

/** What a plan of this kind and size needs before it may run. */
export function approvalRequirement(
  policy: Pick<Policy, 'approvals' | 'mode'>,
  kind: PlanKind,
  summary: Pick<PlanSummary, 'moves' | 'bytes' | 'shareOfShards'>,
): ApprovalRequirement {
  const { approvals, mode } = policy;
  const tier = strictestTier(approvals, summary);
  const stricter = tier !== undefined && tier.required >= approvals.required;
  return {
    required: stricter ? tier.required : approvals.required,
    excludeAuthor: approvals.excludeAuthor,
    groups: stricter && tier.groups.length > 0 ? tier.groups : approvals.groups,
    tier: stricter ? tier.name : '',
    automatic: mode === 'automatic' && approvals.automatic.includes(kind),
  };
}

/** Of the tiers that the size reaches, the one with the most approvals; of equals the last. */
function strictestTier(
  approvals: ApprovalPolicy,
  { moves, bytes, shareOfShards }: Pick<PlanSummary, 'moves' | 'bytes' | 'shareOfShards'>,
): ApprovalTier | undefined {
  const reached = approvals.tiers.filter(
    (tier) =>
      moves > (tier.aboveMoves ?? Number.POSITIVE_INFINITY) ||
      bytes > (tier.aboveBytes ?? Number.POSITIVE_INFINITY) ||
      shareOfShards > (tier.aboveShareOfShards ?? Number.POSITIVE_INFINITY),
  );
  return reached.reduce<ApprovalTier | undefined>(
    (best, tier) => (best && best.required > tier.required ? best : tier),
    undefined,
  );
}

/** Why this principal's approval of the plan would not count; empty when it would. */
export function approvalProblems(plan: Plan, principal: Principal): readonly Problem[] {
  const subject = `plan/${plan.id}`;
  const { approval } = plan;
  const problems: Problem[] = [];
  if (approval.excludeAuthor && principal.id === plan.createdBy) {
    problems.push({
      code: 'APPROVAL_BY_AUTHOR',
      message: `${principal.id} made plan ${plan.id} and may not approve it`,
      value: principal.id,
      subject,
    });
  }
  if (approval.groups.length > 0 && !approval.groups.some((group) => principal.groups.includes(group))) {
    problems.push({
      code: 'APPROVAL_GROUP',
      message: `${principal.id} is in none of the groups that may approve plan ${plan.id}`,
      value: principal.groups.join(', ') || 'no group',
      limit: approval.groups.join(', '),
      subject,
      remedy: `Let a member of ${approval.groups.join(' or ')} approve.`,
    });
  }
  if (plan.approvals.some((each) => each.principal === principal.id)) {
    problems.push({
      code: 'APPROVAL_DUPLICATE',
      message: `${principal.id} approved plan ${plan.id} already`,
      value: plan.approvals.length,
      limit: approval.required,
      subject,
    });
  }
  return problems;
}

/** Whether the approvals given are enough. */
export function isComplete(approval: ApprovalRequirement, approvals: readonly Approval[]): boolean {
  return approvals.length >= approval.required;
}
