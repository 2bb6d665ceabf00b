import type { Board } from './board.ts';
import type { ExecutionDeps } from './execution-deps.ts';
import type { Interruption, MoveContext } from './move-context.ts';
import type { PlanLog } from './plan-log.ts';
import { journalEntry } from './steps.ts';

/** What can be asked of a running plan from outside its moves, each once and for good. */
export interface RunSwitches {
  /** The lease is lost: no further call, and what calls answer does not matter. */
  halt(): void;
  /** Moves stop after the calls that are out. */
  stop(): void;
  /** Moves that have not transferred are undone. */
  abortMoves(): void;
  readonly halted: AbortSignal;
  /** Also when the service stops. */
  readonly stopped: AbortSignal;
  readonly aborting: AbortSignal;
}

export function createRunSwitches(signal: AbortSignal): RunSwitches {
  const halt = new AbortController();
  const stop = new AbortController();
  const abort = new AbortController();
  return {
    halt: () => halt.abort(),
    stop: () => stop.abort(),
    abortMoves: () => abort.abort(),
    halted: halt.signal,
    stopped: AbortSignal.any([signal, halt.signal, stop.signal]),
    aborting: abort.signal,
  };
}

/** What the moves of a plan see of its execution. @param onChange told when there is progress to report */
export function createMoveContext(
  deps: ExecutionDeps,
  log: PlanLog,
  board: Board,
  { halted, stopped, aborting }: RunSwitches,
  onChange: () => void,
): MoveContext {
  const interrupted = AbortSignal.any([stopped, aborting]);

  function interruption(): Interruption {
    if (stopped.aborted) return 'stop';
    return aborting.aborted ? 'abort' : 'none';
  }

  return {
    deps,
    plan: log.plan,
    policy: () => deps.world.policy().execution,
    interruption,
    // An abort ends the wait that it meets; the waits after it last as long as any.
    pause: (ms) => deps.clock.sleep(Math.ceil(ms), aborting.aborted ? stopped : interrupted),
    halt: halted,
    markLost: log.markLost,
    journal: board.journal,
    async record(move, fields, effects) {
      const at = deps.clock.now();
      const { token } = deps.fence();
      const entries = fields.map((each) => journalEntry(log.plan().id, move, at, token, each));
      if (!(await log.append(entries, effects))) return false;
      for (const entry of entries) board.fold(entry);
      onChange();
      return true;
    },
    onBytes(moveId, bytes) {
      board.copied(moveId, bytes);
      onChange();
    },
  };
}
