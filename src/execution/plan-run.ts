import type { JournalEntry } from '../domain/journal-entry.ts';
import type { Move, MoveFailure } from '../domain/move.ts';
import type { Plan, PlanContent, PlanOutcome } from '../domain/plan.ts';
import type { CommandContext } from '../domain/principal.ts';
import type { VerdictDecision } from '../domain/verdict.ts';
import { type Bell, createBell } from './bell.ts';
import { type Board, createBoard } from './board.ts';
import type { ExecutionDeps } from './execution-deps.ts';
import { allowedMoves, type GovernorState, initialGovernor } from './governor.ts';
import type { MoveContext } from './move-context.ts';
import { isDrift } from './placement-check.ts';
import { createPlanLog, type PlanLog } from './plan-log.ts';
import { createMoveContext, createRunSwitches } from './run-context.ts';
import { createVerdictNotices, type VerdictNotices } from './verdict-notices.ts';
import { type CompletedMove, createViewKeeper, type ViewKeeper } from './view-keeper.ts';
import type { FleetHealth } from './wave-health.ts';

/** Who asked for a plan to be cancelled, and what becomes of the moves in flight. */
export interface CancelRequest {
  readonly inFlight: 'finish' | 'abort';
  readonly context: CommandContext;
}

/** A plan while it executes: its journal, its moves in flight, and what was asked of it meanwhile. */
export interface PlanRun {
  readonly deps: ExecutionDeps;
  readonly content: PlanContent;
  readonly log: PlanLog;
  readonly board: Board;
  readonly views: ViewKeeper;
  readonly notices: VerdictNotices;
  /** Rings when a move ended or somebody asked for something. */
  readonly bell: Bell;
  readonly moves: MoveContext;
  /** Moves that run, by id, each with how to give its place in the cluster back. */
  readonly inFlight: Map<string, MoveInFlight>;
  governor: GovernorState;
  /** Health when the wave began. */
  baseline: FleetHealth;
  cancel: CancelRequest | null;
  /** Why the controller wants the plan to make way for another one. */
  outranked: PlanOutcome | null;
  /** First difference between the plan's world and the real one that a move met. */
  drift: MoveFailure | null;
  /** Why a move could not be begun, until the plan paused for it. */
  unreachable: MoveFailure | null;
  /** A bug or a broken store: everything stops and `execute` throws it. */
  crash: { readonly error: unknown } | null;
  /** Since when a guardrail holds a move back without a break, and how, by move id. */
  readonly heldSince: Map<string, HeldMove>;
  /** When the plan last paused by itself, or was last looked at for going on. */
  pausedAt: number;
  /** When the progress was last written, and whether something changed since. */
  savedAt: number;
  unsaved: boolean;
  /** Stops without further calls or writes (lease lost) or after the calls that are out (service stops, crash). */
  stopping(): boolean;
  askToCancel(request: CancelRequest): void;
  crashWith(error: unknown): void;
}

export interface HeldMove {
  readonly decision: VerdictDecision;
  readonly since: number;
}

export interface MoveInFlight {
  readonly move: Move;
  readonly leave: () => void;
}

/** @param signal stops the execution where it is; the plan stays executing */
export function createPlanRun(
  deps: ExecutionDeps,
  plan: Plan,
  content: PlanContent,
  entries: readonly JournalEntry[],
  signal: AbortSignal,
): PlanRun {
  const switches = createRunSwitches(signal);
  const board = createBoard(content, entries);
  const bell = createBell(deps.clock);
  const log = createPlanLog(deps, plan, () => {
    switches.halt();
    bell.ring();
  });
  signal.addEventListener('abort', bell.ring, { once: true });
  const { snapshot, policy } = deps.world;
  const drifted = content.moves.find((move) => isDriftEnd(board, move));

  const run: PlanRun = {
    deps,
    content,
    log,
    board,
    views: createViewKeeper(snapshot, policy, completedMoves(content, board)),
    notices: createVerdictNotices(),
    bell,
    moves: createMoveContext(deps, log, board, switches, () => {
      run.unsaved = true;
    }),
    inFlight: new Map(),
    governor: initialGovernor(policy().concurrency.namespace, deps.clock.now()),
    baseline: { latency: undefined, errorRate: undefined },
    cancel: null,
    outranked: null,
    drift: drifted ? board.journal(drifted.id).progress.failure : null,
    unreachable: null,
    crash: null,
    heldSince: new Map(),
    pausedAt: 0,
    savedAt: 0,
    unsaved: false,
    stopping: () => switches.stopped.aborted,
    askToCancel(request) {
      run.cancel = request;
      if (request.inFlight === 'abort') switches.abortMoves();
      bell.ring();
    },
    crashWith(error) {
      run.crash ??= { error };
      switches.stop();
      bell.ring();
    },
  };
  return run;
}

function completedMoves(content: PlanContent, board: Board): CompletedMove[] {
  return content.moves.flatMap((move) => {
    const { state, resultVersion } = board.journal(move.id).progress;
    return state === 'done' && board.hasEnded(move) ? [{ move, version: resultVersion }] : [];
  });
}

/** Between two writes of the progress into the plan's header, milliseconds: watchers read, they do not count frames. */
export const progressIntervalMs = 500;

/** Writes the progress when something changed and the last time is long enough ago, or when told to. */
export async function saveProgress(run: PlanRun, now: number, always = false): Promise<void> {
  if (!run.unsaved || run.log.lost()) return;
  if (!always && now - run.savedAt < progressIntervalMs) return;
  run.unsaved = false;
  run.savedAt = now;
  const assumed = run.deps.world.policy().execution.assumedBytesPerSecond;
  await run.log.saveProgress(run.board.progress(allowedMoves(run.governor), assumed), now);
}

function isDriftEnd(board: Board, move: Move): boolean {
  const { progress, last } = board.journal(move.id);
  return last?.kind === 'ended' && progress.state === 'failed' && isDrift(progress.failure);
}
