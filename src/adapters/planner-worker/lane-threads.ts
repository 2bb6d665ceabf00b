import type { Result } from '../../base/result.ts';
import type { PlanningResult } from '../../domain/planning.ts';
import type { Problem } from '../../domain/problem.ts';
import { bestOfLanes, laneRequest, lanesOf } from '../../planning/plan-lanes.ts';
import { type PlannerAnswer, type PlannerTask, policyOf } from './planner-task.ts';
import { type PlannerThread, type PlannerThreadOptions, startPlannerThread } from './planner-thread.ts';
import { type SentTask, sendTask } from './sent-task.ts';

/** Threads that work on the lanes of one task at a time, and are kept for the next. */
export interface LaneThreads {
  /** Calls back once, unless `stop` or `close` comes before; nothing else may run. */
  run(task: PlannerTask, answered: (answer: PlannerAnswer) => void): void;
  /** Ends the threads that work. */
  stop(): void;
  /** Ends all threads. */
  close(): void;
}

export interface LaneThreadsOptions extends PlannerThreadOptions {
  /** At least 1. With fewer threads than lanes a thread that has ended one takes the next, and the answer is the same. */
  readonly maxThreads: number;
  /** Whether the policy's `maxSearchMs` ends the search, which all lanes share. */
  readonly isTimed: boolean;
}

/**
 * A plan is the best of all its lanes, whichever ends first. A thread that breaks or is ended costs the plan: the others are
 * not waited for, and those that work are ended. Threads begin when they are needed.
 */
export function createLaneThreads(options: LaneThreadsOptions): LaneThreads {
  const { maxThreads, isTimed } = options;
  let threads: PlannerThread[] = [];

  function end(which: (thread: PlannerThread) => boolean): void {
    for (const thread of threads.filter(which)) thread.end();
    threads = threads.filter((thread) => thread.isAlive);
  }

  /** So many, as far as there may be; none of them works. */
  function readyThreads(count: number): readonly PlannerThread[] {
    threads = threads.filter((thread) => thread.isAlive);
    while (threads.length < Math.min(count, maxThreads)) threads.push(startPlannerThread(options));
    return threads.slice(0, count);
  }

  function stop(): void {
    end((thread) => thread.isBusy);
  }

  return {
    run(task, answered) {
      const lanes = lanesOfTask(task);
      const answers = new Map<number, PlannerAnswer>();
      const deadline = isTimed
        ? performance.now() + policyOf(task).budget.maxSearchMs
        : Number.POSITIVE_INFINITY;
      let begun = 0;
      const take = (thread: PlannerThread): void => {
        const lane = begun++;
        // A lane that begins after the deadline does what has to be done, and says that its search was cut short.
        const searchMs = Math.max(0, deadline - performance.now());
        thread.ask(lanes[lane], searchMs, (answer) => {
          answers.set(lane, answer);
          if (!thread.isAlive) {
            stop();
            answered(answer);
          } else if (answers.size === lanes.length) answered(bestAnswer(answers));
          else if (begun < lanes.length) take(thread);
        });
      };
      for (const thread of readyThreads(lanes.length)) take(thread);
    },
    stop,
    close: () => end(() => true),
  };
}

/** What each lane is asked, all about the same snapshot. */
function lanesOfTask(task: PlannerTask): readonly SentTask[] {
  const sent = sendTask(task);
  if (sent.task.kind === 'explain') return [sent];
  const { request } = sent.task;
  return Array.from({ length: lanesOf(request) }, (_, lane) => ({
    ...sent,
    task: { kind: 'plan', request: laneRequest(request, lane) },
  }));
}

function bestAnswer(answers: ReadonlyMap<number, PlannerAnswer>): PlannerAnswer {
  const inOrder = [...answers].sort(([left], [right]) => left - right).map(([, answer]) => answer);
  if (inOrder.length === 1) return inOrder[0];
  // Only plans have more than one lane.
  return bestOfLanes(inOrder as readonly Result<PlanningResult, readonly Problem[]>[]);
}
