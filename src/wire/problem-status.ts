import { Code, ConnectError } from '@connectrpc/connect';
import { errorCodes, type GrpcStatus } from '../domain/error-codes.ts';
import type { Problem } from '../domain/problem.ts';
import { ProblemDetailSchema } from '../gen/meshkit/rebalancer/v1/problem_pb.ts';
import { problemToMessage } from './problem-codec.ts';

const statusCodes: Readonly<Record<GrpcStatus, Code>> = {
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

/** Details in one status: they travel in an HTTP header or trailer, which peers limit to some kilobytes. */
const maxDetails = 20;

/**
 * The status of a refusal: code and message of the first problem, and one `ProblemDetail` for each of the first
 * `maxDetails`.
 */
export function problemsToConnectError(problems: readonly [Problem, ...Problem[]]): ConnectError {
  const [first] = problems;
  return new ConnectError(
    first.message,
    statusCodes[errorCodes[first.code].grpc],
    undefined,
    problems
      .slice(0, maxDetails)
      .map((problem) => ({ desc: ProblemDetailSchema, value: problemToMessage(problem) })),
  );
}
