import type { PlacementOption, ReplicaExplanation, ShardExplanation } from '../../domain/explanation.ts';
import type { Move } from '../../domain/move.ts';
import { shardStatuses } from '../../domain/snapshot.ts';
import { createChange } from '../change.ts';
import type { PlacementState } from '../placement-state.ts';
import type { PlacedPlan } from './placed-plan.ts';
import { stayReason } from './stay-reason.ts';
import { optionOf, surveyDestinations } from './survey-destinations.ts';
import { compareWeighed, weigh } from './weigh-change.ts';

/** Why each replica of the shard moves or stays, and who else could lead. */
export function explainShard(plan: PlacedPlan, shard: number): ShardExplanation {
  const { problem, request } = plan;
  const { shards } = problem;
  const id = shards.ids[shard];
  const moves = request.moves.filter((move) => move.shard === id);
  const replicas: ReplicaExplanation[] = [];
  for (let r = shards.replicaOffsets[shard]; r < shards.replicaOffsets[shard + 1]; r++)
    replicas.push(explainReplica(plan, r, moves));
  return {
    shard: id,
    group: shards.groupNames[shards.groups[shard]] ?? '',
    status: shardStatuses[shards.statuses[shard]] ?? 'unspecified',
    dimensions: problem.request.snapshot.dimensions.map(({ name }) => name),
    replicas,
    leadership: leadershipOptions(plan, shard).slice(0, request.limit),
  };
}

function explainReplica(plan: PlacedPlan, replica: number, moves: readonly Move[]): ReplicaExplanation {
  const { problem, before, after, request } = plan;
  const { nodes } = problem.request.snapshot;
  const number = problem.shards.replicaNumbers[replica];
  const survey = surveyDestinations(after, replica, request.limit);
  const stays = after.state.nodeOf[replica] === before.nodeOf[replica];
  return {
    replica: number,
    before: nodes[before.nodeOf[replica]].id,
    after: nodes[after.state.nodeOf[replica]].id,
    leadsBefore: before.leads[replica] === 1,
    leadsAfter: after.state.leads[replica] === 1,
    load: loadOf(before, replica),
    bytes: problem.shards.replicaBytes[replica],
    moves: moves.filter(
      (move) => move.replica === number || (move.kind === 'transferLeadership' && move.successor === number),
    ),
    stay: stays ? stayReason(plan, replica, survey) : null,
    survey: survey.told,
  };
}

/** What the replica carries in a state, in the snapshot's dimensions. */
export function loadOf({ problem, rowOf }: PlacementState, replica: number): readonly number[] {
  const { snapshot } = problem.request;
  const width = snapshot.dimensions.length;
  const row = rowOf(replica);
  return [...snapshot.shards.replicaLoads.subarray(row * width, (row + 1) * width)];
}

/** The shard's other replicas as leaders, the best first; none where nobody leads. */
function leadershipOptions({ problem, after }: PlacedPlan, shard: number): readonly PlacementOption[] {
  const { replicaOffsets } = problem.shards;
  const { state } = after;
  const rows = Array.from(
    { length: replicaOffsets[shard + 1] - replicaOffsets[shard] },
    (_, index) => replicaOffsets[shard] + index,
  );
  const leader = rows.find((row) => state.leads[row] === 1);
  if (leader === undefined) return [];
  const options = rows
    .filter((row) => row !== leader)
    .map((row) => {
      const change = state.transfer(createChange(), leader, row, new Float64Array(problem.width));
      const weighed = weigh(after, change);
      return { row, weighed, told: optionOf(after, change, weighed) };
    });
  options.sort((left, right) => compareWeighed(left.weighed, right.weighed) || left.row - right.row);
  return options.map((option) => option.told);
}
