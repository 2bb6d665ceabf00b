import type { ConnectError } from '@connectrpc/connect';
import type { Result } from '../base/result.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';
import { problemsToConnectError } from '../wire/problem-status.ts';

/** The problem as an RPC's error: the status of its code, and the problem itself among the details. */
export function rpcError(problem: Problem): ConnectError {
  return problemsToConnectError([problem]);
}

/** The value; throws the problem as an RPC's error. */
export function valueOrRpcError<T>(result: Result<T, Problem>): T {
  if (result.ok) return result.value;
  throw rpcError(result.error);
}

/** Passes a stream on, with problems that it throws as an RPC's error. */
export async function* streamOrRpcError<T>(stream: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* stream;
  } catch (thrown) {
    throw thrown instanceof ProblemError ? problemsToConnectError(thrown.problems) : thrown;
  }
}
