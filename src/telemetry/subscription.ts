import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';
import { createBackoff } from './backoff.ts';
import type { TelemetrySource } from './counters.ts';
import type { FleetTelemetry } from './fleet-telemetry.ts';

/** A source's connection was lost, or is back. Told once per change, not per attempt. */
export interface SourceTransition {
  readonly source: TelemetrySource;
  readonly kind: 'degraded' | 'recovered';
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Why, when degraded. */
  readonly problem?: Problem;
}

export interface SubscriptionContext {
  readonly telemetry: FleetTelemetry;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly onTransition: (transition: SourceTransition) => void;
}

/** The first wait after a connection was lost, and the longest. */
export const firstBackoffMs = 250;
export const maxBackoffMs = 30_000;

/**
 * Keeps one source subscribed until the signal aborts: `session` subscribes, calls `alive` once the source has shown
 * that it is there, and returns or throws when the subscription ends; then it is called again after a back-off. Never
 * rejects.
 */
export async function keepSubscribed(
  source: TelemetrySource,
  context: SubscriptionContext,
  session: (alive: () => void) => Promise<void>,
): Promise<void> {
  const { telemetry, clock, random, signal, log, onTransition } = context;
  const backoff = createBackoff(random.fork(`backoff of ${source}`), firstBackoffMs, maxBackoffMs);
  let state: 'new' | 'connected' | 'degraded' = 'new';

  function alive(): void {
    if (state === 'connected' || signal.aborted) return;
    const isBack = state === 'degraded';
    state = 'connected';
    backoff.reset();
    telemetry.setConnected(source);
    if (!isBack) return;
    log.info('telemetry source recovered', { source, namespace: telemetry.namespace });
    onTransition({ source, kind: 'recovered', at: clock.now() });
  }

  function lost(problem: Problem): void {
    telemetry.setDegraded(source, problem);
    if (state === 'degraded') return;
    state = 'degraded';
    const { code, message } = problem;
    log.warn('telemetry source degraded', { source, namespace: telemetry.namespace, code, message });
    onTransition({ source, kind: 'degraded', at: clock.now(), problem });
  }

  while (!signal.aborted) {
    try {
      await session(alive);
      if (!signal.aborted) lost({ code: 'FLEET_UNREACHABLE', message: `the stream of ${source} ended` });
    } catch (error) {
      if (!signal.aborted) lost(problemOf(error, source));
    }
    if (!signal.aborted) await clock.sleep(backoff.next(), signal);
  }
}

function problemOf(error: unknown, source: TelemetrySource): Problem {
  if (error instanceof ProblemError) return error.problems[0];
  const reason = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', message: `the source of ${source} broke: ${reason}` };
}
