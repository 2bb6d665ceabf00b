import { type GuardrailCode, neverOverridable } from '../domain/error-codes.ts';
import type { GuardrailOverride, Verdict, VerdictDecision } from '../domain/verdict.ts';

/** The parts of a verdict that differ from case to case; the rule's file adds code and decision. */
export type VerdictFacts = Omit<Verdict, 'code' | 'decision' | 'overriddenBy'>;

export function allow(code: GuardrailCode, facts: Omit<VerdictFacts, 'remedy'>): Verdict {
  return { code, decision: 'allow', remedy: '', ...facts };
}

/** For what passes by itself with time: cooldowns, windows, moves in flight. */
export function throttle(code: GuardrailCode, facts: VerdictFacts): Verdict {
  return { code, decision: 'throttle', ...facts };
}

/** For what stays until somebody changes the plan, the policy or the fleet. */
export function block(code: GuardrailCode, facts: VerdictFacts): Verdict {
  return { code, decision: 'block', ...facts };
}

const severity: Readonly<Record<VerdictDecision, number>> = { allow: 0, throttle: 1, block: 2 };

/** The decision that counts when several rules answered; `allow` when none did. */
export function worstDecision(verdicts: readonly Verdict[]): VerdictDecision {
  let worst: VerdictDecision = 'allow';
  for (const { decision } of verdicts) if (severity[decision] > severity[worst]) worst = decision;
  return worst;
}

/**
 * Lets verdicts pass whose code somebody privileged overrode, and says who. What cannot be overridden
 * (`neverOverridable`) stays as it is; who may override at all is decided where the override is accepted.
 */
export function applyOverrides(
  verdicts: readonly Verdict[],
  overrides: readonly GuardrailOverride[],
): readonly Verdict[] {
  if (overrides.length === 0) return verdicts;
  return verdicts.map((verdict) => {
    if (verdict.decision === 'allow' || neverOverridable.has(verdict.code)) return verdict;
    const override = overrides.find((each) => each.code === verdict.code);
    return override ? { ...verdict, decision: 'allow', overriddenBy: override.by } : verdict;
  });
}

/** ISO 8601 in UTC, as remedies name times. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** A share as people read it: 0.1234 → `12.3%`. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))}%`;
}
