import { createRandom, type Random } from '../../base/random.ts';
import { type ExtensionParameters, withDefaults } from '../../domain/extension-parameter.ts';
import type { PlanningRequest } from '../../domain/planning.ts';
import { expectOk } from '../../domain/problem.ts';
import type { PlannerExtension } from '../extension.ts';
import type { ExtensionDefinition } from '../extension-definition.ts';
import { ExtensionFault } from '../extension-fault.ts';
import { guardExtension } from '../guard-extension.ts';
import { buildLoadFactors } from '../load-factors.ts';
import { buildProblem } from '../problem.ts';
import { metadataFaults } from './check-metadata.ts';
import { checkParts } from './check-parts.ts';
import {
  type ConformanceReport,
  createFailures,
  type Failures,
  type PartCost,
} from './conformance-report.ts';
import { createProbe, randomStep } from './probe.ts';
import { randomRequest } from './random-request.ts';

export interface ConformanceOptions {
  /** Random fleets; 40 without it, which meets every kind of rule and node several times. */
  readonly states?: number;
  /** Equal seeds give equal fleets and changes. */
  readonly seed?: number;
  /** Instead of the defaults; what is left out keeps them. */
  readonly parameters?: ExtensionParameters;
  /** Fleets of your own, before the random ones: groups, labels and sizes that the extension is made for. */
  readonly requests?: readonly PlanningRequest[];
  /** Milliseconds of a clock, for the cost of deltas; there are no costs without it. */
  readonly now?: () => number;
}

const defaultStates = 40;

/** Deltas that the cost of one is averaged over. */
const timedDeltas = 20_000;

/**
 * Holds an extension to its contract over random fleets and changes, with its default and its extreme parameters. Never
 * throws for what the extension does; one that never ends has to be ended from outside.
 */
export function checkExtension(
  definition: ExtensionDefinition,
  options: ConformanceOptions = {},
): ConformanceReport {
  const failures = createFailures();
  for (const fault of metadataFaults(definition)) failures.add(definition.name, 'metadata', fault);
  if (failures.list.length > 0) return { failures: failures.list, costs: [], states: 0, changes: 0 };
  const random = createRandom(options.seed ?? 1);
  const settings = parameterSettings(definition, options.parameters ?? {});
  const given = options.requests ?? [];
  const states = given.length + (options.states ?? defaultStates);
  let changes = 0;
  for (let index = 0; index < states; index++) {
    const request = given[index] ?? randomRequest(random.fork(`fleet ${index}`), 'anything');
    const parameters = settings[index % settings.length];
    changes += attempt(definition, failures, () =>
      checkParts(
        guarded(definition, parameters, failures),
        request,
        random.fork(`changes ${index}`),
        failures,
      ),
    );
  }
  const costs = options.now ? measureCosts(definition, options, random.fork('costs'), failures) : [];
  return { failures: failures.list, costs, states, changes };
}

/** Runs what may end with a fault of the extension. */
function attempt(definition: ExtensionDefinition, failures: Failures, run: () => number): number {
  try {
    return run();
  } catch (thrown) {
    if (!(thrown instanceof ExtensionFault)) throw thrown;
    failures.add(definition.name, 'throws', thrown.message);
    return 0;
  }
}

/** The parts as the planner would use them: whatever they throw or answer is a fault with a name. */
function guarded(
  definition: ExtensionDefinition,
  parameters: ExtensionParameters,
  failures: Failures,
): PlannerExtension {
  const { name } = definition;
  try {
    return guardExtension(name, definition.create(parameters), { enter() {}, leave() {} });
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    failures.add(name, 'throws', `create(${JSON.stringify(parameters)}) throws: ${message}`);
    return { name };
  }
}

/** The parameters given or by default, then each at either end of its range or choices. */
function parameterSettings(
  { parameters }: ExtensionDefinition,
  given: ExtensionParameters,
): readonly ExtensionParameters[] {
  const base = withDefaults(parameters, given);
  const ends = parameters.flatMap((parameter): ExtensionParameters[] => {
    if (parameter.name in given) return [];
    const values =
      parameter.kind === 'number' ? [parameter.minimum, parameter.maximum] : (parameter.choices ?? []);
    return values.map((value) => ({ ...base, [parameter.name]: value }));
  });
  return [base, ...ends];
}

/** Milliseconds per delta of each part over random relocations, in nanoseconds; a report, not a promise. */
function measureCosts(
  definition: ExtensionDefinition,
  options: ConformanceOptions,
  random: Random,
  failures: Failures,
): readonly PartCost[] {
  const { now } = options;
  if (!now || failures.list.length > 0) return [];
  const request = options.requests?.[0] ?? randomRequest(random.fork('fleet'), 'healthy');
  const problem = expectOk(buildProblem(request));
  const parameters = withDefaults(definition.parameters, options.parameters ?? {});
  const extension: PlannerExtension = { name: definition.name, ...definition.create(parameters) };
  const { state, constraints, terms } = createProbe({
    problem,
    factors: buildLoadFactors(problem),
    extension,
  });
  const steps = Array.from({ length: 256 }, () => randomStep(state, random)).filter((step) => step !== null);
  if (steps.length === 0) return [];
  return [...constraints, ...terms].map((part): PartCost => {
    const start = now();
    let sum = 0;
    for (let i = 0; i < timedDeltas; i++) sum += part.delta(steps[i % steps.length]);
    const millis = now() - start;
    // The sum is looked at so that no compiler can leave the calls out.
    const nanosPerDelta = Number.isNaN(sum) ? 0 : (millis * 1e6) / timedDeltas;
    return {
      part: part.name,
      kind: 'kind' in part ? 'constraint' : 'term',
      deltas: timedDeltas,
      nanosPerDelta,
    };
  });
}
