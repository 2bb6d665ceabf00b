import { resolve } from 'node:path';
import { err, ok, type Result } from '../../base/result.ts';
import type { ExtensionParameters, KnownExtension } from '../../domain/extension-parameter.ts';
import type { Problem } from '../../domain/problem.ts';
import { moduleProblem } from './load-modules.ts';
import type { CheckedExtension, CheckOrder, WorkerReply } from './messages.ts';
import { startPlannerWorker } from './start-worker.ts';

/** Fleets that a loaded extension is tried on: some tens of milliseconds, enough to find what is plainly wrong. */
const quickStates = 12;

/** Loading and checking; a module that takes longer at the start would keep the service from starting. */
const defaultDeadlineMs = 30_000;

export interface ModuleCheckOptions {
  readonly states: number;
  readonly seed: number;
  readonly parameters: ExtensionParameters;
  readonly deadlineMs?: number;
}

/**
 * Loads planner modules and runs the conformance kit over their extensions, in a thread that is ended when it takes too
 * long: nothing that a module does reaches this one.
 *
 * @param files absolute paths
 * @returns one report per extension; PLANNER_MODULE_INVALID for what cannot be loaded or does not end
 */
export function checkPlannerModules(
  files: readonly string[],
  { states, seed, parameters, deadlineMs = defaultDeadlineMs }: ModuleCheckOptions,
): Promise<Result<readonly CheckedExtension[], readonly Problem[]>> {
  return new Promise((settle) => {
    const worker = startPlannerWorker();
    const end = (answer: Result<readonly CheckedExtension[], readonly Problem[]>): void => {
      clearTimeout(timer);
      worker.terminate();
      settle(answer);
    };
    const fail = (what: string): void => end(err([moduleProblem(files.join(', '), what)]));
    const timer = setTimeout(
      () => fail(`loading and checking it has not ended within ${deadlineMs} ms`),
      deadlineMs,
    );
    worker.onmessage = (event: MessageEvent<WorkerReply>) => {
      const reply = event.data;
      if (reply.kind === 'checked') end(reply.checked);
      else if (reply.kind === 'crash') fail(reply.message);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      fail(event.message);
    };
    worker.addEventListener('close', () => fail('it ended the thread that it was loaded in'));
    const order: CheckOrder = { kind: 'check', id: 0, modules: files, states, seed, parameters };
    worker.postMessage(order);
  });
}

/**
 * The extensions of the modules, as policies know them, after a short run of the conformance kit.
 *
 * @param paths absolute, or relative to `directory`
 * @returns problems of all modules: PLANNER_MODULE_INVALID
 */
export async function describePlannerModules(
  paths: readonly string[],
  directory: string,
  deadlineMs?: number,
): Promise<Result<readonly KnownExtension[], readonly Problem[]>> {
  if (paths.length === 0) return ok([]);
  const files = plannerModuleFiles(paths, directory);
  const checked = await checkPlannerModules(files, {
    states: quickStates,
    seed: 1,
    parameters: {},
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  if (!checked.ok) return checked;
  const problems = checked.value.flatMap(({ extension, report }) =>
    report.failures.map(({ part, check, message }) =>
      moduleProblem(files.join(', '), `${extension.name} fails ${check} in ${part}: ${message}`),
    ),
  );
  return problems.length > 0 ? err(problems) : ok(checked.value.map(({ extension }) => extension));
}

/** Absolute paths, as the planner's thread needs them. */
export function plannerModuleFiles(paths: readonly string[], directory: string): readonly string[] {
  return paths.map((path) => resolve(directory, path));
}
