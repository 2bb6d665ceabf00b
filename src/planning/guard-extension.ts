import type { Change } from './change.ts';
import type { Constraint, RefusalNote, Violations } from './constraint.ts';
import type { PlannerExtension } from './extension.ts';
import type { ExtensionParts } from './extension-definition.ts';
import { ExtensionFault } from './extension-fault.ts';
import type { PlacementState, StateListener } from './placement-state.ts';
import type { ObjectiveTerm } from './term.ts';

/** Told when an extension's code begins and ends to run, so that one that never returns can be named. */
export interface ExtensionWatch {
  enter(): void;
  leave(): void;
}

/** Constraints and terms of one extension; each is asked about every candidate. */
const maxParts = 32;

/** Calls of `visit` per replica that one `offenders` may make; rules with several subjects name a replica again. */
const maxVisitsPerReplica = 16;

/**
 * The extension with every answer checked: what throws, is not a number or names what does not exist ends the plan with
 * an `ExtensionFault`. It sees the state, but cannot change it.
 */
export function guardExtension(name: string, parts: ExtensionParts, watch: ExtensionWatch): PlannerExtension {
  /** Runs the extension's code. */
  function ask<T>(what: string, run: () => T): T {
    watch.enter();
    try {
      return run();
    } catch (thrown) {
      if (thrown instanceof ExtensionFault) throw thrown;
      throw new ExtensionFault(name, `threw in ${what}: ${messageOf(thrown)}`);
    } finally {
      watch.leave();
    }
  }
  const fail = (what: string): never => {
    throw new ExtensionFault(name, what);
  };

  return {
    name,
    constraints(state) {
      const view = readOnlyView(name, state);
      const found: unknown = ask('constraints()', () => parts.constraints?.(view) ?? []);
      return partList(found, fail).map((part) => guardConstraint(name, part as Constraint, state, ask, fail));
    },
    terms(state, factors) {
      const view = readOnlyView(name, state);
      const found: unknown = ask('terms()', () => parts.terms?.(view, factors) ?? []);
      return partList(found, fail).map((part) =>
        guardTerm(name, part as ObjectiveTerm, state.problem.replicaCount, ask, fail),
      );
    },
  };
}

type Ask = <T>(what: string, run: () => T) => T;
type Fail = (what: string) => never;

function partList(found: unknown, fail: Fail): readonly unknown[] {
  if (!Array.isArray(found)) return fail('does not answer a list of its parts');
  if (found.length > maxParts) return fail(`has ${found.length} parts, more than ${maxParts}`);
  return found;
}

function guardConstraint(
  extension: string,
  part: Constraint,
  state: PlacementState,
  ask: Ask,
  fail: Fail,
): Constraint {
  const faults = constraintFaults(part);
  if (faults.length > 0) return fail(`has a constraint that is none: ${faults.join(', ')}`);
  const { name, kind } = part;
  const { replicaCount } = state.problem;
  return {
    name,
    extension,
    // Whatever it calls itself: the operator has to see that it is not the planner's own rule.
    obstacle: 'extension',
    kind,
    delta(change) {
      const delta: unknown = ask(`delta() of "${name}"`, () => part.delta(change));
      if (typeof delta === 'number' && delta > Number.NEGATIVE_INFINITY) return delta;
      return fail(`answers ${String(delta)} as delta of "${name}"`);
    },
    measure() {
      const found = ask(`measure() of "${name}"`, () => part.measure()) as Partial<Violations> | undefined;
      const { amount = Number.NaN, subjects = Number.NaN } = found ?? {};
      if (Number.isFinite(amount) && amount >= 0 && Number.isSafeInteger(subjects) && subjects >= 0) {
        return { amount, subjects };
      }
      return fail(`measures ${amount} in ${subjects} subjects as "${name}"`);
    },
    offenders(visit) {
      const named = ask(`offenders() of "${name}"`, () =>
        replicasNamed((each) => part.offenders(each), replicaCount, name, fail),
      );
      for (const replica of named) visit(replica);
    },
    ...(part.refusal && {
      refusal: (change: Change) => {
        const note = ask(`refusal() of "${name}"`, () => part.refusal?.(change));
        const told = noteFrom(note);
        return told ?? fail(`gives no reason as "${name}"`);
      },
    }),
    ...guardListener(part, name, ask),
  };
}

