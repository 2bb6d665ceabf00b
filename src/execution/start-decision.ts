import type { GuardrailCode } from '../domain/error-codes.ts';
import { mustBeVacated } from '../domain/node.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Verdict } from '../domain/verdict.ts';

/** What the guardrails' verdicts on a move mean for it and for its plan. */
export type StartDecision =
  | { readonly kind: 'start' }
  /** Not now. `wholePlan`: no other move of the plan can start either. */
  | { readonly kind: 'wait'; readonly verdict: Verdict; readonly wholePlan: boolean }
  /** Nothing may start until the condition passes. */
  | { readonly kind: 'pausePlan'; readonly verdict: Verdict }
  /** It will not become possible. */
  | { readonly kind: 'failMove'; readonly verdict: Verdict };

/** Conditions of the whole namespace that pass by themselves: the plan pauses and goes on when they have. */
const pausing: ReadonlySet<GuardrailCode> = new Set([
  'GUARDRAIL_INCIDENT',
  'GUARDRAIL_MASS_FAILURE',
  'GUARDRAIL_CHANGE_WINDOW',
  'GUARDRAIL_FREEZE',
  'GUARDRAIL_TELEMETRY_STALE',
  'GUARDRAIL_TELEMETRY_INCOMPLETE',
]);

/** Of these, the ones that take so long to pass that waiting for them is a pause too. */
const lasting: ReadonlySet<GuardrailCode> = new Set([
  'GUARDRAIL_MASS_FAILURE',
  'GUARDRAIL_CHANGE_WINDOW',
  'GUARDRAIL_FREEZE',
  'GUARDRAIL_TELEMETRY_STALE',
  'GUARDRAIL_TELEMETRY_INCOMPLETE',
]);

/** Conditions of a move's shard or nodes that may pass while its plan runs. */
const passing: ReadonlySet<GuardrailCode> = new Set([
  'GUARDRAIL_CONCURRENCY_CLUSTER',
  'GUARDRAIL_CONCURRENCY_NAMESPACE',
  'GUARDRAIL_CONCURRENCY_NODE_IN',
  'GUARDRAIL_CONCURRENCY_NODE_OUT',
  'GUARDRAIL_CONCURRENCY_ZONE',
  'GUARDRAIL_COOLDOWN_SHARD',
  'GUARDRAIL_COOLDOWN_NODE',
  'GUARDRAIL_COOLDOWN_NAMESPACE',
  'GUARDRAIL_MIN_HEALTHY_REPLICAS',
  'GUARDRAIL_REPLICA_IN_FLIGHT',
  'GUARDRAIL_CAPACITY',
  'GUARDRAIL_DESTINATION_UNHEALTHY',
  'GUARDRAIL_DESTINATION_BACKPRESSURE',
]);

/** Throttles under which no move of the plan can start, whichever it is. */
const namespaceWide: ReadonlySet<GuardrailCode> = new Set([
  ...pausing,
  'GUARDRAIL_CONCURRENCY_CLUSTER',
  'GUARDRAIL_CONCURRENCY_NAMESPACE',
]);

/** Whether a plan that cannot start for this reason may start later. */
export function mayPass(code: GuardrailCode): boolean {
  return pausing.has(code) || passing.has(code);
}

/** Whether a plan that paused for this reason goes on by itself when it has passed. */
export function resumesByItself(code: string): boolean {
  return code === 'FLEET_UNREACHABLE' || [...pausing].some((each) => each === code);
}

/** @param snapshot the fleet as it is now: a destination that is dead or drained does not come back in time, a cordoned one may */
export function decideStart(
  verdicts: readonly Verdict[],
  destination: string,
  snapshot: Snapshot | undefined,
): StartDecision {
  const blocks = verdicts.filter((verdict) => verdict.decision === 'block');
  const final = blocks.find((verdict) => isFinal(verdict, destination, snapshot));
  if (final) return { kind: 'failMove', verdict: final };
  const pause =
    blocks.find((verdict) => pausing.has(verdict.code)) ??
    verdicts.find((verdict) => verdict.decision === 'throttle' && lasting.has(verdict.code));
  if (pause) return { kind: 'pausePlan', verdict: pause };
  const hold = blocks[0] ?? verdicts.find((verdict) => verdict.decision === 'throttle');
  if (!hold) return { kind: 'start' };
  return { kind: 'wait', verdict: hold, wholePlan: namespaceWide.has(hold.code) };
}

/** Whether the verdict will not pass while the plan waits. @param destination of the move that it is about */
export function isFinal(verdict: Verdict, destination: string, snapshot: Snapshot | undefined): boolean {
  if (!mayPass(verdict.code)) return true;
  if (verdict.code !== 'GUARDRAIL_DESTINATION_UNHEALTHY' || !snapshot) return false;
  const node = snapshot.nodes.find((each) => each.id === destination);
  return node === undefined || mustBeVacated(node);
}
