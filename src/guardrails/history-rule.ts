import type { GuardrailCode } from '../domain/error-codes.ts';
import type { Move } from '../domain/move.ts';
import type { MoveTrace } from '../domain/move-trace.ts';
import type { Node } from '../domain/node.ts';
import type { PlanKind, Policy } from '../domain/policy.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Guardrail } from './guardrail.ts';
import { judgeEach } from './judge-each.ts';

/** What a rule about recent moves looks at. */
export interface HistoryFacts {
  readonly now: number;
  readonly policy: Policy;
  readonly kind: PlanKind;
  readonly moveTraces: readonly MoveTrace[];
  /** Moves of the same plan are no history; empty while the plan is being made. */
  readonly planId: string;
}

/** The verdict on one move; undefined where the rule lets it pass. */
export type HistoryJudge = (facts: HistoryFacts, move: Move, source: Node | undefined) => Verdict | undefined;

/**
 * A guardrail about what moved recently: each move of a plan is judged when the plan is made, and again before it starts.
 *
 * @param passes what is said of a plan in which every move passes
 */
export function historyRule(code: GuardrailCode, passes: string, judge: HistoryJudge): Guardrail {
  return {
    code,
    plan: {
      phases: ['create'],
      judge: (context) =>
        judgeEach(code, context, passes, ({ move, sourceNode }) =>
          judge({ ...context, planId: context.planId ?? '' }, move, sourceNode),
        ),
    },
    move: (context, { move, sourceNode }) => judge(context, move, sourceNode),
  };
}
