import type { Verdict } from '../domain/verdict.ts';
import type { PlanGuardrailContext } from './guardrail-context.ts';
import { guardrails } from './guardrails.ts';
import { replayPlan } from './replay-plan.ts';
import { applyOverrides } from './verdicts.ts';

/**
 * Judges a whole plan: one verdict per rule of its phase, `allow` included, so that people see what was looked at. A
 * rule that several moves break answers with its worst case and their number; rules about single moves answer only
 * when the plan as ordered would break them. `worstDecision` says what to do: `throttle` means that the plan may be made and approved but has to wait before it runs, `block` that it may not go on
 * as it stands. What concerns single moves and passes by itself is shown when the plan is made, and holds back only
 * those moves, not the start of the plan.
 */
export function judgePlan(context: PlanGuardrailContext): readonly Verdict[] {
  const verdicts: Verdict[] = [...replayPlan(context)];
  for (const { plan } of guardrails) {
    if (plan?.phases.includes(context.phase)) verdicts.push(plan.judge(context));
  }
  return applyOverrides(verdicts, context.overrides);
}
