import type { Problem } from '../domain/problem.ts';

/** Problems named of one file: enough to see what is wrong, few enough for a screen. */
export const maxFileProblems = 100;

/** Collects what is wrong with a file, up to `maxFileProblems`. */
export interface ProblemList {
  readonly problems: readonly Problem[];
  add(problem: Problem): void;
}

export function createProblemList(): ProblemList {
  const problems: Problem[] = [];
  return {
    problems,
    add(problem) {
      if (problems.length < maxFileProblems) problems.push(problem);
    },
  };
}
