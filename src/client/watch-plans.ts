import type { Client } from '@connectrpc/connect';
import type { Clock } from '../base/clock.ts';
import type { Event } from '../gen/meshkit/rebalancer/v1/event_pb.ts';
import type { RebalancePlanService } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { watchSilenceMs } from '../wire/watch-heartbeat.ts';
import { clientErrorOf, MeshClientError } from './client-error.ts';
import { unlessSilent } from './unless-silent.ts';

export interface WatchOptions {
  readonly client: { readonly plans: Client<typeof RebalancePlanService> };
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
 * Events in order, each once, across lost connections; one that is silent for `watchSilenceMs` is lost. Ends when the signal aborts.
 *
 * @throws MeshClientError when the service refuses, or does not answer `maxAttempts` times in a row
 */
export async function* watchPlans(options: WatchOptions): AsyncGenerator<Event, void> {
  const { client, address, clock, signal, namespace = '', planId = '' } = options;
  let resumeToken = options.resumeToken;
  let failures = 0;
  let started = false;
  while (!signal.aborted) {
    let lost = endedEarly(address);
    let admitted = false;
    const request = { resumeToken, namespace, planId };
    try {
      const messages = unlessSilent(
        (either) => client.plans.watchPlans(request, { signal: either, timeoutMs: 0 }),
        { address, clock, silenceMs: watchSilenceMs, signal },
      );
      for await (const message of messages) {
        failures = 0;
        admitted = true;
        resumeToken = message.resumeToken;
        if (!started) options.onStart?.(resumeToken);
        started = true;
        if (message.event) yield message.event;
      }
    } catch (thrown) {
      lost = clientErrorOf(thrown, address);
    }
    if (signal.aborted) return;
    failures += 1;
    if (!isPassing(lost, admitted) || failures >= maxAttempts) throw lost;
    const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - 1));
    options.onReconnect?.(waitMs);
    await clock.sleep(waitMs, signal);
  }
}

/**
 * Whether the watch can go on where it was: the connection was lost, the service restarts, we were too slow, or the token
 * with which it was admitted has ended meanwhile.
 */
function isPassing(error: MeshClientError, admitted: boolean): boolean {
  const [{ code }] = error.problems;
  if (code === 'UNAUTHENTICATED') return admitted;
  return error.unreachable || code === 'SERVICE_STOPPING' || code === 'WATCHER_TOO_SLOW';
}

/** A watch has no end of its own: one that ends without an error was cut by something in between. */
function endedEarly(address: string): MeshClientError {
  const message = `the rebalancer at ${address} ended the watch`;
  return new MeshClientError([{ code: 'SERVICE_UNREACHABLE', message, subject: address }], true);
}
