import { pathToFileURL } from 'node:url';
import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ExtensionDefinition } from '../../planning/extension-definition.ts';
import { definitionFaults } from './module-shape.ts';

/** Extensions of one module. */
const maxExtensionsPerModule = 32;

/**
 * Loads extensions from TypeScript or JavaScript modules that export `plannerExtensions: ExtensionDefinition[]`, in the
 * order named. Runs in the planner's thread only: the service never executes their code itself.
 *
 * @param files absolute paths
 * @returns problems of all modules, not only of the first: PLANNER_MODULE_INVALID
 */
export async function loadModules(
  files: readonly string[],
): Promise<Result<readonly ExtensionDefinition[], readonly Problem[]>> {
  const problems: Problem[] = [];
  const loaded: ExtensionDefinition[] = [];
  for (const file of files) {
    const found = await loadModule(file);
    if (!found.ok) {
      problems.push(...found.error);
      continue;
    }
    for (const definition of found.value) {
      if (loaded.some((each) => each.name === definition.name))
        problems.push(moduleProblem(file, `its extension ${definition.name} has a name that is taken`));
      else loaded.push(definition);
    }
  }
  return problems.length > 0 ? err(problems) : ok(loaded);
}

async function loadModule(file: string): Promise<Result<readonly ExtensionDefinition[], readonly Problem[]>> {
  let exported: unknown;
  try {
    // Run time, not build time: the file is none of ours, and the executable was built without knowing it.
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href);
    exported = module.plannerExtensions;
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return err([moduleProblem(file, `it cannot be loaded: ${message}`)]);
  }
  if (!Array.isArray(exported) || exported.length === 0) {
    return err([
      moduleProblem(file, 'it does not export `plannerExtensions`, a list of at least one extension'),
    ]);
  }
  if (exported.length > maxExtensionsPerModule) {
    const message = `it exports ${exported.length} extensions, more than ${maxExtensionsPerModule}`;
    return err([moduleProblem(file, message)]);
  }
  const problems = (exported as readonly unknown[]).flatMap((each, index) =>
    definitionFaults(each).map((fault) => moduleProblem(file, `plannerExtensions[${index}]: ${fault}`)),
  );
  return problems.length > 0 ? err(problems) : ok(exported as readonly ExtensionDefinition[]);
}

/** PLANNER_MODULE_INVALID. */
export function moduleProblem(file: string, what: string): Problem {
  return {
    code: 'PLANNER_MODULE_INVALID',
    message: `the planner module ${file} is invalid: ${what}`,
    field: 'plannerModules',
    value: file,
    remedy: `Run mesh planner check-module ${file}; docs/planner-extensions.md says what a module exports.`,
  };
}
