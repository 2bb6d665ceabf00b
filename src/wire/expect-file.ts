import { err, type Result } from '../base/result.ts';
import { expectOk, type Problem } from '../domain/problem.ts';

/**
 * What was read from a file.
 *
 * @throws ProblemError: problems that name nothing else name the file
 */
export function expectFile<T>(path: string, parsed: Result<T, readonly Problem[]>): T {
  if (parsed.ok) return parsed.value;
  return expectOk(err(parsed.error.map((problem) => ({ ...problem, subject: problem.subject ?? path }))));
}
