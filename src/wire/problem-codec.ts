import { create } from '@bufbuild/protobuf';
import { type ErrorCode, errorCodes } from '../domain/error-codes.ts';
import type { Problem } from '../domain/problem.ts';
import { type ProblemDetail, ProblemDetailSchema } from '../gen/meshkit/rebalancer/v1/problem_pb.ts';
import { compact } from './scalars.ts';

/** The detail says the registry's remedy where the problem has none of its own. */
export function problemToMessage(problem: Problem): ProblemDetail {
  return create(ProblemDetailSchema, {
    code: problem.code,
    message: problem.message,
    field: problem.field ?? '',
    value: valueToMessage(problem.value),
    limit:
      typeof problem.limit === 'number'
        ? { case: 'numberLimit', value: problem.limit }
        : typeof problem.limit === 'string'
          ? { case: 'textLimit', value: problem.limit }
          : { case: undefined },
    subject: problem.subject ?? '',
    remedy: problem.remedy ?? errorCodes[problem.code].remedy,
  });
}

/** A code that this program does not know (a newer service's) becomes INTERNAL and stays readable in the message. */
export function problemFromMessage(message: ProblemDetail): Problem {
  const known = Object.hasOwn(errorCodes, message.code);
  return compact({
    code: known ? (message.code as ErrorCode) : 'INTERNAL',
    message: known ? message.message : `${message.code}: ${message.message}`,
    field: message.field || undefined,
    value: message.value.value,
    limit: message.limit.value,
    subject: message.subject || undefined,
    remedy: message.remedy || undefined,
  });
}

function valueToMessage(value: Problem['value']): ProblemDetail['value'] {
  switch (typeof value) {
    case 'string':
      return { case: 'textValue', value };
    case 'number':
      return { case: 'numberValue', value };
    case 'boolean':
      return { case: 'boolValue', value };
    default:
      return { case: undefined };
  }
}