/** What an extension says for people, as far as it is text and numbers; null for what is none. It names no code but `extension`. */
function noteFrom(said: unknown): RefusalNote | null {
  const { subject, dimension, observed, limit, message } = fieldsOf(said);
  if (typeof subject !== 'string' || typeof message !== 'string') return null;
  return {
    obstacle: 'extension',
    subject,
    message,
    ...(typeof dimension === 'string' && { dimension }),
    ...(typeof observed === 'number' && Number.isFinite(observed) && { observed }),
    ...(typeof limit === 'number' && Number.isFinite(limit) && { limit }),
  };
}

function guardTerm(
  extension: string,
  part: ObjectiveTerm,
  replicaCount: number,
  ask: Ask,
  fail: Fail,
): ObjectiveTerm {
  const faults = termFaults(part);
  if (faults.length > 0) return fail(`has a term that is none: ${faults.join(', ')}`);
  const { name, level } = part;
  const finite = (what: string, value: unknown): number =>
    typeof value === 'number' && Number.isFinite(value)
      ? value
      : fail(`answers ${String(value)} as ${what} of "${name}"`);
  return {
    name,
    extension,
    level,
    delta: (change) =>
      finite(
        'delta',
        ask(`delta() of "${name}"`, () => part.delta(change)),
      ),
    value: () =>
      finite(
        'value',
        ask(`value() of "${name}"`, () => part.value()),
      ),
    ...(part.candidates && {
      candidates: (visit: (replica: number) => void) => {
        const named = ask(`candidates() of "${name}"`, () =>
          replicasNamed((each) => part.candidates?.(each), replicaCount, name, fail),
        );
        for (const replica of named) visit(replica);
      },
    }),
    ...guardListener(part, name, ask),
  };
}

/** The replicas that the extension names, checked; nothing is done with them while its code runs. */
function replicasNamed(
  ask: (visit: (replica: number) => void) => void,
  replicaCount: number,
  part: string,
  fail: Fail,
): readonly number[] {
  const named: number[] = [];
  ask((replica) => {
    if (!Number.isInteger(replica) || replica < 0 || replica >= replicaCount)
      fail(`names the replica ${replica}, which "${part}" does not have`);
    if (named.length >= maxVisitsPerReplica * replicaCount) fail(`never stops naming replicas for "${part}"`);
    named.push(replica);
  });
  return named;
}

function guardListener(part: StateListener, name: string, ask: Ask): StateListener {
  return {
    ...(part.hold && {
      hold: (change: Change) => ask(`hold() of "${name}"`, () => part.hold?.(change)),
    }),
    ...(part.settle && {
      settle: (change: Change) => ask(`settle() of "${name}"`, () => part.settle?.(change)),
    }),
  };
}

/** What keeps a value from being a `Constraint`, as sentences. */
export function constraintFaults(value: unknown): readonly string[] {
  const { name, kind, delta, measure, offenders } = fieldsOf(value);
  return [
    ...nameFaults(name),
    ...(kind === 'load' || kind === 'count' || kind === 'identity' ? [] : [`kind is ${String(kind)}`]),
    ...functionFaults({ delta, measure, offenders }),
  ];
}

/** The same for an `ObjectiveTerm`. */
export function termFaults(value: unknown): readonly string[] {
  const { name, level, delta, value: measured } = fieldsOf(value);
  return [
    ...nameFaults(name),
    // The other levels are the planner's own: what is counted there would outrank the policy.
    ...(level === 'excess' || level === 'balance' ? [] : [`level is ${String(level)}`]),
    ...functionFaults({ delta, value: measured }),
  ];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function nameFaults(name: unknown): readonly string[] {
  return typeof name === 'string' && name !== '' ? [] : ['name is no text'];
}

function functionFaults(members: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(members)
    .filter(([, member]) => typeof member !== 'function')
    .map(([name]) => `${name} is no function`);
}

/** The state without what changes it: an extension that moves replicas by itself would break the search's books. */
function readOnlyView(extension: string, state: PlacementState): PlacementState {
  const refuse = (what: string) => () => {
    throw new ExtensionFault(extension, `calls ${what}() of the state, which is the search's to change`);
  };
  const view: Partial<PlacementState> = {
    apply: refuse('apply'),
    hold: refuse('hold'),
    settle: refuse('settle'),
    listen: refuse('listen'),
  };
  return Object.assign(Object.create(state) as PlacementState, view);
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
