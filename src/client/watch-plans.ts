import type { Clock } from '../base/clock.ts';
import type { Event } from '../gen/meshkit/rebalancer/v1/event_pb.ts';
import { clientErrorOf } from './client-error.ts';
import type { MeshClient } from './mesh-client.ts';

export interface WatchOptions {
  readonly client: MeshClient;
  /** For error messages. */
  readonly address: string;
  readonly clock: Clock;
  /** Empty for all. */
  readonly namespace?: string;
  readonly planId?: string;
  /** Events after this position; absent: from now on. */
  readonly resumeToken?: bigint;
  readonly signal: AbortSignal;
  /** Called when the connection was lost and the watch will resume, with the wait before it does. */
  readonly onReconnect?: (waitMs: number) => void;
  /** Called once with the position from which the watch begins. */
  readonly onStart?: (position: bigint) => void;
}

/** First and longest wait before a watch that lost its connection resumes, and how often in a row it tries. */
const firstWaitMs = 250;
const longestWaitMs = 10_000;
const maxAttempts = 30;

/**
 * Events in order, each once, across lost connections. Ends when the signal aborts.
 *
 * @throws MeshClientError when the service refuses, or does not answer `maxAttempts` times in a row
 */
export async function* watchPlans(options: WatchOptions): AsyncGenerator<Event, void> {
  let position = options.resumeToken;
  let failures = 0;
  let started = false;
  while (!options.signal.aborted) {
    try {
      const stream = options.client.plans.watchPlans(
        { resumeToken: position, namespace: options.namespace ?? '', planId: options.planId ?? '' },
        { signal: options.signal, timeoutMs: 0 },
      );
      for await (const message of stream) {
        failures = 0;
        position = message.resumeToken;
        if (!started) options.onStart?.(position);
        started = true;
        if (message.event) yield message.event;
      }
    } catch (thrown) {
      if (options.signal.aborted) return;
      const error = clientErrorOf(thrown, options.address);
      const cutOff = error.problems[0].code === 'WATCHER_TOO_SLOW';
      const passing = error.unreachable || error.problems[0].code === 'SERVICE_STOPPING' || cutOff;
      failures += 1;
      if (!passing || failures >= maxAttempts) throw error;
    }
    if (options.signal.aborted) return;
    const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.max(0, failures - 1));
    options.onReconnect?.(waitMs);
    await options.clock.sleep(waitMs, options.signal);
  }
}
