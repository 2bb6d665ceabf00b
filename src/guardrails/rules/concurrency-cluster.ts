import type { Guardrail } from '../guardrail.ts';
import { throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_CONCURRENCY_CLUSTER';

/** At most `concurrency.cluster` moves (of the cluster's own policy) run over all namespaces. */
export const concurrencyCluster: Guardrail = {
  code,
  move({ clusterPolicy, clusterMovesInFlight: observed }) {
    const limit = clusterPolicy.concurrency.cluster;
    if (observed < limit) return undefined;
    return throttle(code, {
      subject: `cluster/${clusterPolicy.cluster}`,
      observed,
      limit,
      message: `${observed} moves run in the cluster; ${limit} may run at the same time.`,
      remedy: "Wait for moves to end, or raise concurrency.cluster in the cluster's policy.",
    });
  },
};
