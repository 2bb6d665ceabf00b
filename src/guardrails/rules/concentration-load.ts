import type { Verdict } from '../../domain/verdict.ts';
import type { FleetView, ViewDimension } from '../fleet-view.ts';
import type { Guardrail, MoveTarget } from '../guardrail.ts';
import { block, percent } from '../verdicts.ts';

const code = 'GUARDRAIL_CONCENTRATION_LOAD';

/** Differences of shares that are only rounding. */
const tolerance = 1e-9;

/**
 * A node carries at most `placement.maxShareOfLoadPerNode` of the namespace's load, a zone `maxShareOfLoadPerZone`, in
 * every dimension; loads on their way count. What improves on a violation that exists may go on: a destination that
 * ends up with less than the source had, or with no more than it was measured with.
 */
export const concentrationLoad: Guardrail = {
  code,
  replay: true,
  move({ policy, view }, target) {
    if (target.destination < 0) return undefined;
    for (const dimension of view.dimensions) {
      const load = target.move.load[dimension.index] ?? 0;
      const total = view.totalLoads[dimension.index] ?? 0;
      if (load <= 0 || total <= 0) continue;
      const verdict =
        judgeNode(view, target, dimension, load / total, policy.placement.maxShareOfLoadPerNode) ??
        judgeZone(view, target, dimension, load / total, policy.placement.maxShareOfLoadPerZone);
      if (verdict) return verdict;
    }
    return undefined;
  },
};

function judgeNode(
  view: FleetView,
  { move, source, destination }: MoveTarget,
  { policy, index }: ViewDimension,
  added: number,
  limit: number,
): Verdict | undefined {
  const total = view.totalLoads[index] ?? 1;
  const share = view.loadOfNode(destination, index) / total + added;
  const measured =
    (view.measured.nodeLoads[destination * view.snapshot.dimensions.length + index] ?? 0) / total;
  if (share <= Math.max(limit, measured) + tolerance || share < view.loadOfNode(source, index) / total)
    return undefined;
  const name = `Node ${move.destination}`;
  return refusal(`node/${move.destination}`, name, policy.name, share, limit, 'Node');
}

function judgeZone(
  view: FleetView,
  { source, destination, destinationNode }: MoveTarget,
  { policy, index }: ViewDimension,
  added: number,
  limit: number,
): Verdict | undefined {
  const from = view.zoneIndex(source);
  const to = view.zoneIndex(destination);
  if (from === to) return undefined;
  const total = view.totalLoads[index] ?? 1;
  const share = view.loadOfZone(to, index) / total + added;
  const measured = (view.measured.zoneLoads[to * view.snapshot.dimensions.length + index] ?? 0) / total;
  if (share <= Math.max(limit, measured) + tolerance || share < view.loadOfZone(from, index) / total)
    return undefined;
  const zone = destinationNode?.zone ?? '';
  return refusal(`zone/${zone}`, `Zone ${zone}`, policy.name, share, limit, 'Zone');
}

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
