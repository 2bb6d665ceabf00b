import type { Constraint } from './constraint.ts';
import { createAdmission } from './constraints/admission.ts';
import { createAllowedNodes } from './constraints/allowed-nodes.ts';
import { createCapacity } from './constraints/capacity.ts';
import { createDependencies } from './constraints/dependencies.ts';
import { createDistinctNodes } from './constraints/distinct-nodes.ts';
import { createHealthyReplicas, lostNodes } from './constraints/healthy-replicas.ts';
import { createLoadConcentration } from './constraints/load-concentration.ts';
import { createReplicaConcentration } from './constraints/replica-concentration.ts';
import { createSpread } from './constraints/spread.ts';
import { extensionsOf } from './extension.ts';
import type { PlacementState } from './placement-state.ts';

/** Slack for shares such as 0.1 × 30, which doubles make 3.0000000000000004 or 2.9999999999999996. */
const shareRounding = 1e-9;

/**
 * The constraints that the policy asks for, attached to the state, cheapest and most selective first. Rules that cannot
 * bind are left out, so that a policy pays only for what it uses.
 *
 * @param relative measure against the beginning of the plan (intermediate states) rather than against now (search)
 */
export function buildConstraints(state: PlacementState, relative: boolean): readonly Constraint[] {
  const { problem } = state;
  const placement = problem.request.policy.placement;
  const zones = problem.nodes.domains.zone.ofNode;
  const constraints: Constraint[] = [
    createAdmission(state),
    createCapacity(state, relative),
    createDistinctNodes(state),
  ];
  if (problem.classes.classes.length > 1) constraints.push(createAllowedNodes(state));
  for (const level of problem.spreadLevels) constraints.push(createSpread(state, level));
  if (placement.dependencies.length > 0) constraints.push(createDependencies(state));
  const perNode = replicasPerNode(state);
  if (perNode < problem.replicaCount) {
    const nodes = Int32Array.from({ length: problem.nodeCount }, (_, node) => node);
    constraints.push(createReplicaConcentration(state, 'replicas per node', nodes, perNode, relative));
  }
  const perZone = atMost(state, placement.maxReplicasPerZone, placement.maxShareOfReplicasPerZone);
  if (perZone < problem.replicaCount) {
    constraints.push(createReplicaConcentration(state, 'replicas per zone', zones, perZone, relative));
  }
  if (placement.maxShareOfLoadPerZone < 1) {
    constraints.push(createLoadConcentration(state, zones, placement.maxShareOfLoadPerZone, relative));
  }
  // On the way the order of moves sees to it; what people ask for is judged by the guardrails.
  if (!relative && problem.request.task.kind === 'improve') {
    const lost = lostNodes(problem);
    if (lost.includes(1)) constraints.push(createHealthyReplicas(state, lost));
  }
  for (const extension of extensionsOf(problem)) constraints.push(...(extension.constraints?.(state) ?? []));
  for (const constraint of constraints) {
    if (constraint.hold || constraint.settle) state.listen(constraint);
  }
  return constraints;
}

/** The smaller of the policy's number and its share of the namespace's replicas. */
export function replicasPerNode(state: PlacementState): number {
  const { maxReplicasPerNode, maxShareOfReplicasPerNode } = state.problem.request.policy.placement;
  return atMost(state, maxReplicasPerNode, maxShareOfReplicasPerNode);
}

/** The smaller of a number (0 for none) and a share (1 for none) of the namespace's replicas. */
function atMost({ problem }: PlacementState, number: number, share: number): number {
  const byNumber = number > 0 ? number : Number.POSITIVE_INFINITY;
  const byShare =
    share < 1 ? Math.floor(share * problem.replicaCount + shareRounding) : Number.POSITIVE_INFINITY;
  return Math.min(byNumber, byShare);
}
