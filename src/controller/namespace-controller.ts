import type { ControllerRecord } from '../domain/controller-state.ts';
import type { PlanExecutor } from '../execution/plan-executor.ts';
import { readRecord } from './controller-store.ts';
import type { CoreDeps, NamespaceUnit } from './core-deps.ts';
import { expireOldDrafts } from './draft-retention.ts';
import { type EvaluationRequest, evaluate } from './evaluation.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { NamespaceWorld } from './namespace-world.ts';
import { createSerial } from './serial.ts';
import { createWakeUp } from './wake-up.ts';

/** The loop of one namespace: looks at every interval and when nudged, and has approved plans executed. */
export interface NamespaceController extends NamespaceUnit {
  /** Begins the loops; what was executing goes on. */
  start(): void;
  /** Steps in flight end, nothing new starts; resolves when everything has ended and the lease is given back. */
  stop(): Promise<void>;
  record(): Promise<ControllerRecord>;
  /** Told by the lease keeper. */
  onLease(held: boolean): void;
}

export interface NamespaceControllerDeps extends CoreDeps {
  readonly world: NamespaceWorld;
  readonly executor: PlanExecutor;
  readonly lease: LeaseKeeper;
}

/** While a plan runs its world is looked at at least this often, so that health, incidents and policy reach it. */
export const executingIntervalMs = 1_000;

/** Looking takes at most this share of the time, however large the fleet is. */
const maxLookShare = 0.2;

/** After an evaluation or an execution that threw. */
const retryAfterErrorMs = 5_000;

/** Between two sweeps of old dry runs. */
const sweepIntervalMs = 3_600_000;

interface Execution {
  readonly planId: string;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

export function createNamespaceController(deps: NamespaceControllerDeps): NamespaceController {
  const { clock, log, world, executor, lease } = deps;
  const { namespace } = world;
  const serial = createSerial();
  const wakeUp = createWakeUp(clock);
  const stopping = new AbortController();
  let loops: Promise<unknown> = Promise.resolve();
  let execution: Execution | undefined;
  let executeNotBefore = 0;
  let sweptAt = Number.NEGATIVE_INFINITY;

  const look = (request: EvaluationRequest) => evaluate({ ...deps, execute }, request);

  function execute(planId: string): void {
    if (execution || stopping.signal.aborted || clock.now() < executeNotBefore) return;
    const abort = new AbortController();
    const ended = runPlan(planId, abort.signal).finally(() => {
      execution = undefined;
      wakeUp.wake();
    });
    execution = { planId, abort, ended };
  }

  async function runPlan(planId: string, signal: AbortSignal): Promise<void> {
    try {
      const plan = await executor.execute(planId, signal);
      log.info('an execution ended', { namespace, planId, status: plan.status });
      // It came back without an end (not startable yet): asking again at once would spin.
      if (plan.status === 'approved') executeNotBefore = clock.now() + executingIntervalMs;
    } catch (error) {
      executeNotBefore = clock.now() + retryAfterErrorMs;
      log.error('an execution broke off', { namespace, planId, error: String(error) });
    }
  }

  /** One evaluation; the time until the next. */
  async function turn(): Promise<number> {
    const began = clock.monotonic();
    try {
      const policy = await serial.run(() => look({ requested: false, mayPlan: true }));
      const leastMs = (clock.monotonic() - began) / maxLookShare;
      if (clock.now() - sweptAt >= sweepIntervalMs) {
        sweptAt = clock.now();
        await expireOldDrafts(deps, namespace);
      }
      const interval = policy.triggers.evaluationIntervalMs;
      return execution ? Math.min(interval, Math.max(executingIntervalMs, leastMs)) : interval;
    } catch (error) {
      log.error('an evaluation broke off', { namespace, error: String(error) });
      return retryAfterErrorMs;
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const waitMs = lease.held() ? await turn() : retryAfterErrorMs;
      await wakeUp.wait(waitMs, stopping.signal);
    }
  }

  return {
    namespace,
    world,
    executor,
    serial,
    nudge: () => wakeUp.wake(),
    async settle() {
      await look({ requested: false, mayPlan: false });
    },
    async evaluateNow() {
      await serial.run(() => look({ requested: true, mayPlan: true }));
      wakeUp.wake();
    },
    start() {
      const leaseSignal = new AbortController();
      const leased = lease.run(leaseSignal.signal);
      loops = loop()
        .then(async () => {
          execution?.abort.abort();
          await execution?.ended;
        })
        .then(() => {
          leaseSignal.abort();
          return leased;
        });
    },
    async stop() {
      stopping.abort();
      execution?.abort.abort();
      await loops;
    },
    record: () => readRecord(deps.store, deps.cluster, namespace, clock.now()),
    onLease(held) {
      if (held) wakeUp.wake();
      else execution?.abort.abort();
    },
  };
}
