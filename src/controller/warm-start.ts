import type { Move, MoveState } from '../domain/move.ts';
import type { Plan } from '../domain/plan.ts';
import type { PlanStatus } from '../domain/plan-status.ts';
import type { RequestedMove } from '../domain/planning.ts';
import { foldJournal } from '../execution/journal.ts';
import type { Store } from '../ports/store.ts';
import type { PlanView } from './rebalancer.ts';

/** What a search begins with: the moves that an earlier plan of the namespace did not get to. */
export interface WarmStart {
  /** That plan. */
  readonly planId: string;
  readonly moves: readonly RequestedMove[];
}

/**
 * Plans that ended, or wait, without anybody having said no to what they do. Not among them: `rejected` and `cancelled`, where
 * a person did not want the plan and gets one that is searched afresh; `completed`, which left nothing; `rollingBack` and
 * `rolledBack`, whose effect was not wanted; `executing` and `paused`, whose moves are still to be made. A plan that waits
 * warms dry runs alone: they then show what would take its place.
 */
const warming: ReadonlySet<PlanStatus> = new Set([
  'pendingApproval',
  'approved',
  'superseded',
  'expired',
  'failed',
]);

/** Loads have the rhythm of a day: what a plan older than that had in mind says little about the fleet of now. */
export const maxWarmStartAgeMs = 86_400_000;

/** Newest first; dry runs that expired lie between the plans that count, and as many as are kept are looked past. */
const plansLookedAt = 200;

/** What the next plan of a namespace begins with; undefined when its last plan leaves nothing to suggest. */
export async function nextWarmStart(
  store: Store,
  cluster: string,
  namespace: string,
  now: number,
): Promise<WarmStart | undefined> {
  const page = await store.plans({ cluster, namespace, pageSize: plansLookedAt });
  const last = page.ok ? page.value.items.find((plan) => !isDryRun(plan)) : undefined;
  if (!last || !warming.has(last.status) || isGiven(last)) return undefined;
  if (last.endedAt > 0 && last.endedAt < now - maxWarmStartAgeMs) return undefined;
  const moves = await movesNotMade(store, last, now);
  return moves.length > 0 ? { planId: last.id, moves } : undefined;
}

/** What a stored plan began with; no moves when it began cold, or when the store has forgotten the plan that warmed it. */
export async function warmStartOf(store: Store, plan: Plan): Promise<readonly RequestedMove[]> {
  const earlier = plan.warmStartedFrom ? await store.plan(plan.warmStartedFrom) : undefined;
  return earlier ? movesNotMade(store, earlier, plan.createdAt) : [];
}

/** What a plan that somebody has at hand would begin another with, whatever became of it. */
export function warmStartFrom({ plan, moves, progress }: PlanView): WarmStart {
  return { planId: plan.id, moves: unmade(moves, progress) };
}

/** A dry run waits for nobody, so that it expires without an outcome. */
function isDryRun(plan: Plan): boolean {
  return plan.status === 'draft' || (plan.status === 'expired' && plan.outcome === null);
}

/** Its moves were given, not searched for: nothing to go on with. */
function isGiven({ kind }: Plan): boolean {
  return kind === 'manual' || kind === 'rollback';
}

/** A move that failed, or of which nobody knows, is not suggested again. */
const notMade: ReadonlySet<MoveState> = new Set(['pending', 'skipped', 'aborted']);

/**
 * The moves that a plan had not made at a time when it did not run: all of them before it started, what it left after it
 * ended. So the answer stays the same whatever becomes of the plan later. Legs over a third node are left out: whether one
 * is needed is for the new plan to see.
 */
async function movesNotMade(store: Store, plan: Plan, at: number): Promise<RequestedMove[]> {
  const content = await store.planContent(plan.digest);
  if (!content) return [];
  const started = plan.startedAt > 0 && plan.startedAt <= at;
  return unmade(content.moves, foldJournal(content.moves, started ? await store.journal(plan.id) : []));
}

function unmade(moves: readonly Move[], progress: PlanView['progress']): RequestedMove[] {
  return moves
    .filter((move, place) => {
      const isLeg = move.reasons.some((reason) => reason.code === 'stagedForCapacity');
      return !isLeg && notMade.has(progress[place].state);
    })
    .map(({ kind, shard, replica, successor, destination }) => ({
      kind,
      shard,
      replica,
      successor,
      destination,
    }));
}
