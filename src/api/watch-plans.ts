import { create } from '@bufbuild/protobuf';
import type { MeshEvent } from '../domain/event.ts';
import { ProblemError } from '../domain/problem.ts';
import {
  type WatchPlansRequest,
  type WatchPlansResponse,
  WatchPlansResponseSchema,
} from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { eventToMessage } from '../wire/event-codec.ts';
import { compact, wholeFromMessage, wholeToMessage } from '../wire/scalars.ts';
import { watchHeartbeatMs } from '../wire/watch-heartbeat.ts';
import type { ApiDeps } from './api-deps.ts';

/** The message that tells of an event: the same one to all who watch. */
export function createWatchMessages(): (event: MeshEvent) => WatchPlansResponse {
  const made = new WeakMap<MeshEvent, WatchPlansResponse>();
  return (event) => {
    const message = made.get(event) ?? messageOf(event.sequence, event);
    made.set(event, message);
    return message;
  };
}

function messageOf(position: number, event?: MeshEvent): WatchPlansResponse {
  const resumeToken = wholeToMessage(position);
  return create(
    WatchPlansResponseSchema,
    event ? { event: eventToMessage(event), resumeToken } : { resumeToken },
  );
}

/**
 * First the position at which the watch begins, then every event after it, and a heartbeat whenever nothing happened
 * for `watchHeartbeatMs`. Throws `ProblemError` RESUME_TOKEN_INVALID, WATCHER_TOO_SLOW, SERVICE_STOPPING when the feed ends
 * on its own, and the signal's reason when it aborts.
 */
export async function* watchPlans(
  deps: Pick<ApiDeps, 'rebalancer' | 'clock'>,
  request: WatchPlansRequest,
  watchMessage: (event: MeshEvent) => WatchPlansResponse,
  callSignal: AbortSignal,
): AsyncGenerator<WatchPlansResponse, void, void> {
  const { events } = deps.rebalancer;
  const ended = new AbortController();
  const signal = AbortSignal.any([callSignal, ended.signal]);
  let position =
    request.resumeToken === undefined ? await events.head() : wholeFromMessage(request.resumeToken);
  // Said before anything is answered: a browser takes a refusal for one, but a stream that ends for a lost connection.
  if (request.resumeToken !== undefined) await events.requireRetained(position);
  const query = compact({
    after: position,
    namespace: request.namespace || undefined,
    subject: request.planId ? `plan/${request.planId}` : undefined,
  });
  const feed = events.watch(query, signal)[Symbol.asyncIterator]();
  const heartbeat = createHeartbeat(deps.clock);
  try {
    // Subscribed before the position is told: nothing that happens after the caller knows it is missed.
    let next = settled(feed.next());
    yield messageOf(position);
    while (!signal.aborted) {
      const outcome = await heartbeat.orQuiet(next);
      if (outcome === 'quiet') {
        if (!signal.aborted) yield messageOf(position);
        continue;
      }
      if (outcome.kind === 'thrown') throw outcome.error;
      if (outcome.result.done) break;
      const event = outcome.result.value;
      position = event.sequence;
      next = settled(feed.next());
      yield watchMessage(event);
    }
    // Why: the caller left, its deadline passed, or the service stops, which it should be told.
    if (callSignal.aborted) throw callSignal.reason;
    throw new ProblemError({ code: 'SERVICE_STOPPING', message: 'the service is shutting down' });
  } finally {
    heartbeat.stop();
    ended.abort();
  }
}

type Outcome =
  | { readonly kind: 'next'; readonly result: IteratorResult<MeshEvent> }
  | { readonly kind: 'thrown'; readonly error: unknown };

/** A failure is kept until somebody looks at it, so that one that comes during a `yield` is not an unhandled one. */
function settled(next: Promise<IteratorResult<MeshEvent>>): Promise<Outcome> {
  return next.then(
    (result) => ({ kind: 'next', result }),
    (error: unknown) => ({ kind: 'thrown', error }),
  );
}

interface Heartbeat {
  /** What comes next of the feed, or `quiet` when nothing came for `watchHeartbeatMs`; then the same is asked for again. */
  orQuiet(next: Promise<Outcome>): Promise<Outcome | 'quiet'>;
  stop(): void;
}

/**
 * One timer a watch, which looks when it rings how long it has been quiet, instead of one for each event: thousands watch, and of
 * each event every one of them is told.
 */
function createHeartbeat(clock: ApiDeps['clock']): Heartbeat {
  let quietSince = clock.monotonic();
  let waited: Promise<Outcome> | undefined;
  /** Of `waited`, when it came while nobody asked. */
  let arrived: Outcome | undefined;
  let resolve: ((outcome: Outcome | 'quiet') => void) | undefined;
  let unschedule = clock.schedule(watchHeartbeatMs, ring);

  function ring(): void {
    const leftMs = quietSince + watchHeartbeatMs - clock.monotonic();
    unschedule = clock.schedule(leftMs > 0 ? leftMs : watchHeartbeatMs, ring);
    if (leftMs <= 0) tell('quiet');
  }
  /** False while nobody asks: a reader that is slow gets what happened and no signs of life. */
  function tell(outcome: Outcome | 'quiet'): boolean {
    if (!resolve) return false;
    quietSince = clock.monotonic();
    resolve(outcome);
    resolve = undefined;
    return true;
  }
  return {
    orQuiet(next) {
      const outcome = new Promise<Outcome | 'quiet'>((done) => {
        resolve = done;
      });
      if (waited !== next) {
        waited = next;
        arrived = undefined;
        next.then((came) => {
          if (!tell(came)) arrived = came;
        });
      } else if (arrived) tell(arrived);
      return outcome;
    },
    stop: () => unschedule(),
  };
}
