import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildLoadFactors } from '../../src/planning/load-factors.ts';
import { buildProblem } from '../../src/planning/problem.ts';
import { searchPlacement } from '../../src/planning/search-placement.ts';
import { type RoadefModel, readRoadefAssignment, readRoadefModel } from '../../src/simulator/roadef-model.ts';
import { assignmentOf, contestInstance } from './contest-instance.ts';
import { contestTerms } from './contest-terms.ts';

/** An instance as its two files have it. */
export interface ContestFiles {
  readonly model: RoadefModel;
  readonly assignment: Int32Array;
}

/** Reads `model_NAME.txt` and `assignment_NAME.txt`. Throws what the readers say of a broken file. */
export function readContestFiles(folder: string, name: string): ContestFiles {
  const model = readRoadefModel(readFileSync(join(folder, `model_${name}.txt`), 'utf8'));
  if (!model.ok) throw new Error(`model_${name}.txt: ${model.error.message}`);
  const text = readFileSync(join(folder, `assignment_${name}.txt`), 'utf8');
  const assignment = readRoadefAssignment(text, model.value);
  if (!assignment.ok) throw new Error(`assignment_${name}.txt: ${assignment.error.message}`);
  return { model: model.value, assignment: assignment.value };
}

export interface Solved {
  /** Machine of each process. */
  readonly assignment: Int32Array;
  readonly evaluations: number;
}

export interface SolveOptions {
  readonly seed: number;
  readonly maxEvaluations: number;
  /** Share of the time that is used, 0 to 1, where time and not evaluations is the bound. */
  elapsedShare?(): number;
}

/** The planner's search for a placement; how its moves would be ordered does not matter to the contest. */
export function solve({ model, assignment }: ContestFiles, options: SolveOptions): Solved {
  const instance = contestInstance(model, assignment, options.seed, options.maxEvaluations);
  const problem = buildProblem(instance.request, [contestTerms(instance)]);
  if (!problem.ok) throw new Error(problem.error.map((each) => each.message).join('; '));
  const { engine } = searchPlacement(problem.value, buildLoadFactors(problem.value), {
    shouldStop: () => (options.elapsedShare?.() ?? 0) >= 1,
    ...(options.elapsedShare && { elapsedShare: options.elapsedShare }),
  });
  const { state, evaluations } = engine;
  return { assignment: assignmentOf(instance, state.nodeOf), evaluations };
}
