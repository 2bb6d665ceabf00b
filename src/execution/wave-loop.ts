import type { Move } from '../domain/move.ts';
import { pausePlan, resumeWhenPassed } from './auto-pause.ts';
import { runMove } from './move-runner.ts';
import { adjustGovernor, startWhatMay } from './move-starter.ts';
import { isDrift } from './placement-check.ts';
import { endingOf, idleIntervalMs, lookIntervalMs, type PlanEnding } from './plan-ending.ts';
import { type PlanRun, saveProgress } from './plan-run.ts';
import { checkWave } from './wave-check.ts';
import { measureHealth } from './wave-health.ts';

/** Runs the waves in order, each until its moves have ended, checking health in between. Never leaves a move behind. */
export async function runWaves(run: PlanRun): Promise<PlanEnding> {
  try {
    return await runInOrder(run);
  } catch (error) {
    run.crashWith(error);
    while (run.inFlight.size > 0) await run.bell.wait(lookIntervalMs);
    return { kind: 'interrupted' };
  }
}

async function runInOrder(run: PlanRun): Promise<PlanEnding> {
  for (const [index, wave] of run.board.waves.entries()) {
    if (wave.every(run.board.hasEnded)) continue;
    run.baseline = measureHealth(run.deps.world.snapshot());
    const ending = await runWave(run, wave);
    if (ending) return ending;
    const isLast = index === run.board.waves.length - 1;
    const regression = isLast ? undefined : await checkWave(run);
    if (regression && run.log.plan().status === 'executing') await pausePlan(run, regression);
  }
  return endingOf(run) ?? { kind: 'allEnded' };
}

async function runWave(run: PlanRun, wave: readonly Move[]): Promise<PlanEnding | undefined> {
  const { clock } = run.deps;
  const waiting = new Set<Move>();
  for (const move of wave) {
    if (run.board.hasEnded(move)) continue;
    // What a restart found under way is in flight already, whatever the guardrails say now.
    if (run.board.journal(move.id).last) launch(run, waiting, move, run.deps.clusterGate.enter());
    else waiting.add(move);
  }
  for (;;) {
    const ending = endingOf(run);
    if (run.inFlight.size === 0) {
      if (ending) return ending;
      if (waiting.size === 0) return undefined;
    }
    if (!ending) {
      await considerPausing(run);
      if (run.log.plan().status === 'paused') {
        run.heldSince.clear();
        await resumeWhenPassed(run, waiting);
      }
      adjustGovernor(run);
      if (run.log.plan().status === 'executing') {
        await startWhatMay(run, waiting, (move, leave) => launch(run, waiting, move, leave));
      }
    }
    await saveProgress(run, clock.now());
    await run.bell.wait(run.inFlight.size > 0 ? lookIntervalMs : idleIntervalMs);
  }
}

async function considerPausing(run: PlanRun): Promise<void> {
  const { unreachable } = run;
  if (!unreachable) return;
  run.unreachable = null;
  if (run.log.plan().status !== 'executing') return;
  await pausePlan(run, {
    ...unreachable,
    remedy: 'Restore the fleet; the plan goes on by itself when it answers.',
  });
}

/** Sets a move running; what becomes of it rings the bell. */
function launch(run: PlanRun, waiting: Set<Move>, move: Move, leave: () => void): void {
  waiting.delete(move);
  run.heldSince.delete(move.id);
  run.inFlight.set(move.id, { move, leave });
  run.views.begin(move);
  runToEnd(run, waiting, move)
    .catch((error: unknown) => run.crashWith(error))
    .finally(() => {
      leave();
      run.inFlight.delete(move.id);
      run.bell.ring();
    });
}

async function runToEnd(run: PlanRun, waiting: Set<Move>, move: Move): Promise<void> {
  const expected = run.board.expectedVersion(move);
  // A move under way has its version in the journal.
  const version = expected.kind === 'version' ? expected.version : move.expectedVersion;
  const result = await runMove(run.moves, move, version);
  if (result.kind === 'notStarted') {
    run.views.abandon(move);
    run.unreachable = result.failure;
    waiting.add(move);
    return;
  }
  const { state, resultVersion, failure } = run.board.journal(move.id).progress;
  if (state === 'done' || state === 'skipped') run.views.complete(move, resultVersion);
  else run.views.abandon(move);
  if (state === 'failed' && isDrift(failure)) run.drift ??= failure;
}
