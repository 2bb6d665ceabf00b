import { err, ok, type Result } from '../base/result.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';

/** The value of a codec that throws `ProblemError` for what it does not know, as a result. Bugs go on being thrown. */
export function decoded<T>(decode: () => T): Result<T, readonly [Problem, ...Problem[]]> {
  try {
    return ok(decode());
  } catch (thrown) {
    if (thrown instanceof ProblemError) return err(thrown.problems);
    throw thrown;
  }
}
