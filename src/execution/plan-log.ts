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
import { createFencedWriter } from './fenced-writer.ts';

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

interface ChangedHeader {
  readonly plan: Plan;
  readonly batch: Omit<CommitBatch, 'fence' | 'plans'>;
}

/** Made of the header as it is when its turn comes, and again after somebody else wrote it. */
type HeaderChange = (plan: Plan) => Result<ChangedHeader, Problem>;

export function createPlanLog(
  deps: Pick<ExecutionDeps, 'store' | 'fence' | 'log'>,
  initial: Plan,
  onLost: () => void,
): PlanLog {
  const writer = createFencedWriter(deps, initial.id, onLost);
  let header = initial;
  let tail: Promise<unknown> = Promise.resolve();

  async function write(batch: CommitBatch): Promise<boolean> {
    const written = await writer.commit(batch);
    if (!written.ok && !writer.lost()) throw new Error(`${written.error.code}: ${written.error.message}`);
    return written.ok;
  }

  async function reload(): Promise<Plan> {
    header = (await deps.store.plan(header.id)) ?? header;
    return header;
  }

  /** One change of the header at a time, each upon the outcome of the one before. */
  function inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = tail.then(action);
    tail = turn.catch(() => {});
    return turn;
  }

  async function changeNow(change: HeaderChange): Promise<Result<Plan, Problem>> {
    for (let rebase = 0; ; rebase++) {
      const changed = change(header);
      if (!changed.ok) return changed;
      const { plan, batch } = changed.value;
      const written = await writer.commit({ ...batch, plans: [plan] });
      if (written.ok) {
        header = plan;
        return ok(plan);
      }
      if (written.error.code !== 'REVISION_CONFLICT' || rebase === maxRebases) return err(written.error);
      await reload();
    }
  }

  const changeHeader = (change: HeaderChange) => inTurn(() => changeNow(change));

  return {
    plan: () => header,
    lost: writer.lost,
    markLost: writer.markLost,
    reload: () => inTurn(reload),
    append: (entries, effects) => write({ journal: entries, ...effects }),
    emit: (events) => write({ events }),
    async saveProgress(progress, at) {
      const saved = await changeHeader((plan) => withProgress(plan, progress, at));
      // PLAN_STATUS: somebody ended the plan meanwhile, and its progress stays as it was then.
      if (!saved.ok && saved.error.code !== 'PLAN_STATUS' && !writer.lost()) {
        throw new Error(`${saved.error.code}: ${saved.error.message}`);
      }
      return saved.ok;
    },
    amend: (outcome, audit) => changeHeader((plan) => withOutcome(plan, outcome, audit)),
    transition: (request, snapshot) => changeHeader((plan) => withTransition(plan, request, snapshot)),
  };
}

function withTransition(
  plan: Plan,
  request: TransitionRequest,
  snapshot: Snapshot | undefined,
): Result<ChangedHeader, Problem> {
  const moved = transitionPlan(plan, request);
  if (!moved.ok) return moved;
  const { plan: changed, audit, event } = moved.value;
  const snapshots = snapshot ? { snapshots: [snapshot] } : {};
  return ok({ plan: changed, batch: { audit: [audit], events: [event], ...snapshots } });
}

function withOutcome(plan: Plan, outcome: PlanOutcome, audit: AuditDraft): Result<ChangedHeader, Problem> {
  if (hasEnded(plan.status)) return err(endedProblem(plan));
  return ok({ plan: { ...plan, revision: plan.revision + 1, outcome }, batch: { audit: [audit] } });
}

function withProgress(plan: Plan, progress: PlanProgress, at: number): Result<ChangedHeader, Problem> {
  if (hasEnded(plan.status)) return err(endedProblem(plan));
  const events = [planProgressEvent(plan, progress, at)];
  return ok({ plan: { ...plan, revision: plan.revision + 1, progress }, batch: { events } });
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
