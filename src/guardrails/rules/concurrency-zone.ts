import type { Guardrail } from '../guardrail.ts';
import { throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_CONCURRENCY_ZONE';

/** At most `concurrency.perZone` moves run into, out of, or within one zone; the fuller of the two zones counts. */
export const concurrencyZone: Guardrail = {
  code,
  move({ policy, view }, { source, destination, sourceNode, destinationNode }) {
    const limit = policy.concurrency.perZone;
    const out = view.counts.throughZone(view.zoneIndex(source));
    const into = view.counts.throughZone(view.zoneIndex(destination));
    const observed = Math.max(out, into);
    if (observed < limit) return undefined;
    const zone = (into >= out ? destinationNode : sourceNode)?.zone ?? '';
    return throttle(code, {
      subject: `zone/${zone}`,
      observed,
      limit,
      message: `${observed} moves run into or out of zone ${zone}; ${limit} may run at the same time.`,
      remedy: 'Wait for moves to end, or raise concurrency.perZone.',
    });
  },
};
