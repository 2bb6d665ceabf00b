import { plannerWorkerUrl } from './worker-location.ts';

/** Starts the planner's thread. */
export function startPlannerWorker(): Worker {
  return new Worker(plannerWorkerUrl(Bun.main));
}
