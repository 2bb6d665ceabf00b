import { isHealthy } from '../../domain/node.ts';
import type { Guardrail } from '../guardrail.ts';
import { block } from '../verdicts.ts';

const code = 'GUARDRAIL_MIN_HEALTHY_REPLICAS';

/**
 * While a replica moves, `placement.minHealthyReplicas` others must be healthy, never fewer than one. A shard of n
 * replicas has only n - 1 others, so the limit is at most that; a shard with a single replica therefore moves make
 * before break: its copy is complete before the source stops, which needs the source to be healthy. A replica whose
 * node is lost is copied from a healthy one, of which there must be one. Leadership transfers take no replica away.
 * Nobody can override this rule.
 */
export const minHealthyReplicas: Guardrail = {
  code,
  replay: true,
  move({ policy, view }, { move, shard, row, sourceNode }) {
    if (move.kind !== 'relocate' || shard < 0) return undefined;
    const { nodes, shards } = view.snapshot;
    const first = shards.replicaOffsets[shard] ?? 0;
    const end = shards.replicaOffsets[shard + 1] ?? 0;
    let others = 0;
    for (let each = first; each < end; each++) {
      const node = nodes[view.nodeOfReplica(each)];
      if (each !== row && node && isHealthy(node)) others += 1;
    }
    const sourceHealthy = sourceNode !== undefined && isHealthy(sourceNode);
    const limit = sourceHealthy ? Math.min(policy.placement.minHealthyReplicas, end - first - 1) : 1;
    if (others >= limit) return undefined;
    const othersText = others === 1 ? '1 other healthy replica' : `${others} other healthy replicas`;
    return block(code, {
      subject: `shard/${move.shard}`,
      observed: others,
      limit,
      message: sourceHealthy
        ? `Shard ${move.shard} would have ${othersText} while this one moves; it needs ${limit}.`
        : `Shard ${move.shard} has no healthy replica to copy from: node ${move.source} is ${sourceNode?.status ?? 'unknown'}.`,
      remedy: 'Restore the health of the nodes that hold its replicas first; this cannot be overridden.',
    });
  },
};
