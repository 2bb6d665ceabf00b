import { err, type Result } from '../../base/result.ts';
import type { ErrorCode } from '../../domain/error-codes.ts';
import type { Explanation } from '../../domain/explanation.ts';
import type { PlanningResult } from '../../domain/planning.ts';
import type { Problem } from '../../domain/problem.ts';
import { extensionProblem } from '../../planning/extension-fault.ts';
import type { Planner } from '../../ports/planner.ts';
import { createPulse, defaultExtensionLimits, type ExtensionLimits, watchPulse } from './extension-pulse.ts';
import type { PlannerAnswer, PlannerTask, PlanOrder, WorkerReply } from './messages.ts';
import { startPlannerWorker } from './start-worker.ts';

/** Requests that may wait while one is computed. */
const maxWaiting = 16;

interface Job {
  readonly id: number;
  readonly task: PlannerTask;
  readonly settle: (answer: PlannerAnswer) => void;
}

export interface WorkerPlannerOptions {
  /**
   * Starts the thread of `worker.ts`; the default finds it beside this file, and in a compiled executable where
   * `worker-location.ts` says.
   */
  readonly startWorker?: () => Worker;
  /** Absolute paths of planner modules, whose extensions policies may name. */
  readonly modules?: readonly string[];
  /** Whether the search ends after the policy's `maxSearchMs`; without it, equal files give equal plans. */
  readonly isTimed?: boolean;
  readonly limits?: ExtensionLimits;
}

/**
 * Runs the planner in a thread of its own, one request at a time, the others waiting in order. A request whose signal
 * aborts is taken out of the line; when it is the one being computed, its thread is ended and the next one gets a new
 * one. The thread begins with the first request.
 *
 * Problems: those of `computePlan` and `explainPlan`; PLANNER_CANCELLED, PLANNER_OVERLOADED (more than `maxWaiting` wait),
 * PLANNER_FAILED (the thread broke), PLANNER_MODULE_INVALID, PLANNER_EXTENSION_FAILED (also of an extension that does
 * not end: its thread is ended, and the next request gets a new one).
 */
export function createWorkerPlanner(options: WorkerPlannerOptions = {}): Planner {
  const { startWorker = startPlannerWorker, modules = [], isTimed = true } = options;
  const limits = options.limits ?? defaultExtensionLimits;
  const waiting: Job[] = [];
  let running: Job | undefined;
  let worker: Worker | undefined;
  let unwatch: (() => void) | undefined;
  let created = 0;
  let closed = false;

  function next(): void {
    if (running || closed) return;
    running = waiting.shift();
    if (!running) return;
    worker ??= start();
    const { id, task } = running;
    const pulse = watch(task);
    worker.postMessage({ id, ...task, modules, isTimed, ...(pulse && { pulse }) } satisfies PlanOrder);
  }

  /** Keeps an eye on the extensions of a task that has some. */
  function watch(task: PlannerTask): SharedArrayBuffer | undefined {
    const { policy } = task.kind === 'plan' ? task.request : task.request.planning;
    const named = policy.placement.extensions;
    if (named.length === 0) return undefined;
    const pulse = createPulse();
    const planMs = isTimed ? 2 * policy.budget.maxSearchMs + limits.graceMs : Number.POSITIVE_INFINITY;
    unwatch = watchPulse(pulse, planMs, limits, (extension, what) => {
      const name = named[extension]?.name ?? named.map((each) => each.name).join(', ');
      stop();
      finish(err([extensionProblem(name, `the planner extension ${name} ${what}`)]));
    });
    return pulse;
  }

  function start(): Worker {
    const started = startWorker();
    started.onmessage = (event: MessageEvent<WorkerReply>) => {
      const reply = event.data;
      if (started !== worker || reply.id !== running?.id || reply.kind === 'checked') return;
      finish(reply.kind === 'answer' ? reply.answer : failure('PLANNER_FAILED', reply.message));
    };
    started.onerror = (event) => {
      event.preventDefault();
      if (started !== worker) return;
      stop();
      finish(failure('PLANNER_FAILED', event.message));
    };
    started.addEventListener('close', () => {
      if (started !== worker) return;
      stop();
      finish(failure('PLANNER_FAILED', "the planner's thread ended by itself"));
    });
    return started;
  }

  function stop(): void {
    const stopped = worker;
    worker = undefined;
    stopped?.terminate();
  }

  function finish(answer: PlannerAnswer): void {
    const job = running;
    running = undefined;
    unwatch?.();
    unwatch = undefined;
    job?.settle(answer);
    next();
  }

  function cancel(job: Job): void {
    if (running === job) {
      stop();
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
        id: created++,
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
      unwatch?.();
      stop();
      for (const job of left) job.settle(failure('PLANNER_CANCELLED', 'the planner is closed'));
    },
  };
}

function failure(code: ErrorCode, message: string): PlannerAnswer {
  return err([{ code, message }]);
}
