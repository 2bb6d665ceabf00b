import type { Verdict } from '../../domain/verdict.ts';
import type { Guardrail } from '../guardrail.ts';
import { block, percent } from '../verdicts.ts';

const code = 'GUARDRAIL_CONCENTRATION_REPLICAS';

/** Differences of shares that are only rounding. */
const tolerance = 1e-9;

/**
 * A node holds at most `placement.maxReplicasPerNode` replicas and `maxShareOfReplicasPerNode` of them all, a zone
 * `maxReplicasPerZone` and `maxShareOfReplicasPerZone`; replicas on their way count. What improves on a violation that exists may go on: a
 * destination that ends up with fewer than the source had, or with no more than it was measured with.
 */
export const concentrationReplicas: Guardrail = {
  code,
  replay: true,
  move({ policy, view }, { move, source, destination, destinationNode }) {
    if (move.kind !== 'relocate' || destination < 0) return undefined;
    const { maxReplicasPerNode, maxReplicasPerZone, maxShareOfReplicasPerNode, maxShareOfReplicasPerZone } =
      policy.placement;
    const onNode = view.replicasOnNode(destination) + 1;
    if (onNode > (view.measured.nodeReplicas[destination] ?? 0) && onNode >= view.replicasOnNode(source)) {
      const subject = `node/${move.destination}`;
      if (maxReplicasPerNode > 0 && onNode > maxReplicasPerNode) {
        const message = `Node ${move.destination} would hold ${onNode} replicas; ${maxReplicasPerNode} are allowed.`;
        const remedy = 'Add nodes, or raise placement.maxReplicasPerNode.';
        return block(code, { subject, observed: onNode, limit: maxReplicasPerNode, message, remedy });
      }
      const share = onNode / view.totalReplicas;
      if (share > maxShareOfReplicasPerNode + tolerance) {
        return refusal(subject, `Node ${move.destination}`, share, maxShareOfReplicasPerNode, 'Node');
      }
    }
    const from = view.zoneIndex(source);
    const to = view.zoneIndex(destination);
    if (from === to) return undefined;
    const inZone = view.replicasInZone(to) + 1;
    if (inZone <= (view.measured.zoneReplicas[to] ?? 0) || inZone < view.replicasInZone(from))
      return undefined;
    const zone = destinationNode?.zone ?? '';
    if (maxReplicasPerZone > 0 && inZone > maxReplicasPerZone) {
      const message = `Zone ${zone} would hold ${inZone} replicas; ${maxReplicasPerZone} are allowed.`;
      const remedy = 'Add nodes in other zones, or raise placement.maxReplicasPerZone.';
      return block(code, {
        subject: `zone/${zone}`,
        observed: inZone,
        limit: maxReplicasPerZone,
        message,
        remedy,
      });
    }
    const share = inZone / view.totalReplicas;
    if (share <= maxShareOfReplicasPerZone + tolerance) return undefined;
    return refusal(`zone/${zone}`, `Zone ${zone}`, share, maxShareOfReplicasPerZone, 'Zone');
  },
};

function refusal(
  subject: string,
  name: string,
  share: number,
  limit: number,
  level: 'Node' | 'Zone',
): Verdict {
  return block(code, {
    subject,
    observed: share,
    limit,
    message: `${name} would hold ${percent(share)} of the replicas; ${percent(limit)} are allowed.`,
    remedy: `Add nodes, or raise placement.maxShareOfReplicasPer${level}.`,
  });
}
