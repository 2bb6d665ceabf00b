import { formatDuration } from '../../base/duration.ts';
import type { DurationRange, LowerBoundKind, Plan, PlanSummary } from '../../domain/plan.ts';
import { hasEnded, type PlanStatus } from '../../domain/plan-status.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { formatBytes, formatNumber, formatShare } from '../format.ts';
import type { Style } from '../style.ts';
import { visibleText } from '../visible-text.ts';

/** A plan so that an operator understands it in a minute: why, what it changes, how good, what stands in the way, what next. */
export function describePlan(plan: Plan, nowMs: number, style: Style): string {
  const { summary } = plan;
  const lines = [
    `${style.strong(plan.id)}  ${paintStatus(plan.status, style)}  ${visibleText(`${plan.kind} of ${plan.namespace} (cluster ${plan.cluster})`)}`,
    row('why', visibleText(because(plan, nowMs))),
    row(
      'moves',
      `${summary.moves} in ${summary.waves} ${summary.waves === 1 ? 'wave' : 'waves'}, ${formatBytes(summary.bytes)}, ${formatShare(summary.shareOfShards)} of the shards, takes ${formatRange(summary.eta)}`,
    ),
    ...balanceLines(summary),
    row('quality', quality(summary)),
    row('digest', plan.digest),
    row(
      'inputs',
      `policy revision ${plan.policyRevision}, snapshot ${plan.snapshotDigest}, seed ${plan.seed}`,
    ),
    row('approval', visibleText(approvals(plan, nowMs))),
    ...verdictLines(plan.verdicts, style),
  ];
  if (plan.startedAt > 0) lines.push(row('progress', describeProgress(plan)));
  if (plan.warmStartedFrom)
    lines.push(row('warmed by', `${plan.warmStartedFrom}, moves that it did not make`));
  if (plan.rollbackOf !== '') lines.push(row('takes back', plan.rollbackOf));
  if (plan.rolledBackBy !== '') lines.push(row('taken back by', plan.rolledBackBy));
  if (plan.supersededBy !== '') lines.push(row('superseded by', plan.supersededBy));
  if (plan.outcome) {
    lines.push(row('outcome', `${style.strong(plan.outcome.code)}: ${visibleText(plan.outcome.message)}`));
    if (plan.outcome.remedy !== '') lines.push(row('', visibleText(`→ ${plan.outcome.remedy}`)));
  }
  const next = nextCommand(plan);
  if (next !== '') lines.push(row('next', style.strong(next)));
  return `${lines.join('\n')}\n`;
}

/** One labelled line of a view. */
export function row(label: string, text: string): string {
  return `  ${label.padEnd(13)} ${text}`;
}

export function paintStatus(status: PlanStatus, style: Style): string {
  switch (status) {
    case 'completed':
    case 'rolledBack':
      return style.good(status);
    case 'failed':
    case 'cancelled':
    case 'rejected':
    case 'expired':
    case 'superseded':
      return style.bad(status);
    case 'paused':
    case 'pendingApproval':
    case 'rollingBack':
      return style.warn(status);
    case 'draft':
    case 'approved':
    case 'executing':
      return status;
  }
}

function because(plan: Plan, nowMs: number): string {
  const age = formatDuration(Math.max(0, Math.round((nowMs - plan.createdAt) / 1000) * 1000));
  const ticket = plan.changeTicket === '' ? '' : `, ticket ${plan.changeTicket}`;
  const reason = plan.reason === '' ? '' : `: ${plan.reason}`;
  return `${plan.trigger}${reason} (by ${plan.createdBy} ${age} ago${ticket})`;
}

function balanceLines(summary: PlanSummary): string[] {
  return summary.before.map((before, index) => {
    const after = summary.after[index] ?? before;
    const over =
      before.overTarget === 0 && after.overTarget === 0
        ? ''
        : `, over target ${before.overTarget} → ${after.overTarget} nodes`;
    const peak = `peak ${formatShare(before.peak)} on ${before.peakNode} → ${formatShare(after.peak)} on ${after.peakNode}`;
    return row(
      before.dimension,
      visibleText(
        `peak/mean ${before.peakToMean.toFixed(3)} → ${after.peakToMean.toFixed(3)}, ${peak}${over}`,
      ),
    );
  });
}

