import type { MessageInitShape } from '@bufbuild/protobuf';
import type { MeshEvent } from '../domain/event.ts';
import { ProblemError } from '../domain/problem.ts';
import type {
  WatchPlansRequest,
  WatchPlansResponseSchema,
} from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { eventToMessage } from '../wire/event-codec.ts';
import { compact, wholeFromMessage, wholeToMessage } from '../wire/scalars.ts';
import type { ApiDeps } from './api-deps.ts';

/** So often a quiet watch says that it lives: below the idle limits of common proxies (30 s and more). */
const heartbeatMs = 10_000;

type WatchMessage = MessageInitShape<typeof WatchPlansResponseSchema>;

/**
 * First the position at which the watch begins, then every event after it, and a heartbeat whenever nothing happened
 * for `heartbeatMs`. Throws `ProblemError` RESUME_TOKEN_INVALID, WATCHER_TOO_SLOW, SERVICE_STOPPING when the feed ends
 * on its own, and the signal's reason when it aborts.
 */
export async function* watchPlans(
  deps: Pick<ApiDeps, 'rebalancer' | 'clock'>,
  request: WatchPlansRequest,
  callSignal: AbortSignal,
): AsyncGenerator<WatchMessage> {
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
  try {
    // Subscribed before the position is told: nothing that happens after the caller knows it is missed.
    let next = settled(feed.next());
    yield { resumeToken: wholeToMessage(position) };
    while (!signal.aborted) {
      const outcome = await firstOf(deps.clock, next, signal);
      if (outcome === 'quiet') {
        if (!signal.aborted) yield { resumeToken: wholeToMessage(position) };
        continue;
      }
      if (outcome.kind === 'thrown') throw outcome.error;
      if (outcome.result.done) break;
      position = outcome.result.value.sequence;
      next = settled(feed.next());
      yield { event: eventToMessage(outcome.result.value), resumeToken: wholeToMessage(position) };
    }
    // Why: the caller left, its deadline passed, or the service stops, which it should be told.
    if (callSignal.aborted) throw callSignal.reason;
    throw new ProblemError({ code: 'SERVICE_STOPPING', message: 'the service is shutting down' });
  } finally {
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

/** The next outcome of the feed, or `quiet` when none comes within `heartbeatMs` or the signal aborts. */
async function firstOf(
  clock: ApiDeps['clock'],
  next: Promise<Outcome>,
  signal: AbortSignal,
): Promise<Outcome | 'quiet'> {
  const waited = new AbortController();
  const quiet = clock.sleep(heartbeatMs, AbortSignal.any([signal, waited.signal]));
  try {
    return await Promise.race([next, quiet.then((): 'quiet' => 'quiet')]);
  } finally {
    waited.abort();
  }
}
