import type { ControllerRecord, ControllerState } from '../domain/controller-state.ts';
import type { PlanStatus } from '../domain/plan-status.ts';
import type { Policy } from '../domain/policy.ts';
import { type ControllerStep, type Diagnosis, enterState } from './controller-record.ts';
import { isUrgent, type TriggerReading, triggersThatHold } from './imbalance.ts';

/** Everything that a decision is made from besides the record, the policy and the time. */
export interface Observation {
  readonly readings: readonly TriggerReading[];
  /** Whether nodes that must be vacated still hold replicas. */
  readonly mustVacate: boolean;
  /** Status of the plan that the record names; undefined when it names none or the store has none. */
  readonly planStatus: PlanStatus | undefined;
  /** What keeps an approved plan from starting; null for nothing. */
  readonly startBlocked: Diagnosis | null;
  /** Why no plan may be made from what was seen (telemetry stale or incomplete); null for nothing. */
  readonly planningBlocked: Diagnosis | null;
  /** Somebody asked for a look now: a back-off after fruitless looks does not count. */
  readonly requested: boolean;
  /** Outcome of the plan that the last decision wished for. */
  readonly attempt?: PlanningAttempt;
}

export type PlanningAttempt =
  | { readonly kind: 'planned'; readonly planId: string; readonly diagnosis: Diagnosis }
  /** No plan, or only a dry run: wait before looking again. */
  | { readonly kind: 'nothing'; readonly diagnosis: Diagnosis };

export interface Decision {
  readonly record: ControllerRecord;
  /** Undefined: it stays. */
  readonly step?: ControllerStep;
  /** plan: make one and decide again with its outcome. execute: the plan of the record should be running. */
  readonly wish: 'none' | 'plan' | 'execute';
}

/**
 * The seven-state controller as a pure function: the next record, by at most one legal transition. Call it again
 * with the new record while it takes steps; four suffice for any way through the table.
 */
export function decide(
  record: ControllerRecord,
  seen: Observation,
  policy: Pick<Policy, 'triggers' | 'cooldown' | 'execution' | 'mode'>,
  now: number,
): Decision {
  const context: Context = { record, seen, policy, now };
  switch (record.state) {
    case 'steady':
      return fromSteady(context);
    case 'investigating':
      return fromInvestigating(context);
    case 'draining':
      return fromDraining(context);
    case 'planPending':
      return fromPlanPending(context);
    case 'executing':
      return fromExecuting(context);
    case 'completed':
      // Nodes that are not vacated yet do not wait: the next part of the same work is due.
      if (seen.mustVacate)
        return rested(context, 'nodes must be vacated: the cooldown does not hold them up');
      return now >= record.notBefore ? rested(context, 'the cooldown is over') : stay(context, {});
    case 'failed':
      return now >= record.notBefore ? rested(context, 'the failure back-off is over') : stay(context, {});
  }
}

interface Context {
  readonly record: ControllerRecord;
  readonly seen: Observation;
  readonly policy: Pick<Policy, 'triggers' | 'cooldown' | 'execution' | 'mode'>;
  readonly now: number;
}

const settled = { triggers: [], triggeredSince: 0, planId: '', notBefore: 0, fruitless: 0 } as const;

function rested(context: Context, why: string): Decision {
  return go(context, 'steady', { ...settled, diagnosis: says('steady', why) });
}

function fromSteady(context: Context): Decision {
  const { record, seen, now } = context;
  const fired = triggersThatHold(seen.readings, []);
  const still = triggersThatHold(seen.readings, record.triggers);
  if (fired.length === 0) {
    const quiet = still.length === 0 ? { fruitless: 0, notBefore: 0 } : {};
    return stay(context, { triggers: still, triggeredSince: 0, ...quiet });
  }
  // A node that must be vacated and was not there when the back-off began does not wait for its end.
  const news = fired.some((name) => isUrgent(name) && !record.triggers.includes(name));
  if (now < record.notBefore && !seen.requested && !news) return stay(context, {});
  return go(context, 'investigating', {
    triggers: fired,
    triggeredSince: now,
    notBefore: 0,
    diagnosis: says('triggered', `${fired.join(', ')} crossed its level`),
  });
}

function fromInvestigating(context: Context): Decision {
  const { record, seen, policy, now } = context;
  if (seen.attempt?.kind === 'planned') return toPlanPending(context, seen.attempt);
  const triggers = triggersThatHold(seen.readings, record.triggers);
  if (triggers.length === 0) {
    return go(context, 'steady', { ...settled, diagnosis: says('cleared', 'the signal cleared') });
  }
  if (seen.attempt) {
    const { diagnosis } = seen.attempt;
    return go(context, 'steady', { ...backOff(context), triggers, triggeredSince: 0, planId: '', diagnosis });
  }
  const since = record.triggeredSince || now;
  const confirmed = now - since >= policy.triggers.confirmationMs || triggers.some(isUrgent);
  if (!confirmed) return stay(context, { triggers, triggeredSince: since });
  if (seen.planningBlocked) {
    return stay(context, { triggers, triggeredSince: since, diagnosis: seen.planningBlocked });
  }
  if (seen.mustVacate && policy.mode !== 'observe') {
    const named = triggers.filter(isUrgent).join(', ');
    const diagnosis = says('vacating', `nodes must be vacated: ${named}`);
    return go(context, 'draining', { triggers, triggeredSince: since, fruitless: 0, diagnosis });
  }
  return { ...stay(context, { triggers, triggeredSince: since }), wish: 'plan' };
}

