import type { Change } from './change.ts';
import type { PlanningProblem } from './problem.ts';

const bytesPerGiB = 1_073_741_824;

/** What policy prices the change at, in units of the objective (mean nodes of load). */
export function movePrice(problem: PlanningProblem, change: Change): number {
  const { pricePerMove, pricePerGiB } = problem.request.policy.benefit;
  if (change.kind === 'transfer') return pricePerMove;
  const copied = problem.shards.replicaBytes[change.replica];
  const partner = change.kind === 'swap' ? problem.shards.replicaBytes[change.partner] : 0;
  return pricePerMove * (change.kind === 'swap' ? 2 : 1) + (pricePerGiB * (copied + partner)) / bytesPerGiB;
}
