import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import { checkScoringAdapter } from '../../scoring/conformance.ts';
import type { ScoringAdapter } from '../../scoring/scoring-adapter.ts';
import { shapeFaults } from './adapter-shape.ts';

/** Fleets that a loaded adapter is tried on: a few milliseconds, enough to find what is plainly wrong. */
const quickFleets = 12;
/** Adapters of one module. */
const maxAdaptersPerModule = 32;

/**
 * Loads scoring adapters from TypeScript or JavaScript modules that export `scoringAdapters: ScoringAdapter[]`, in the
 * order named. Their code runs with the rights of the service: name only files that you trust. Every adapter has to
 * pass a quick run of the conformance kit, and its name must be free.
 *
 * @param paths absolute, or relative to `directory` (that of the configuration file)
 * @param taken names of adapters that exist already
 * @returns problems of all modules, not only of the first: SCORING_MODULE_INVALID
 */
export async function loadScoringModules(
  paths: readonly string[],
  directory: string,
  taken: readonly string[],
): Promise<Result<readonly ScoringAdapter[], readonly Problem[]>> {
  const problems: Problem[] = [];
  const loaded: ScoringAdapter[] = [];
  for (const path of paths) {
    const file = resolve(directory, path);
    const adapters = await loadModule(file);
    if (!adapters.ok) {
      problems.push(...adapters.error);
      continue;
    }
    for (const adapter of adapters.value) {
      if (taken.includes(adapter.name) || loaded.some((each) => each.name === adapter.name)) {
        problems.push(invalid(file, `its adapter ${adapter.name} has a name that is taken`));
      } else {
        loaded.push(adapter);
      }
    }
  }
  return problems.length > 0 ? err(problems) : ok(loaded);
}

async function loadModule(file: string): Promise<Result<readonly ScoringAdapter[], readonly Problem[]>> {
  let exported: unknown;
  try {
    // Run time, not build time: the file is none of ours, and the executable was built without knowing it.
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href);
    exported = module.scoringAdapters;
  } catch (error) {
    return err([
      invalid(file, `it cannot be loaded: ${error instanceof Error ? error.message : String(error)}`),
    ]);
  }
  if (!Array.isArray(exported) || exported.length === 0) {
    return err([invalid(file, 'it does not export `scoringAdapters`, a list of at least one adapter')]);
  }
  if (exported.length > maxAdaptersPerModule) {
    return err([invalid(file, `it exports ${exported.length} adapters, more than ${maxAdaptersPerModule}`)]);
  }
  const problems: Problem[] = [];
  for (const [index, candidate] of (exported as readonly unknown[]).entries()) {
    const faults = shapeFaults(candidate);
    // Conformance is asked only of what has the shape of an adapter.
    const failures = faults.length > 0 ? faults : failuresOf(candidate as ScoringAdapter);
    problems.push(...failures.map((each) => invalid(file, `scoringAdapters[${index}]: ${each}`)));
  }
  return problems.length > 0 ? err(problems) : ok(exported as readonly ScoringAdapter[]);
}

function failuresOf(adapter: ScoringAdapter): readonly string[] {
  const failures = checkScoringAdapter(adapter, { fleets: quickFleets });
  return failures.map((failure) => `${adapter.name} fails ${failure.check}: ${failure.message}`);
}

function invalid(file: string, what: string): Problem {
  return {
    code: 'SCORING_MODULE_INVALID',
    message: `the scoring module ${file} is invalid: ${what}`,
    field: 'scoringModules',
    value: file,
    remedy: 'See docs/scoring-adapters.md for what a module exports, and run the conformance kit.',
  };
}
