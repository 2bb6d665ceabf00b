import { err } from '../../base/result.ts';
import type { ErrorCode } from '../../domain/error-codes.ts';
import { extensionProblem } from '../../planning/extension-fault.ts';
import { createPulse, type ExtensionLimits, watchPulse } from './extension-pulse.ts';
import type { PlanOrder, WorkerReply } from './messages.ts';
import { type PlannerAnswer, type PlannerTask, policyOf } from './planner-task.ts';
import type { SentTask } from './sent-task.ts';

/** A thread that answers one task at a time. */
export interface PlannerThread {
  /** False once it has broken, was ended, or has ended by itself: it answers nothing any more. */
  readonly isAlive: boolean;
  readonly isBusy: boolean;
  /**
   * Calls back once, unless the thread is ended before; it must not be busy. PLANNER_FAILED when the thread breaks or
   * ends, PLANNER_EXTENSION_FAILED also when an extension does not end: then the thread has been ended.
   *
   * @param searchMs from now until the search ends; infinite when only evaluations end it
   */
  ask(sent: SentTask, searchMs: number, answered: (answer: PlannerAnswer) => void): void;
  end(): void;
}

export interface PlannerThreadOptions {
  readonly startWorker: () => Worker;
  /** Absolute paths of planner modules. */
  readonly modules: readonly string[];
  readonly limits: ExtensionLimits;
}

export function startPlannerThread({ startWorker, modules, limits }: PlannerThreadOptions): PlannerThread {
  const worker = startWorker();
  let isAlive = true;
  let orders = 0;
  let answered: ((answer: PlannerAnswer) => void) | undefined;
  let unwatch: (() => void) | undefined;

  worker.onmessage = (event: MessageEvent<WorkerReply>) => {
    const reply = event.data;
    if (!isAlive || reply.id !== orders || reply.kind === 'checked') return;
    answer(reply.kind === 'answer' ? reply.answer : failure('PLANNER_FAILED', reply.message));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    breakWith(failure('PLANNER_FAILED', event.message));
  };
  worker.addEventListener('close', () =>
    breakWith(failure('PLANNER_FAILED', "the planner's thread ended by itself")),
  );

  function answer(given: PlannerAnswer): void {
    const tell = release();
    tell?.(given);
  }

  /** Nobody waits for an answer any more. */
  function release(): typeof answered {
    const waiting = answered;
    answered = undefined;
    unwatch?.();
    unwatch = undefined;
    return waiting;
  }

  function end(): void {
    isAlive = false;
    release();
    worker.terminate();
  }

  function breakWith(problem: PlannerAnswer): void {
    if (!isAlive) return;
    const tell = release();
    end();
    tell?.(problem);
  }

  /** Keeps an eye on the extensions of a task that has some. */
  function watch(task: PlannerTask, isTimed: boolean): SharedArrayBuffer | undefined {
    const { placement, budget } = policyOf(task);
    const named = placement.extensions;
    if (named.length === 0) return undefined;
    const pulse = createPulse();
    const planMs = isTimed ? 2 * budget.maxSearchMs + limits.graceMs : Number.POSITIVE_INFINITY;
    unwatch = watchPulse(pulse, planMs, limits, (extension, what) => {
      const name = named[extension]?.name ?? named.map((each) => each.name).join(', ');
      breakWith(err([extensionProblem(name, `the planner extension ${name} ${what}`)]));
    });
    return pulse;
  }

  return {
    get isAlive() {
      return isAlive;
    },
    get isBusy() {
      return answered !== undefined;
    },
    ask(sent, searchMs, tell) {
      answered = tell;
      orders += 1;
      const pulse = watch(sent.task, Number.isFinite(searchMs));
      const order: PlanOrder = {
        kind: 'compute',
        id: orders,
        sent,
        modules,
        searchMs,
        ...(pulse && { pulse }),
      };
      worker.postMessage(order);
    },
    end,
  };
}

export function failure(code: ErrorCode, message: string): PlannerAnswer {
  return err([{ code, message }]);
}
