import type { NodeExplanation, NodeLoad, RemainingReplica } from '../../domain/explanation.ts';
import type { PlacementState } from '../placement-state.ts';
import { loadOf } from './explain-shard.ts';
import type { PlacedPlan } from './placed-plan.ts';
import { fullestDimension, nodeStanding, stayReason } from './stay-reason.ts';
import { surveyDestinations } from './survey-destinations.ts';

/** What a node carries before and after, what leaves, what comes, and why the largest of what remains did not go. */
export function explainNode(plan: PlacedPlan, node: number): NodeExplanation {
  const { problem, before, after, request } = plan;
  const { snapshot } = problem.request;
  const { id, zone, status, adminState } = snapshot.nodes[node];
  const leaves = request.moves.filter((move) => move.source === id);
  const arrives = request.moves.filter((move) => move.destination === id);
  const remaining = remainingReplicas(plan, node);
  const stays = remaining.slice(0, request.limit).map((replica) => explainRemaining(plan, replica));
  return {
    node: id,
    zone,
    status,
    adminState,
    takesReplicas: problem.nodes.takes[node] === 1,
    mustBeVacated: problem.nodes.vacate[node] === 1,
    isResting: problem.nodes.frozen[node] === 1,
    distress: problem.request.distress[node],
    replicasBefore: before.count[node],
    replicasAfter: after.state.count[node],
    leadersBefore: leaders(before, node),
    leadersAfter: leaders(after.state, node),
    loads: nodeLoads(plan, node),
    dimensions: snapshot.dimensions.map(({ name }) => name),
    leaves: leaves.slice(0, request.limit),
    leavesCount: leaves.length,
    arrives: arrives.slice(0, request.limit),
    arrivesCount: arrives.length,
    standing: nodeStanding(plan, node, stays),
    stays,
    staysCount: remaining.length,
  };
}

function leaders(state: PlacementState, node: number): number {
  let found = 0;
  for (let r = state.first[node]; r >= 0; r = state.next[r]) found += state.leads[r];
  return found;
}

function nodeLoads({ problem, factors, before, after }: PlacedPlan, node: number): readonly NodeLoad[] {
  const { nodes, width } = problem;
  return problem.dimensions.map(({ name }, d) => {
    const at = node * width + d;
    return {
      dimension: name,
      before: before.load[at],
      after: after.state.load[at],
      capacity: nodes.capacity[at],
      fairShare: nodes.vacate[node] === 1 ? 0 : factors.meanUtilization[d] * nodes.effective[at],
      target: nodes.target[at],
      limit: nodes.hardLimit[at],
    };
  });
}

/** Replicas that are on the node before and after, the largest first in the dimension in which it is fullest. */
function remainingReplicas(plan: PlacedPlan, node: number): readonly number[] {
  const { problem, before, after } = plan;
  const { state } = after;
  const dimension = fullestDimension(plan, state, node)?.dimension ?? 0;
  const size = (replica: number): number => problem.loads[state.rowOf(replica) * problem.width + dimension];
  const remaining: number[] = [];
  for (let r = state.first[node]; r >= 0; r = state.next[r]) {
    if (before.nodeOf[r] === node) remaining.push(r);
  }
  return remaining.sort((left, right) => size(right) - size(left) || left - right);
}

function explainRemaining(plan: PlacedPlan, replica: number): RemainingReplica {
  const { problem, after } = plan;
  const survey = surveyDestinations(after, replica, 1);
  return {
    shard: problem.shards.ids[problem.shardOf[replica]],
    replica: problem.shards.replicaNumbers[replica],
    leads: after.state.leads[replica] === 1,
    load: loadOf(after.state, replica),
    stay: stayReason(plan, replica, survey),
    best: survey.best?.told ?? null,
  };
}
