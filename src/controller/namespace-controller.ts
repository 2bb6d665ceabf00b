import { createWakeUp } from '../base/wake-up.ts';
import type { ControllerRecord } from '../domain/controller-state.ts';
import type { PlanExecutor } from '../execution/plan-executor.ts';
import { readRecord } from './controller-store.ts';
import type { CoreDeps, NamespaceUnit } from './core-deps.ts';
import { expireOldDrafts } from './draft-retention.ts';
import { type Evaluated, type EvaluationRequest, evaluate } from './evaluation.ts';
import { createExecutionSlot, type ExecutionSlot } from './execution-slot.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { NamespaceWorld } from './namespace-world.ts';
import { createOutranking } from './outranking.ts';
import { createSerial } from './serial.ts';

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

/**
 * While too little of the fleet has been seen to plan by, it is looked at at least this often: a service is ready soon
 * after its fleet has told everything, not an interval later.
 */
const gatheringIntervalMs = 250;

/** Looking takes at most this share of the time, however large the fleet is. */
const maxLookShare = 0.2;

/** After an evaluation that threw, and while another replica holds the lease. */
const retryAfterErrorMs = 5_000;

/** While the fleet cannot be seen, as right after a start, when the sources have not delivered yet. */
const blindIntervalMs = 500;

/** Between two sweeps of old dry runs. */
const sweepIntervalMs = 3_600_000;

export function createNamespaceController(deps: NamespaceControllerDeps): NamespaceController {
  const { clock, world, executor, lease } = deps;
  const { namespace } = world;
  const serial = createSerial();
  const wakeUp = createWakeUp(clock);
  const nudge = (): void => wakeUp.wake();
  const slot = createExecutionSlot({ ...deps, namespace, onEnd: nudge });
  const outranking = createOutranking(deps.store);
  const look = (request: EvaluationRequest) =>
    evaluate({ ...deps, outranking, execute: slot.execute, supersede: executor.supersede }, request);
  const turn = createTurn(deps, slot, () => serial.run(() => look({ requested: false, mayPlan: true })));
  const stopping = new AbortController();
  let ended: Promise<unknown> = Promise.resolve();

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const waitMs = lease.held() ? await turn() : retryAfterErrorMs;
      await wakeUp.wait(waitMs, stopping.signal);
    }
  }

  async function run(): Promise<void> {
    const leaseSignal = new AbortController();
    const leased = lease.run(leaseSignal.signal);
    await loop();
    // The lease is kept until the last step in flight has been written under it.
    slot.close();
    await slot.ended();
    leaseSignal.abort();
    await leased;
  }

  return {
    namespace,
    world,
    executor,
    serial,
    dryRuns: createSerial(),
    nudge,
    async settle() {
      await look({ requested: false, mayPlan: false });
    },
    async evaluateNow() {
      await serial.run(() => look({ requested: true, mayPlan: true }));
      nudge();
    },
    start() {
      ended = run();
    },
    async stop() {
      stopping.abort();
      slot.close();
      await ended;
    },
    record: () => readRecord(deps.store, deps.cluster, namespace, clock.now()),
    onLease(held) {
      if (held) nudge();
      else slot.abort();
    },
  };
}

/** One evaluation and, now and then, a sweep; answers the time until the next. Never rejects. */
function createTurn(
  deps: NamespaceControllerDeps,
  slot: ExecutionSlot,
  look: () => Promise<Evaluated>,
): () => Promise<number> {
  const { clock, log } = deps;
  const { namespace } = deps.world;
  let sweptAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const began = clock.monotonic();
    try {
      const { policy, sighted } = await look();
      const leastMs = (clock.monotonic() - began) / maxLookShare;
      if (clock.now() - sweptAt >= sweepIntervalMs) {
        sweptAt = clock.now();
        await expireOldDrafts(deps, namespace);
      }
      const interval = policy.triggers.evaluationIntervalMs;
      const completeness = deps.world.snapshot()?.quality.completeness ?? 0;
      if (completeness < policy.telemetry.minCompleteness)
        return Math.min(interval, Math.max(gatheringIntervalMs, leastMs));
      if (!sighted) return Math.min(interval, blindIntervalMs);
      return slot.isBusy() ? Math.min(interval, Math.max(executingIntervalMs, leastMs)) : interval;
    } catch (error) {
      log.error('an evaluation broke off', { namespace, error: String(error) });
      return retryAfterErrorMs;
    }
  };
}
