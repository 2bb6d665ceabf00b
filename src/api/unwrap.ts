import type { Result } from '../base/result.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';

/** The value of a command, or its problems thrown to the interceptor that makes a status of them. */
export function unwrap<T>(result: Result<T, readonly [Problem, ...Problem[]]>): T {
  if (result.ok) return result.value;
  throw new ProblemError(...result.error);
}
