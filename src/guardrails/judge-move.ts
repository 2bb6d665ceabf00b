import type { Move } from '../domain/move.ts';
import type { Verdict } from '../domain/verdict.ts';
import { resolveMove } from './guardrail.ts';
import type { MoveGuardrailContext } from './guardrail-context.ts';
import { guardrails } from './guardrails.ts';
import { applyOverrides } from './verdicts.ts';

/**
 * Judges one move right before it starts, in O(dimensions + replicas of the shard). Returns only what stands in its way
 * or was overridden, at most one verdict per rule; `worstDecision` says what to do: `allow` start it, `throttle` try
 * again later, `block` do not start it.
 */
export function judgeMove(context: MoveGuardrailContext, move: Move): readonly Verdict[] {
  const target = resolveMove(context.view, move);
  const verdicts: Verdict[] = [];
  for (const guardrail of guardrails) {
    const verdict = guardrail.move?.(context, target);
    if (verdict && verdict.decision !== 'allow') verdicts.push(verdict);
  }
  return applyOverrides(verdicts, context.overrides);
}