/** The peak, the bounds on it and on the moves, and what is violated or to be vacated before and after. */
export function quality(summary: PlanSummary): string {
  const peak = Math.max(1, ...summary.after.map((balance) => balance.peakToMean));
  const within = summary.lowerBoundWithinBudget;
  const without =
    within > summary.lowerBound ? `, ${summary.lowerBound.toFixed(3)} with any number of moves` : '';
  const bound = `peak/mean ${peak.toFixed(3)}, at best ${within.toFixed(3)} (gap ${formatShare(Math.max(0, summary.gap))}${boundText[summary.lowerBoundBy]}${without})`;
  const moves =
    summary.movesLowerBound === 0
      ? ''
      : `; ${summary.moves} ${summary.moves === 1 ? 'move' : 'moves'}, at least ${summary.movesLowerBound} needed`;
  const violations =
    summary.violationsBefore + summary.violationsAfter === 0
      ? ''
      : `; violations ${formatNumber(summary.violationsBefore)} → ${formatNumber(summary.violationsAfter)}`;
  const vacate =
    summary.toVacateBefore + summary.toVacateAfter === 0
      ? ''
      : `; replicas to vacate ${summary.toVacateBefore} → ${summary.toVacateAfter}`;
  return `${bound}${moves}${violations}${vacate}`;
}

/** Why the peak cannot be lower than the bound; nothing where load could simply not lie more evenly. */
const boundText: Readonly<Record<LowerBoundKind, string>> = {
  waterFilling: '',
  largestReplica: '; a replica cannot be divided',
  counting: '; too few nodes for the large replicas',
  nodeShapes: '; no placement is as even in all dimensions at once',
  immovable: '; some shards or nodes may not move now',
  budget: '; the budget allows no more',
  unknown: '',
};

function approvals(plan: Plan, nowMs: number): string {
  if (plan.status === 'draft') return 'none: a dry run never executes';
  const given = plan.approvals.map((each) => each.principal).join(', ');
  const tier = plan.approval.tier === '' ? '' : ` (tier ${plan.approval.tier})`;
  const groups = plan.approval.groups.length === 0 ? '' : ` of ${plan.approval.groups.join(', ')}`;
  const author = plan.approval.excludeAuthor && plan.approval.required > 0 ? ', not the author' : '';
  const left =
    plan.status === 'pendingApproval'
      ? `; expires in ${formatDuration(Math.max(0, plan.expiresAt - nowMs))}`
      : '';
  if (plan.approval.automatic) return `automatic by policy${tier}`;
  return `${plan.approvals.length} of ${plan.approval.required}${groups}${author}${tier}${given === '' ? '' : `: ${given}`}${left}`;
}

export function verdictLines(verdicts: readonly Verdict[], style: Style): string[] {
  const notable = verdicts.filter((each) => each.decision !== 'allow' || each.overriddenBy);
  if (notable.length === 0) return [row('guardrails', style.good('all let it pass'))];
  return notable.flatMap((each, index) => {
    const decision = each.overriddenBy
      ? style.warn(visibleText(`overridden by ${each.overriddenBy}`))
      : paintDecision(each, style);
    const head = row(
      index === 0 ? 'guardrails' : '',
      `${decision} ${each.code} ${visibleText(`${each.subject}: ${each.message}`)}`,
    );
    return each.overriddenBy ? [head] : [head, row('', visibleText(`→ ${each.remedy}`))];
  });
}

function paintDecision(verdict: Verdict, style: Style): string {
  return verdict.decision === 'block' ? style.bad('blocks') : style.warn('throttles');
}

/** `12 of 42 moves done, 3 running, 5.1 GiB copied, 1m20s to 2m left`. */
export function describeProgress(plan: Plan): string {
  const { progress, summary } = plan;
  const others = (['running', 'failed', 'aborted', 'skipped', 'unknown'] as const)
    .filter((state) => progress[state] > 0)
    .map((state) => `, ${progress[state]} ${state}`)
    .join('');
  const left =
    progress.remaining && !hasEnded(plan.status) ? `, ${formatRange(progress.remaining)} left` : '';
  return `${progress.done} of ${summary.moves} moves done${others}, ${formatBytes(progress.bytesDone)} copied${left}`;
}

export function formatRange(range: DurationRange): string {
  const low = formatDuration(Math.round(range.lowMs));
  const high = formatDuration(Math.round(range.highMs));
  return low === high ? `about ${low}` : `${low} to ${high}`;
}

/** What people usually do next with a plan in this status. */
export function nextCommand(plan: Plan): string {
  const verb = 'mesh shards rebalance';
  switch (plan.status) {
    case 'draft':
      if (plan.summary.moves === 0) return '';
      return `${verb} plan --namespace ${plan.namespace}   (makes it for real)`;
    case 'pendingApproval':
      return `${verb} approve ${plan.id} --digest ${plan.digest}`;
    case 'approved':
    case 'executing':
      return `${verb} watch ${plan.id}`;
    case 'paused':
      return plan.outcome?.code === 'PLAN_CANCELLING'
        ? `${verb} watch ${plan.id}`
        : `${verb} resume ${plan.id}   or   cancel`;
    case 'failed':
    case 'cancelled':
    case 'superseded':
      return plan.progress.done > 0 ? `${verb} rollback ${plan.id}   (takes back what was done)` : '';
    default:
      return '';
  }
}
