import { Code, ConnectError, type Interceptor } from '@connectrpc/connect';
import type { Log } from '../base/log.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';
import { problemsToConnectError } from '../wire/problem-status.ts';
import { blameForUnreadable } from './unreadable-request.ts';

/**
 * Makes a status of whatever a handler throws: problems keep their codes, statuses stay what they are, and everything
 * else is a bug, which is logged with its stack and answered with INTERNAL and none.
 */
export function createErrorInterceptor(log: Log): Interceptor {
  return (next) => async (request) => {
    const method = `${request.service.typeName}/${request.method.name}`;
    try {
      const response = await next(request);
      if (!response.stream) return response;
      return { ...response, message: guarded(response.message, log, method, request.signal) };
    } catch (thrown) {
      throw statusOf(thrown, log, method, request.signal);
    }
  };
}

async function* guarded<T>(
  messages: AsyncIterable<T>,
  log: Log,
  method: string,
  signal: AbortSignal,
): AsyncGenerator<T> {
  try {
    yield* messages;
  } catch (thrown) {
    throw statusOf(thrown, log, method, signal);
  }
}

/** What the caller is told of something thrown in its call; see `createErrorInterceptor`. */
export function statusOf(thrown: unknown, log: Log, method: string, signal: AbortSignal): ConnectError {
  if (thrown instanceof ProblemError) return problemsToConnectError(thrown.problems);
  if (thrown instanceof ConnectError) return blameForUnreadable(thrown);
  // The caller went away, or the service stops: whatever the handler was doing failed because of that.
  if (signal.aborted) {
    const { reason } = signal;
    return reason instanceof ProblemError
      ? problemsToConnectError(reason.problems)
      : ConnectError.from(reason, Code.Canceled);
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  log.error('a call failed unexpectedly', { method, error: error.message, stack: error.stack ?? '' });
  const problem: Problem = {
    code: 'INTERNAL',
    message: `${method} failed for a reason that the service did not expect`,
  };
  return problemsToConnectError([problem]);
}
