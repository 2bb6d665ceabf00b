import type { JsonObject } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { type ErrorCode, errorCodes } from '../../domain/error-codes.ts';
import { type Problem, ProblemError } from '../../domain/problem.ts';
import { ProblemDetailSchema } from '../../gen/meshkit/rebalancer/v1/problem_pb.ts';
import { problemFromMessage } from '../../wire/problem-codec.ts';

export const problemContentType = 'application/problem+json';

/**
 * A refusal as RFC 9457 has it: `type` names our code, `title` is what the code means, `detail` what happened; our own
 * members say field, value, limit, subject and remedy, and `problems` has all of them where there are several.
 */
export function problemDocument(problems: readonly [Problem, ...Problem[]]): JsonObject {
  const [first, ...others] = problems;
  const { http, meaning } = errorCodes[first.code];
  return {
    type: `urn:meshkit:problem:${first.code}`,
    title: meaning,
    status: http,
    detail: first.message,
    ...memberOf(first),
    ...(others.length > 0
      ? { problems: problems.map((each) => ({ ...memberOf(each), detail: each.message })) }
      : {}),
  };
}

export function httpStatusOf(problem: Problem): number {
  return errorCodes[problem.code].http;
}

/** What a call was refused with; a status that carries no problem of ours comes from the protocol's own library. */
export function problemsOfStatus(thrown: unknown): readonly [Problem, ...Problem[]] {
  if (thrown instanceof ProblemError) return thrown.problems;
  const error = ConnectError.from(thrown);
  const [first, ...others] = error.findDetails(ProblemDetailSchema).map(problemFromMessage);
  if (first) return [first, ...others];
  return [{ code: codesOfStatus.get(error.code) ?? 'INTERNAL', message: error.rawMessage }];
}

const codesOfStatus: ReadonlyMap<Code, ErrorCode> = new Map([
  [Code.InvalidArgument, 'INPUT_MALFORMED'],
  [Code.ResourceExhausted, 'REQUEST_TOO_LARGE'],
  [Code.DeadlineExceeded, 'CALL_TIMEOUT'],
  [Code.Canceled, 'CALL_CANCELLED'],
  [Code.Aborted, 'CALL_CANCELLED'],
  [Code.Unauthenticated, 'UNAUTHENTICATED'],
  [Code.PermissionDenied, 'PERMISSION_DENIED'],
  [Code.Unimplemented, 'ROUTE_NOT_FOUND'],
  [Code.Unavailable, 'SERVICE_STOPPING'],
]);

function memberOf(problem: Problem): JsonObject {
  return {
    code: problem.code,
    ...(problem.field ? { field: problem.field } : {}),
    ...(problem.value === undefined ? {} : { value: problem.value }),
    ...(problem.limit === undefined ? {} : { limit: problem.limit }),
    ...(problem.subject ? { subject: problem.subject } : {}),
    remedy: problem.remedy ?? errorCodes[problem.code].remedy,
  };
}
