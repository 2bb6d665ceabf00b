import type { Guardrail } from '../guardrail.ts';
import { throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_CONCURRENCY_NODE_IN';

/** At most `concurrency.perNodeIn` moves run into one node, whose disk and network the copies share with its work. */
export const concurrencyNodeIn: Guardrail = {
  code,
  move({ policy, view }, { move, destination }) {
    const limit = policy.concurrency.perNodeIn;
    const observed = view.counts.intoNode(destination);
    if (observed < limit) return undefined;
    return throttle(code, {
      subject: `node/${move.destination}`,
      observed,
      limit,
      message: `${observed} moves run into node ${move.destination}; ${limit} may run at the same time.`,
      remedy: 'Wait for moves to end, or raise concurrency.perNodeIn.',
    });
  },
};
