import { err, ok, type Result } from '../base/result.ts';
import type { AuditDraft } from '../domain/audit-record.ts';
import type { MeshEventDraft } from '../domain/event.ts';
import type { JournalEntry } from '../domain/journal-entry.ts';
import type { MoveTrace } from '../domain/move-trace.ts';
import type { Plan, PlanOutcome, PlanProgress } from '../domain/plan.ts';
import { hasEnded } from '../domain/plan-status.ts';
import { type TransitionRequest, transitionPlan } from '../domain/plan-transition.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { CommitBatch } from '../ports/store.ts';
import type { ExecutionDeps } from './execution-deps.ts';
import { planProgressEvent } from './execution-records.ts';

/**
 * The only way in which an execution writes: every commit carries the fence, and once the lease is lost nothing is
 * written any more. Changes of the plan's header go one after the other; journal entries need not wait for them.
 */
export interface PlanLog {
  /** The header as it was last written or read. */
  plan(): Plan;
  /** Whether another replica of the service owns the namespace now: everything stops where it is. */
  lost(): boolean;
  /** For a refusal by the fleet that says the same. */
  markLost(): void;
  /** False when the lease was lost: the caller stops without another call. */
  append(entries: readonly JournalEntry[], effects?: EntryEffects): Promise<boolean>;
  emit(events: readonly MeshEventDraft[]): Promise<boolean>;
  saveProgress(progress: PlanProgress, at: number): Promise<boolean>;
  /** Problems: PLAN_STATUS, LEASE_LOST, REVISION_CONFLICT when others keep changing the plan. */
  transition(request: TransitionRequest, snapshot?: Snapshot): Promise<Result<Plan, Problem>>;
  /** Changes why the plan is in its status, with the record of who said so. Problems: as for `transition`. */
  amend(outcome: PlanOutcome, audit: AuditDraft): Promise<Result<Plan, Problem>>;
  /** Reads the header anew: others may have written it while this one waited. */
  reload(): Promise<Plan>;
}

/** What is committed together with entries. */
export interface EntryEffects {
  readonly audit?: readonly AuditDraft[];
  readonly events?: readonly MeshEventDraft[];
  readonly moveTraces?: readonly MoveTrace[];
}

/** Times that a change of the header is repeated upon what somebody else wrote in between. */
const maxRebases = 3;

interface HeaderChange {
  readonly plan: Plan;
  readonly batch: Omit<CommitBatch, 'fence' | 'plans'>;
}

export function createPlanLog(
  deps: Pick<ExecutionDeps, 'store' | 'fence' | 'log'>,
  initial: Plan,
  onLost: () => void,
): PlanLog {
  let header = initial;
  let leaseLost = false;
  let tail: Promise<unknown> = Promise.resolve();

  function markLost(): void {
    if (leaseLost) return;
    leaseLost = true;
    deps.log.warn('the namespace lease was lost while a plan executed', { planId: header.id });
    onLost();
  }

  async function commit(batch: Omit<CommitBatch, 'fence'>): Promise<Result<void, Problem>> {
    if (leaseLost) return err(lostProblem(header.id));
    const written = await deps.store.commit({ ...batch, fence: deps.fence() });
    if (written.ok) return ok(undefined);
    if (written.error.code === 'LEASE_LOST') markLost();
    return err(written.error);
  }

  async function write(batch: Omit<CommitBatch, 'fence'>): Promise<boolean> {
    const written = await commit(batch);
    if (!written.ok && !leaseLost) throw new Error(`${written.error.code}: ${written.error.message}`);
    return written.ok;
  }

  /** One change of the header at a time, each upon the outcome of the one before. */
  function inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = tail.then(action);
    tail = turn.catch(() => {});
    return turn;
  }

  async function reload(): Promise<Plan> {
    header = (await deps.store.plan(header.id)) ?? header;
    return header;
  }

  async function changeHeader(
    change: (plan: Plan) => Result<HeaderChange, Problem>,
  ): Promise<Result<Plan, Problem>> {
    for (let rebase = 0; ; rebase++) {
      const changed = change(header);
      if (!changed.ok) return changed;
      const { plan, batch } = changed.value;
      const written = await commit({ ...batch, plans: [plan] });
      if (written.ok) {
        header = plan;
        return ok(plan);
      }
      if (written.error.code !== 'REVISION_CONFLICT' || rebase === maxRebases) return err(written.error);
      await reload();
    }
  }

  return {
    plan: () => header,
    lost: () => leaseLost,
    markLost,
    reload: () => inTurn(reload),
    append: (entries, effects) => write({ journal: entries, ...effects }),
    emit: (events) => write({ events }),
    async saveProgress(progress, at) {
      const saved = await inTurn(() => changeHeader((plan) => withProgress(plan, progress, at)));
      // Somebody ended the plan meanwhile: its progress stays as it was then.
      if (!saved.ok && saved.error.code !== 'PLAN_STATUS' && !leaseLost) {
        throw new Error(`${saved.error.code}: ${saved.error.message}`);
      }
      return saved.ok;
    },
    amend(outcome, audit) {
      return inTurn(() =>
        changeHeader((plan) =>
          hasEnded(plan.status)
            ? err(endedProblem(plan))
            : ok({ plan: { ...plan, revision: plan.revision + 1, outcome }, batch: { audit: [audit] } }),
        ),
      );
    },
    transition(request, snapshot) {
      return inTurn(() =>
        changeHeader((plan) => {
          const moved = transitionPlan(plan, request);
          if (!moved.ok) return moved;
          const { plan: changed, audit, event } = moved.value;
          const snapshots = snapshot ? { snapshots: [snapshot] } : {};
          return ok({ plan: changed, batch: { audit: [audit], events: [event], ...snapshots } });
        }),
      );
    },
  };
}

function withProgress(plan: Plan, progress: PlanProgress, at: number): Result<HeaderChange, Problem> {
  if (hasEnded(plan.status)) return err(endedProblem(plan));
  const events = [planProgressEvent(plan, progress, at)];
  return ok({ plan: { ...plan, revision: plan.revision + 1, progress }, batch: { events } });
}

function lostProblem(planId: string): Problem {
  return {
    code: 'LEASE_LOST',
    message: `the lease was lost while plan ${planId} executed`,
    subject: `plan/${planId}`,
  };
}

function endedProblem(plan: Plan): Problem {
  return {
    code: 'PLAN_STATUS',
    message: `plan ${plan.id} is ${plan.status}`,
    field: 'status',
    value: plan.status,
    subject: `plan/${plan.id}`,
  };
}
