import { Code, ConnectError } from '@connectrpc/connect';
import type { Result } from '../base/result.ts';
import { errorCodes, type GrpcStatus } from '../domain/error-codes.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';
import { ProblemDetailSchema } from '../gen/meshkit/rebalancer/v1/problem_pb.ts';
import { problemToMessage } from '../wire/problem-codec.ts';

const codes: Readonly<Record<GrpcStatus, Code>> = {
  INVALID_ARGUMENT: Code.InvalidArgument,
  NOT_FOUND: Code.NotFound,
  ALREADY_EXISTS: Code.AlreadyExists,
  FAILED_PRECONDITION: Code.FailedPrecondition,
  ABORTED: Code.Aborted,
  PERMISSION_DENIED: Code.PermissionDenied,
  UNAUTHENTICATED: Code.Unauthenticated,
  RESOURCE_EXHAUSTED: Code.ResourceExhausted,
  OUT_OF_RANGE: Code.OutOfRange,
  UNAVAILABLE: Code.Unavailable,
  DEADLINE_EXCEEDED: Code.DeadlineExceeded,
  CANCELLED: Code.Canceled,
  INTERNAL: Code.Internal,
};

/** The problem as an RPC's error: the status of its code, and the problem itself among the details. */
export function rpcError(problem: Problem): ConnectError {
  const detail = { desc: ProblemDetailSchema, value: problemToMessage(problem) };
  return new ConnectError(problem.message, codes[errorCodes[problem.code].grpc], undefined, [detail]);
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
    throw thrown instanceof ProblemError ? rpcError(thrown.problems[0]) : thrown;
  }
}
