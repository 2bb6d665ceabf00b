import { everyPhase, type Guardrail } from '../guardrail.ts';
import { allow, block } from '../verdicts.ts';

const code = 'GUARDRAIL_BYTES_PER_PLAN';

/** A plan copies at most `budget.maxBytes`. */
export const bytesPerPlan: Guardrail = {
  code,
  plan: {
    phases: everyPhase,
    judge({ moves, policy }) {
      const limit = policy.budget.maxBytes;
      const observed = moves.reduce((sum, move) => sum + move.bytes, 0);
      const message = `The plan copies ${observed} bytes; ${limit} are allowed.`;
      const facts = { subject: 'plan', observed, limit, message };
      if (observed <= limit) return allow(code, facts);
      return block(code, { ...facts, remedy: 'Plan with a smaller budget, or raise budget.maxBytes.' });
    },
  },
};
