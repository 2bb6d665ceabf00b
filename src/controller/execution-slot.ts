import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { PlanExecutor } from '../execution/plan-executor.ts';

/** The one execution that a namespace may have at a time, in the background. */
export interface ExecutionSlot {
  /** Has the plan executed, unless one is; after a break only when a while has passed. */
  execute(planId: string): void;
  isBusy(): boolean;
  /** Steps in flight end, nothing new starts. */
  abort(): void;
  /** Resolves when nothing executes. */
  ended(): Promise<void>;
  /** Like `abort`, and nothing is executed any more. */
  close(): void;
}

export interface ExecutionSlotDeps {
  readonly executor: PlanExecutor;
  readonly clock: Clock;
  readonly log: Log;
  readonly namespace: string;
  /** Told when an execution ended, whichever way. */
  readonly onEnd: () => void;
}

/** Before a plan that could not be started yet is tried again. */
const retryStartMs = 1_000;

/** After an execution that threw: the store or the fleet may need a moment. */
const retryAfterErrorMs = 5_000;

export function createExecutionSlot(deps: ExecutionSlotDeps): ExecutionSlot {
  const { executor, clock, log, namespace } = deps;
  let running: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined;
  let notBefore = 0;
  let closed = false;

  async function run(planId: string, signal: AbortSignal): Promise<void> {
    try {
      const plan = await executor.execute(planId, signal);
      log.info('an execution ended', { namespace, planId, status: plan.status });
      // It came back without having begun: asking again at once would spin.
      if (plan.status === 'approved') notBefore = clock.now() + retryStartMs;
    } catch (error) {
      notBefore = clock.now() + retryAfterErrorMs;
      log.error('an execution broke off', { namespace, planId, error: String(error) });
    }
  }

  return {
    execute(planId) {
      if (running || closed || clock.now() < notBefore) return;
      const abort = new AbortController();
      const ended = run(planId, abort.signal).finally(() => {
        running = undefined;
        deps.onEnd();
      });
      running = { abort, ended };
    },
    isBusy: () => running !== undefined,
    abort: () => running?.abort.abort(),
    async ended() {
      await running?.ended;
    },
    close() {
      closed = true;
      running?.abort.abort();
    },
  };
}
