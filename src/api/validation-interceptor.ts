import type { DescMessage, Message } from '@bufbuild/protobuf';
import type { Interceptor } from '@connectrpc/connect';
import { ProblemError } from '../domain/problem.ts';
import { messageProblems } from '../wire/message-problems.ts';

/**
 * Holds every request against the rules that stand in the contract. Throws `ProblemError` FIELD_INVALID and
 * FIELD_REQUIRED, one per rule that is broken.
 */
export const validationInterceptor: Interceptor = (next) => async (request) => {
  if (request.stream) {
    return next({ ...request, message: checkedEach(request.method.input, request.message) });
  }
  check(request.method.input, request.message);
  return next(request);
};

async function* checkedEach<T extends Message>(
  schema: DescMessage,
  messages: AsyncIterable<T>,
): AsyncGenerator<T> {
  for await (const message of messages) {
    check(schema, message);
    yield message;
  }
}

function check(schema: DescMessage, message: Message): void {
  const [first, ...others] = messageProblems(schema, message);
  if (first) throw new ProblemError(first, ...others);
}
