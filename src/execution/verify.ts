import type { Move } from '../domain/move.ts';
import { callWithin } from './deadline-call.ts';
import { callTimeoutMs, failureOf, type MoveContext, noAnswer } from './move-context.ts';
import { describePlace, isInPlace } from './placement-check.ts';
import { firstPollMs, lastPollMs, type StepOutcome } from './step-call.ts';

/**
 * Waits until the registry shows what the transfer brought about, at its version or a later one. A registry that lags
 * is asked again until the step's deadline; one that went on to something else is believed at once.
 */
export async function verifyTransfer(context: MoveContext, move: Move): Promise<StepOutcome> {
  const { clock, registry } = context.deps;
  const { namespace } = context.plan();
  const least = context.journal(move.id).progress.resultVersion;
  const begun = clock.now();
  let pollMs = firstPollMs;
  for (;;) {
    if (context.interruption() === 'stop') return { kind: 'interrupted' };
    const ms = callTimeoutMs(context);
    const found = await callWithin(clock, ms, context.halt, (signal) =>
      registry.get(namespace, move.shard, signal),
    );
    const overdue = clock.now() - begun >= context.policy().stepTimeoutMs;
    if (found?.ok) {
      context.deps.onShardRead?.(found.value);
      const { version } = found.value;
      if (isInPlace(move, found.value) && version >= least) return { kind: 'done', version };
      if (overdue || version > least) {
        const message = `after the transfer to version ${least} the registry has ${describePlace(move, found.value)}`;
        return { kind: 'failed', failure: { code: 'MOVE_VERIFY_FAILED', message } };
      }
    } else {
      const problem = found?.error ?? noAnswer('the verification', move, ms);
      if (problem.code === 'SHARD_NOT_FOUND') {
        const message = `after the transfer shard ${move.shard} is no longer in the registry`;
        return { kind: 'failed', failure: { code: 'MOVE_VERIFY_FAILED', message } };
      }
      if (overdue) return { kind: 'unknown', failure: failureOf(problem) };
    }
    await context.pause(pollMs);
    pollMs = Math.min(lastPollMs, pollMs * 2);
  }
}
