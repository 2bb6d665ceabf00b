import { createRandom } from '../base/random.ts';
import { ok, type Result } from '../base/result.ts';
import type { PlanningRequest, PlanningResult } from '../domain/planning.ts';
import type { Problem } from '../domain/problem.ts';
import { replicaCount } from '../domain/snapshot.ts';
import { compareLevels } from './build-objective.ts';
import { isAnnealed } from './search/improve/improve.ts';

/**
 * Lanes are searches for the same plan with different seeds, independent of each other: whoever runs them, on however
 * many threads and in whatever order, gives `bestOfLanes` their answers in the order of the lanes, and it is the same plan.
 */

/**
 * How many lanes the request is worth: as many as its policy has where annealing, which follows its seed, decides how
 * the plan ends; 1 where another seed would find the same or nearly so. By all replicas, not only those that may move,
 * so that every lane has room for its annealing.
 */
export function lanesOf({ task, snapshot, policy }: PlanningRequest): number {
  const { maxEvaluations, searchLanes } = policy.budget;
  if (task.kind !== 'improve') return 1;
  return isAnnealed(snapshot.nodes.length, replicaCount(snapshot.shards), maxEvaluations) ? searchLanes : 1;
}

/** The request of one lane: lane 0 is the request itself, so that more lanes never give a worse plan than one. */
export function laneRequest(request: PlanningRequest, lane: number): PlanningRequest {
  if (lane === 0) return request;
  return { ...request, lane, seed: createRandom(`${request.seed}/lane ${lane}`).integer(2 ** 32) };
}

type LaneAnswer = Result<PlanningResult, readonly Problem[]>;

/**
 * The lexicographically best plan, of equally good ones that of the lower lane; its summary counts the evaluations of all
 * lanes, and is deterministic only if they all are. A plan refutes another lane's PLACEMENT_INFEASIBLE, which says that
 * nothing at all was found; any other refusal (an extension that fails, a policy that does not fit) is something to
 * repair, and is the answer even when other lanes have plans.
 *
 * @param answers at least one, in the order of the lanes
 */
export function bestOfLanes(answers: readonly LaneAnswer[]): LaneAnswer {
  const fault = answers.find((answer) => !answer.ok && !answer.error.every(isRefutable));
  if (fault) return fault;
  const plans = answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
  if (plans.length === 0) return answers[0];
  const best = plans.reduce((left, right) => (isBetter(right, left) ? right : left));
  const summary = {
    ...best.summary,
    evaluations: plans.reduce((sum, plan) => sum + plan.summary.evaluations, 0),
    deterministic: plans.every((plan) => plan.summary.deterministic),
  };
  return ok({ ...best, summary });
}

function isRefutable({ code }: Problem): boolean {
  return code === 'PLACEMENT_INFEASIBLE';
}

function isBetter(left: PlanningResult, right: PlanningResult): boolean {
  return compareLevels(left.summary.objectiveAfter, right.summary.objectiveAfter) < 0;
}
