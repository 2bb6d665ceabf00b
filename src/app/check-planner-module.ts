import { checkPlannerModules, plannerModuleFiles } from '../adapters/planner-worker/check-modules.ts';
import type { CliServices } from '../cli/cli-context.ts';

/** Whoever runs a check waits for it; a module that never ends must not keep a build machine for longer. */
const deadlineMs = 300_000;

/** Loads the module and runs the conformance kit over it, in a thread of its own. */
export const checkPlannerModule: CliServices['checkPlannerModule'] = ({ file, folder, ...options }) =>
  checkPlannerModules(plannerModuleFiles([file], folder), { ...options, deadlineMs });
