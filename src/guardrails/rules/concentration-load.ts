import type { Verdict } from '../../domain/verdict.ts';
import type { Guardrail } from '../guardrail.ts';
import { block, percent } from '../verdicts.ts';

const code = 'GUARDRAIL_CONCENTRATION_LOAD';

/** Differences of shares that are only rounding. */
const tolerance = 1e-9;

/**
 * A node carries at most `placement.maxShareOfLoadPerNode` of the namespace's load, a zone `maxShareOfLoadPerZone`, in
 * every dimension; loads on their way count. A move that leaves the destination with less than the source had improves
 * on a violation that exists, and may go on.
 */
export const concentrationLoad: Guardrail = {
  code,
  move({ policy, view }, { move, source, destination, destinationNode }) {
    if (destination < 0) return undefined;
    const { maxShareOfLoadPerNode, maxShareOfLoadPerZone } = policy.placement;
    const from = source < 0 ? -1 : view.zoneIndex(source);
    const to = view.zoneIndex(destination);
    for (const { policy: dimension, index } of view.dimensions) {
      const load = move.load[index] ?? 0;
      const total = view.totalLoads[index] ?? 0;
      if (load <= 0 || total <= 0) continue;
      const onNode = view.loadOfNode(destination, index) + load;
      const onSource = source < 0 ? 0 : view.loadOfNode(source, index);
      if (onNode / total > maxShareOfLoadPerNode + tolerance && onNode >= onSource) {
        const name = `Node ${move.destination}`;
        const share = onNode / total;
        return refusal(
          `node/${move.destination}`,
          name,
          dimension.name,
          share,
          maxShareOfLoadPerNode,
          'Node',
        );
      }
      if (from === to) continue;
      const inZone = view.loadOfZone(to, index) + load;
      const inSourceZone = from < 0 ? 0 : view.loadOfZone(from, index);
      if (inZone / total > maxShareOfLoadPerZone + tolerance && inZone >= inSourceZone) {
        const zone = destinationNode?.zone ?? '';
        return refusal(
          `zone/${zone}`,
          `Zone ${zone}`,
          dimension.name,
          inZone / total,
          maxShareOfLoadPerZone,
          'Zone',
        );
      }
    }
    return undefined;
  },
};

function refusal(
  subject: string,
  name: string,
  dimension: string,
  share: number,
  limit: number,
  level: 'Node' | 'Zone',
): Verdict {
  return block(code, {
    subject,
    observed: share,
    limit,
    message: `${name} would carry ${percent(share)} of the load in ${dimension}; ${percent(limit)} are allowed.`,
    remedy: `Add nodes, or raise placement.maxShareOfLoadPer${level}.`,
  });
}
