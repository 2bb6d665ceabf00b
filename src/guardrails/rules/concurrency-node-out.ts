import type { Guardrail } from '../guardrail.ts';
import { throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_CONCURRENCY_NODE_OUT';

/** At most `concurrency.perNodeOut` moves run out of one node. */
export const concurrencyNodeOut: Guardrail = {
  code,
  move({ policy, view }, { move, source }) {
    const limit = policy.concurrency.perNodeOut;
    const observed = view.counts.outOfNode(source);
    if (observed < limit) return undefined;
    return throttle(code, {
      subject: `node/${move.source}`,
      observed,
      limit,
      message: `${observed} moves run out of node ${move.source}; ${limit} may run at the same time.`,
      remedy: 'Wait for moves to end, or raise concurrency.perNodeOut.',
    });
  },
};
