import { Code, ConnectError } from '@connectrpc/connect';
import type {
  UniversalHandlerFn,
  UniversalServerRequest,
  UniversalServerResponse,
} from '@connectrpc/connect/protocol';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';
import type { ListenerLimits } from './listener-limits.ts';
import { problemResponse } from './problem-response.ts';

export interface CallLimitsOptions {
  readonly limits: ListenerLimits;
  readonly clock: Clock;
  readonly log: Log;
}

/** After a call's time is over its signal aborts; what still does not answer is answered for. */
const abortGraceMs = 1_000;

/**
 * Bounds what a call may send and take, whatever version of HTTP it comes by, and never rejects: what a handler throws
 * becomes a 500. A body that is too large or too slow fails where the handler reads it, with a `ConnectError` whose cause is
 * a `ProblemError` REQUEST_TOO_LARGE or REQUEST_TIMED_OUT.
 */
export function limitCalls(handler: UniversalHandlerFn, options: CallLimitsOptions): UniversalHandlerFn {
  const answer = async (request: UniversalServerRequest): Promise<UniversalServerResponse> => {
    try {
      return await handler(request);
    } catch (error) {
      return failed(error, options.log);
    }
  };
  return async (request) => {
    if (isStream(request.header)) return await answer(request);
    const { maxRequestBytes } = options.limits;
    if (Number(request.header.get('content-length') ?? 0) > maxRequestBytes)
      return problemResponse(tooLarge(maxRequestBytes));
    return await answerInTime(answer, request, options);
  };
}

/** gRPC and Connect's streams, whose messages are bounded one by one, and server-sent events, which last. */
function isStream(header: Headers): boolean {
  const type = header.get('content-type') ?? '';
  return (
    type.startsWith('application/grpc') ||
    type.startsWith('application/connect+') ||
    (header.get('accept') ?? '').includes('text/event-stream')
  );
}

async function answerInTime(
  answer: UniversalHandlerFn,
  request: UniversalServerRequest,
  { limits, clock }: CallLimitsOptions,
): Promise<UniversalServerResponse> {
  const late = new AbortController();
  const problem: Problem = {
    code: 'CALL_TIMEOUT',
    message: `the call took longer than ${limits.callTimeoutMs} ms`,
    limit: limits.callTimeoutMs,
  };
  const given = Promise.withResolvers<UniversalServerResponse>();
  let stop = clock.schedule(limits.callTimeoutMs, () => {
    late.abort(asConnectError(problem, Code.DeadlineExceeded));
    stop = clock.schedule(abortGraceMs, () => given.resolve(problemResponse(problem)));
  });
  const body = isBytes(request.body) ? limitBody(request.body, limits, clock) : request.body;
  const signal = AbortSignal.any([request.signal, late.signal]);
  answer({ ...request, body, signal }).then(given.resolve, given.reject);
  const response = await given.promise;
  // An answer that lasts need not have been asked for by its type: a shell asks for the address alone.
  if (!response.body || response.header?.get('content-type') === 'text/event-stream') {
    stop();
    return response;
  }
  return {
    ...response,
    body: ending(response.body, () => stop()),
    get trailer() {
      return response.trailer;
    },
  };
}

async function* ending(body: AsyncIterable<Uint8Array>, ended: () => void): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } finally {
    ended();
  }
}

async function* limitBody(
  body: AsyncIterable<Uint8Array>,
  limits: ListenerLimits,
  clock: Clock,
): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => {});
  const stop = clock.schedule(limits.requestTimeoutMs, () =>
    late.reject(asConnectError(tooSlow(limits.requestTimeoutMs), Code.DeadlineExceeded)),
  );
  let bytes = 0;
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), late.promise]);
      if (next.done) return;
      bytes += next.value.length;
      if (bytes > limits.maxRequestBytes)
        throw asConnectError(tooLarge(limits.maxRequestBytes), Code.ResourceExhausted);
      yield next.value;
    }
  } finally {
    stop();
  }
}

function isBytes(body: UniversalServerRequest['body']): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

function failed(error: unknown, log: Log): UniversalServerResponse {
  log.error('a handler failed', {
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return problemResponse({ code: 'INTERNAL', message: 'the service did not expect what happened' });
}

function tooLarge(limit: number): Problem {
  return { code: 'REQUEST_TOO_LARGE', message: `the body is longer than ${limit} bytes`, limit };
}

function tooSlow(limit: number): Problem {
  return { code: 'REQUEST_TIMED_OUT', message: `the body did not arrive within ${limit} ms`, limit };
}

function asConnectError(problem: Problem, code: Code): ConnectError {
  return new ConnectError(problem.message, code, undefined, undefined, new ProblemError(problem));
}
