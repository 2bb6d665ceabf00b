import { err, ok, type Result } from '../base/result.ts';
import type { Explanation, ExplanationRequest } from '../domain/explanation.ts';
import { withDefaults } from '../domain/extension-parameter.ts';
import type { PlanningRequest, PlanningResult } from '../domain/planning.ts';
import type { Policy } from '../domain/policy.ts';
import { createPolicyFindings } from '../domain/policy-findings.ts';
import { checkExtensionNames } from '../domain/policy-validate-extensions.ts';
import type { Problem } from '../domain/problem.ts';
import { computePlan } from './compute-plan.ts';
import { explainPlan } from './explain/explain-plan.ts';
import type { PlannerExtension } from './extension.ts';
import type { ExtensionDefinition } from './extension-definition.ts';
import { ExtensionFault, extensionProblem } from './extension-fault.ts';
import { guardExtension } from './guard-extension.ts';
import type { StopSignal } from './search-placement.ts';
import { faultOfPlan } from './verify-plan.ts';

/** Told which extension's code begins to run (its place in `placement.extensions`), and when it has ended. */
export interface ExtensionWatcher {
  enter(extension: number): void;
  leave(): void;
}

type Answer<T> = Result<T, readonly Problem[]>;

/**
 * `computePlan` with the extensions that the request's policy names, out of those that are loaded. What an extension
 * does wrong costs the plan, not more: whatever it throws or answers becomes a problem that names it, and a plan is
 * given only if it passes the planner's own constraints once more, without the extensions.
 *
 * Problems: those of `computePlan`; POLICY_EXTENSION_UNKNOWN, POLICY_EXTENSION_PARAMETER, PLANNER_EXTENSION_FAILED.
 */
export function planWithExtensions(
  request: PlanningRequest,
  stop: StopSignal,
  definitions: readonly ExtensionDefinition[],
  watcher: ExtensionWatcher = nobody,
): Answer<PlanningResult> {
  return withExtensions(request.policy, definitions, watcher, (extensions): Answer<PlanningResult> => {
    const planned = computePlan(request, stop, extensions);
    if (!planned.ok || extensions.length === 0) return planned;
    const fault = faultOfPlan(request, planned.value.moves);
    if (fault === null) return planned;
    const names = extensions.map((each) => each.name).join(', ');
    return err([
      extensionProblem(names, `the planner extensions ${names} led to a plan whose move ${fault}`),
    ]);
  });
}

/** `explainPlan` with the extensions that the plan was made with. Problems: those of both. */
export function explainWithExtensions(
  request: ExplanationRequest,
  definitions: readonly ExtensionDefinition[],
  watcher: ExtensionWatcher = nobody,
): Answer<Explanation> {
  const { policy } = request.planning;
  return withExtensions(policy, definitions, watcher, (extensions) => explainPlan(request, extensions));
}

const nobody: ExtensionWatcher = { enter() {}, leave() {} };

/** Runs what asks extensions; what they do wrong becomes a problem. */
function withExtensions<T>(
  policy: Policy,
  definitions: readonly ExtensionDefinition[],
  watcher: ExtensionWatcher,
  run: (extensions: readonly PlannerExtension[]) => Answer<T>,
): Answer<T> {
  try {
    const bound = bindExtensions(policy, definitions, watcher);
    return bound.ok ? run(bound.value) : bound;
  } catch (thrown) {
    if (!(thrown instanceof ExtensionFault)) throw thrown;
    return err([extensionProblem(thrown.extension, thrown.message)]);
  }
}

/** The extensions that the policy names, guarded. Throws `ExtensionFault` for one that cannot be created. */
function bindExtensions(
  policy: Policy,
  definitions: readonly ExtensionDefinition[],
  watcher: ExtensionWatcher,
): Answer<readonly PlannerExtension[]> {
  const named = policy.placement.extensions;
  const found = createPolicyFindings();
  checkExtensionNames(named, definitions, found);
  if (found.problems.length > 0) return err(found.problems);
  return ok(
    named.flatMap(({ name, parameters }, index) => {
      const definition = definitions.find((each) => each.name === name);
      if (!definition) return [];
      const watch = { enter: () => watcher.enter(index), leave: () => watcher.leave() };
      return [bindExtension(definition, withDefaults(definition.parameters, parameters), watch)];
    }),
  );
}

function bindExtension(
  definition: ExtensionDefinition,
  parameters: ReturnType<typeof withDefaults>,
  watch: Parameters<typeof guardExtension>[2],
): PlannerExtension {
  const { name } = definition;
  watch.enter();
  try {
    const parts: unknown = definition.create(parameters);
    if (typeof parts !== 'object' || parts === null)
      throw new ExtensionFault(name, 'creates nothing: create() answers no object');
    return guardExtension(name, parts, watch);
  } catch (thrown) {
    if (thrown instanceof ExtensionFault) throw thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new ExtensionFault(name, `threw in create(): ${message}`);
  } finally {
    watch.leave();
  }
}
