import { join } from 'node:path';
import { readRoadefFiles } from '../../scripts/support/roadef-files.ts';
import { buildLoadFactors } from '../../src/planning/load-factors.ts';
import { buildProblem } from '../../src/planning/problem.ts';
import { searchPlacement } from '../../src/planning/search-placement.ts';
import type { RoadefInstance } from '../../src/simulator/roadef-instance.ts';
import { assignmentOf, contestInstance } from './contest-instance.ts';
import { contestTerms } from './contest-terms.ts';

/** Reads `model_NAME.txt` and `assignment_NAME.txt`. @throws ProblemError that names the file, where in it, and what to give */
export function readContestFiles(folder: string, name: string): RoadefInstance {
  return readRoadefFiles(join(folder, `model_${name}.txt`), join(folder, `assignment_${name}.txt`));
}

export interface Solved {
  /** Machine of each process. */
  readonly assignment: Int32Array;
  readonly evaluations: number;
}

export interface SolveOptions {
  readonly seed: number;
  readonly maxEvaluations: number;
  /** Which of several searches this is; 0 when left out. */
  readonly lane?: number;
  /** Share of the time that is used, 0 to 1, where time and not evaluations is the bound. */
  elapsedShare?(): number;
}

/** The planner's search for a placement; how its moves would be ordered does not matter to the contest. */
export function solve({ model, assignment }: RoadefInstance, options: SolveOptions): Solved {
  const instance = contestInstance(model, assignment, options.seed, options.maxEvaluations);
  const request = { ...instance.request, lane: options.lane ?? 0 };
  const problem = buildProblem(request, [contestTerms(instance)]);
  if (!problem.ok) throw new Error(problem.error.map((each) => each.message).join('; '));
  const { engine } = searchPlacement(problem.value, buildLoadFactors(problem.value), {
    shouldStop: () => (options.elapsedShare?.() ?? 0) >= 1,
    ...(options.elapsedShare && { elapsedShare: options.elapsedShare }),
  });
  const { state, evaluations } = engine;
  return { assignment: assignmentOf(instance, state.nodeOf), evaluations };
}
