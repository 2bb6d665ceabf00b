import type { Guardrail } from '../guardrail.ts';
import { allow, block, percent } from '../verdicts.ts';

const code = 'GUARDRAIL_BENEFIT';

/** Differences of objective levels, relative to their size, that are only rounding. */
const tolerance = 1e-12;

/**
 * A rebalance must improve the objective by `benefit.minPlanGain`, measured at the most important level that it changes.
 * Drains, restores and rollbacks are made for another reason than gain, manual plans because somebody decided so.
 */
export const benefit: Guardrail = {
  code,
  plan: {
    phases: ['create'],
    judge({ kind, policy, summary }) {
      const limit = policy.benefit.minPlanGain;
      const observed = relativeGain(summary.objectiveBefore, summary.objectiveAfter);
      const facts = { subject: 'plan', observed, limit };
      if (kind !== 'rebalance')
        return allow(code, { ...facts, message: `A ${kind} plan is not judged by its gain.` });
      const message = `The plan improves the objective by ${percent(observed)}; at least ${percent(limit)} are asked for.`;
      if (observed >= limit) return allow(code, { ...facts, message });
      return block(code, {
        ...facts,
        message,
        remedy: 'Leave the fleet as it is, or lower benefit.minPlanGain.',
      });
    },
  },
};

/** (before - after) / before at the first level that differs; 0 when none does, negative when that level got worse. */
export function relativeGain(before: readonly number[], after: readonly number[]): number {
  for (const [level, from] of before.entries()) {
    const to = after[level] ?? from;
    if (Math.abs(from - to) <= tolerance * Math.max(1, Math.abs(from))) continue;
    return from === 0 ? -1 : (from - to) / Math.abs(from);
  }
  return 0;
}
