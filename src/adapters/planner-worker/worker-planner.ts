import { err, type Result } from '../../base/result.ts';
import type { ErrorCode } from '../../domain/error-codes.ts';
import type { Explanation } from '../../domain/explanation.ts';
import type { PlanningResult } from '../../domain/planning.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Planner } from '../../ports/planner.ts';
import type { PlannerAnswer, PlannerTask, PlanOrder, PlanReply } from './messages.ts';
import { plannerWorkerUrl } from './worker-location.ts';

/** Requests that may wait while one is computed. */
const maxWaiting = 16;

interface Job {
  readonly id: number;
  readonly task: PlannerTask;
  readonly settle: (answer: PlannerAnswer) => void;
}

/**
 * Runs the planner in a thread of its own, one request at a time, the others waiting in order. A request whose signal
 * aborts is taken out of the line; when it is the one being computed, its thread is ended and the next one gets a new
 * one. The thread begins with the first request.
 *
 * Problems: those of `computePlan` and `explainPlan`; PLANNER_CANCELLED, PLANNER_OVERLOADED (more than `maxWaiting` wait),
 * PLANNER_FAILED (the thread broke).
 *
 * @param startWorker starts the thread of `worker.ts`; the default finds it beside this file, and in a compiled
 * executable where `worker-location.ts` says
 */
export function createWorkerPlanner(startWorker: () => Worker = startPlannerWorker): Planner {
  const waiting: Job[] = [];
  let running: Job | undefined;
  let worker: Worker | undefined;
  let created = 0;
  let closed = false;

  function next(): void {
    if (running || closed) return;
    running = waiting.shift();
    if (!running) return;
    worker ??= start();
    worker.postMessage({ id: running.id, ...running.task } satisfies PlanOrder);
  }

  function start(): Worker {
    const started = startWorker();
    started.onmessage = (event: MessageEvent<PlanReply>) => {
      const reply = event.data;
      if (started !== worker || reply.id !== running?.id) return;
      finish(reply.kind === 'answer' ? reply.answer : failure('PLANNER_FAILED', reply.message));
    };
    started.onerror = (event) => {
      event.preventDefault();
      if (started !== worker) return;
      stop();
      finish(failure('PLANNER_FAILED', event.message));
    };
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
      stop();
      for (const job of left) job.settle(failure('PLANNER_CANCELLED', 'the planner is closed'));
    },
  };
}

function failure(code: ErrorCode, message: string): PlannerAnswer {
  return err([{ code, message }]);
}

function startPlannerWorker(): Worker {
  return new Worker(plannerWorkerUrl(Bun.main));
}