function fromDraining(context: Context): Decision {
  const { record, seen, policy, now } = context;
  if (seen.attempt?.kind === 'planned') return toPlanPending(context, seen.attempt);
  if (!seen.mustVacate) {
    const diagnosis = says('vacated', 'nothing is left to vacate, or the nodes were taken back');
    return go(context, 'steady', { ...settled, diagnosis });
  }
  if (now - record.since >= policy.execution.drainTimeoutMs) {
    return go(context, 'failed', {
      notBefore: now + policy.cooldown.failureMs,
      diagnosis: says('DRAIN_TIMEOUT', `nodes were not vacated in time; last: ${record.diagnosis.message}`),
    });
  }
  const triggers = triggersThatHold(seen.readings, record.triggers);
  if (seen.attempt)
    return stay(context, { ...backOff(context), triggers, diagnosis: seen.attempt.diagnosis });
  if (seen.planningBlocked) return stay(context, { triggers, diagnosis: seen.planningBlocked });
  const mayLook = now >= record.notBefore || seen.requested;
  return { ...stay(context, { triggers }), wish: mayLook ? 'plan' : 'none' };
}

function toPlanPending(context: Context, attempt: { planId: string; diagnosis: Diagnosis }): Decision {
  return go(context, 'planPending', {
    planId: attempt.planId,
    fruitless: 0,
    notBefore: 0,
    diagnosis: attempt.diagnosis,
  });
}

function fromPlanPending(context: Context): Decision {
  const { record, seen, now } = context;
  const plan = `plan ${record.planId}`;
  switch (seen.planStatus) {
    case 'pendingApproval':
      return stay(context, {});
    case 'approved': {
      if (seen.startBlocked) return stay(context, { diagnosis: seen.startBlocked });
      const started = go(context, 'executing', { diagnosis: says('approved', `${plan} is approved`) });
      return { ...started, wish: 'execute' };
    }
    case 'expired':
    case 'superseded': {
      const diagnosis = says(seen.planStatus, `${plan} is ${seen.planStatus}`);
      const change = { planId: '', triggeredSince: now, diagnosis };
      return go(context, 'investigating', change);
    }
    case 'rejected':
    case 'cancelled':
    case 'draft':
    case undefined: {
      const status = seen.planStatus ?? 'gone';
      // Somebody said no: the same proposal at the next interval would not be heard.
      const change = { ...backOff(context), planId: '', triggeredSince: 0 };
      return go(context, 'steady', { ...change, diagnosis: says(status, `${plan} is ${status}`) });
    }
    default:
      // A restart found the plan further than the record: follow it.
      return go(context, 'executing', { diagnosis: says('resumed', `${plan} is ${seen.planStatus}`) });
  }
}

function fromExecuting(context: Context): Decision {
  const { record, seen, policy, now } = context;
  const plan = `plan ${record.planId}`;
  const ended = { planId: '', triggers: [], triggeredSince: 0 };
  switch (seen.planStatus) {
    case 'approved':
    case 'executing':
    case 'paused':
      return { ...stay(context, {}), wish: 'execute' };
    case 'completed':
    case 'rollingBack':
    case 'rolledBack': {
      const notBefore = now + policy.cooldown.namespaceMs;
      return go(context, 'completed', {
        ...ended,
        notBefore,
        diagnosis: says('completed', `${plan} completed`),
      });
    }
    case 'superseded': {
      const diagnosis = says('superseded', `${plan} was superseded`);
      return go(context, 'investigating', { planId: '', triggeredSince: now, diagnosis });
    }
    default: {
      const notBefore = now + policy.cooldown.failureMs;
      const diagnosis = says(seen.planStatus ?? 'gone', `${plan} is ${seen.planStatus ?? 'gone'}`);
      return go(context, 'failed', { ...ended, notBefore, diagnosis });
    }
  }
}

/** Doubles with every fruitless look in a row, up to policy's longest. */
function backOff({ record, policy, now }: Context): {
  readonly notBefore: number;
  readonly fruitless: number;
} {
  const { backoffMs, maxBackoffMs } = policy.triggers;
  const wait = Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(record.fruitless, maxDoublings));
  return { notBefore: now + wait, fruitless: record.fruitless + 1 };
}

/** Keeps the power finite; a day is 2^16 times a second. */
const maxDoublings = 30;

function stay({ record }: Context, change: Partial<ControllerRecord>): Decision {
  return { record: { ...record, ...change }, wish: 'none' };
}

function go(
  { record, now }: Context,
  to: ControllerState,
  change: Partial<ControllerRecord> & { readonly diagnosis: Diagnosis },
): Decision {
  return { ...enterState(record, to, now, change), wish: 'none' };
}

function says(code: string, message: string): Diagnosis {
  return { code, message };
}
