import type { GuardrailCode } from '../domain/error-codes.ts';
import type { Move } from '../domain/move.ts';
import type { Node } from '../domain/node.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { PlanGuardrailContext } from './guardrail-context.ts';
import { allow, worstDecision } from './verdicts.ts';

/** A move of a plan with its nodes in the newest snapshot. */
export interface PlannedMove {
  readonly move: Move;
  readonly sourceNode: Node | undefined;
  readonly destinationNode: Node | undefined;
}

/**
 * Judges every move of a plan by one rule and answers once: the worst verdict (the first of equal ones), with the number
 * of moves that the rule objects to when there are several; `allow` with the given message when there is none.
 */
export function judgeEach(
  code: GuardrailCode,
  context: PlanGuardrailContext,
  fine: string,
  judge: (planned: PlannedMove) => Verdict | undefined,
): Verdict {
  const nodes = new Map(context.snapshot.nodes.map((node) => [node.id, node]));
  let worst: Verdict | undefined;
  let objections = 0;
  for (const move of context.moves) {
    const verdict = judge({
      move,
      sourceNode: nodes.get(move.source),
      destinationNode: nodes.get(move.destination),
    });
    if (!verdict) continue;
    objections += 1;
    if (!worst || worstDecision([worst, verdict]) !== worst.decision) worst = verdict;
  }
  return summarize(code, worst, objections, context.moves.length, fine);
}

/** One verdict for a whole plan out of the worst of its moves. */
export function summarize(
  code: GuardrailCode,
  worst: Verdict | undefined,
  objections: number,
  moves: number,
  fine: string,
): Verdict {
  if (!worst) return allow(code, { subject: 'plan', observed: 0, limit: 0, message: fine });
  if (objections === 1) return worst;
  return {
    ...worst,
    message: `${worst.message} (${objections} of the plan's ${moves} moves meet this rule.)`,
  };
}
