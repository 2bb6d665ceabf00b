import { everyPhase, type Guardrail } from '../guardrail.ts';
import { allow, block } from '../verdicts.ts';

/** A plan has at most `budget.maxMoves` moves, so that a person can review it and a mistake stays small. */
export const movesPerPlan: Guardrail = {
  code: 'GUARDRAIL_MOVES_PER_PLAN',
  plan: {
    phases: everyPhase,
    judge({ moves, policy }) {
      const limit = policy.budget.maxMoves;
      const facts = { subject: 'plan', observed: moves.length, limit };
      const message = `The plan has ${moves.length} moves; ${limit} are allowed.`;
      if (moves.length <= limit) return allow('GUARDRAIL_MOVES_PER_PLAN', { ...facts, message });
      const remedy = 'Plan with a smaller budget, or raise budget.maxMoves.';
      return block('GUARDRAIL_MOVES_PER_PLAN', { ...facts, message, remedy });
    },
  },
};
