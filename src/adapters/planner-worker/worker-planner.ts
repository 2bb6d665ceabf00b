import { availableParallelism } from 'node:os';
import type { Result } from '../../base/result.ts';
import type { Explanation } from '../../domain/explanation.ts';
import type { PlanningResult } from '../../domain/planning.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Planner } from '../../ports/planner.ts';
import { defaultExtensionLimits, type ExtensionLimits } from './extension-pulse.ts';
import { createLaneThreads } from './lane-threads.ts';
import type { PlannerAnswer, PlannerTask } from './planner-task.ts';
import { failure } from './planner-thread.ts';
import { startPlannerWorker } from './start-worker.ts';

/** Requests that may wait while one is computed. */
const maxWaiting = 16;

interface Job {
  readonly task: PlannerTask;
  readonly settle: (answer: PlannerAnswer) => void;
}

export interface WorkerPlannerOptions {
  /**
   * Starts a thread of `worker.ts`; the default finds it beside this file, and in a compiled executable where
   * `worker-location.ts` says.
   */
  readonly startWorker?: () => Worker;
  /** Absolute paths of planner modules, whose extensions policies may name. */
  readonly modules?: readonly string[];
  /** Whether the search ends after the policy's `maxSearchMs`; without it, equal files give equal plans. */
  readonly isTimed?: boolean;
  readonly limits?: ExtensionLimits;
  /** Threads that may work on the lanes of one plan; as many as the machine has cores by default. Plans do not depend on it. */
  readonly maxThreads?: number;
}

/**
 * Runs the planner away from this thread, one request at a time, each in as many threads as it has lanes and the machine
 * has cores; the others wait in order. A request whose signal aborts is taken out of the line; when it is the one being
 * computed, its threads are ended and the next one gets new ones. Threads begin with the first request that needs them.
 *
 * Problems: those of `computePlan` and `explainPlan`; PLANNER_CANCELLED, PLANNER_OVERLOADED (more than `maxWaiting` wait),
 * PLANNER_FAILED (a thread broke), PLANNER_MODULE_INVALID, PLANNER_EXTENSION_FAILED (also of an extension that does
 * not end: its threads are ended, and the next request gets new ones).
 */
export function createWorkerPlanner(options: WorkerPlannerOptions = {}): Planner {
  const threads = createLaneThreads({
    startWorker: options.startWorker ?? startPlannerWorker,
    modules: options.modules ?? [],
    isTimed: options.isTimed ?? true,
    limits: options.limits ?? defaultExtensionLimits,
    maxThreads: options.maxThreads ?? availableParallelism(),
  });
  const waiting: Job[] = [];
  let running: Job | undefined;
  let closed = false;

  function next(): void {
    if (running || closed) return;
    running = waiting.shift();
    if (running) threads.run(running.task, finish);
  }

  function finish(answer: PlannerAnswer): void {
    const job = running;
    running = undefined;
    job?.settle(answer);
    next();
  }

  function cancel(job: Job): void {
    if (running === job) {
      threads.stop();
      finish(failure('PLANNER_CANCELLED', 'the plan was no longer wanted'));
      return;
    }
    const at = waiting.indexOf(job);
    if (at < 0) return;
    waiting.splice(at, 1);
    job.settle(failure('PLANNER_CANCELLED', 'the plan was no longer wanted'));
  }

  function enqueue(task: PlannerTask, signal: AbortSignal): Promise<PlannerAnswer> {
    if (signal.aborted || closed) {
      const why = closed ? 'the planner is closed' : 'the plan was no longer wanted';
      return Promise.resolve(failure('PLANNER_CANCELLED', why));
    }
    if (waiting.length >= maxWaiting) {
      return Promise.resolve(failure('PLANNER_OVERLOADED', `${waiting.length} plans wait already`));
    }
    return new Promise<PlannerAnswer>((resolve) => {
      const onAbort = (): void => cancel(job);
      const job: Job = {
        task,
        settle(answer) {
          signal.removeEventListener('abort', onAbort);
          resolve(answer);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      waiting.push(job);
      next();
    });
  }

  return {
    // The thread answers what it was asked: a plan to `plan`, an explanation to `explain`.
    plan: (request, signal) =>
      enqueue({ kind: 'plan', request }, signal) as Promise<Result<PlanningResult, readonly Problem[]>>,
    explain: (request, signal) =>
      enqueue({ kind: 'explain', request }, signal) as Promise<Result<Explanation, readonly Problem[]>>,
    async close() {
      closed = true;
      const left = [...(running ? [running] : []), ...waiting.splice(0)];
      running = undefined;
      threads.close();
      for (const job of left) job.settle(failure('PLANNER_CANCELLED', 'the planner is closed'));
    },
  };
}
