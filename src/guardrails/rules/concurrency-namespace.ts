import type { Guardrail } from '../guardrail.ts';
import { throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_CONCURRENCY_NAMESPACE';

/** At most `concurrency.namespace` moves of the namespace run at the same time. */
export const concurrencyNamespace: Guardrail = {
  code,
  move({ policy, view }) {
    const limit = policy.concurrency.namespace;
    const observed = view.counts.total();
    if (observed < limit) return undefined;
    return throttle(code, {
      subject: `namespace/${policy.namespace}`,
      observed,
      limit,
      message: `${observed} moves run in the namespace; ${limit} may run at the same time.`,
      remedy: 'Wait for moves to end, or raise concurrency.namespace.',
    });
  },
};
