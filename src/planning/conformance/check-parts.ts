import type { Random } from '../../base/random.ts';
import type { PlanningRequest } from '../../domain/planning.ts';
import { expectOk } from '../../domain/problem.ts';
import type { Change } from '../change.ts';
import type { Constraint } from '../constraint.ts';
import type { PlannerExtension } from '../extension.ts';
import { buildLoadFactors } from '../load-factors.ts';
import { buildProblem } from '../problem.ts';
import type { ObjectiveTerm } from '../term.ts';
import { checkOffenders } from './check-offenders.ts';
import { checkWaves } from './check-waves.ts';
import type { Failures } from './conformance-report.ts';
import {
  applySwap,
  createProbe,
  type Probe,
  randomStep,
  randomSwap,
  reverseOf,
  type Standpoint,
  undoSwap,
} from './probe.ts';
import { agree, copyState, sameState } from './state-copy.ts';

/** Changes made in each fleet: enough to fill nodes, break rules and mend them again. */
const stepsPerState = 24;

/** How often a change stays made; the others are taken back. */
const keptShare = 0.7;

/**
 * Walks from the request's placement by random relocations, transfers and exchanges, good and bad, and holds every part
 * of the extension to its promises. Answers how many changes were made.
 */
export function checkParts(
  extension: PlannerExtension,
  request: PlanningRequest,
  random: Random,
  failures: Failures,
): number {
  const problem = expectOk(buildProblem(request));
  const factors = buildLoadFactors(problem);
  const probe = createProbe({ problem, factors, extension });
  const { state } = probe;
  let changes = 0;
  // Half of the walks stay where the rules hold: from there a step into the forbidden is met most often.
  const isLawful = random.next() < 0.5;
  for (let step = 0; step < stepsPerState; step++) {
    const change = randomStep(state, random);
    if (change) {
      const isAllowed = probe.constraints.every((constraint) => Number.isFinite(constraint.delta(change)));
      const keeps = isLawful ? isAllowed : random.next() < keptShare;
      checkStep(probe, change, keeps, failures);
      changes += 1;
    }
    const swap = randomSwap(state, random);
    if (swap) checkSwap(probe, swap, failures);
    checkWaves({ problem, factors, extension, placement: copyState(state) }, random, failures);
  }
  checkFromScratch(probe, { problem, factors, extension, placement: state }, failures);
  return changes;
}

/** Deltas against what happens, what asking does, and the way back. */
function checkStep(probe: Probe, change: Change, keeps: boolean, failures: Failures): void {
  const { state } = probe;
  const untouched = copyState(state);
  const before = measureAll(probe, failures);
  const deltas = deltasOf(probe, change, failures);
  if (!sameState(untouched, state)) {
    for (const part of partsOf(probe)) failures.add(part.name, 'purity', 'asking it changes the state');
    return;
  }
  state.apply(change);
  compareDeltas(probe, change, { before, deltas, after: measureAll(probe, failures) }, failures);
  if (keeps) return;
  state.apply(reverseOf(state, change));
  const restored = measureAll(probe, failures);
  for (const [i, part] of partsOf(probe).entries()) {
    if (agree(restored[i], before[i], 0)) continue;
    failures.add(
      part.name,
      'undo',
      `a ${describe(change)} and its reverse leave ${restored[i]}, not ${before[i]}`,
    );
  }
}

interface Numbers {
  readonly before: readonly number[];
  readonly deltas: readonly number[];
  readonly after: readonly number[];
}

function compareDeltas(
  probe: Probe,
  change: Change,
  { before, deltas, after }: Numbers,
  failures: Failures,
): void {
  for (const [i, part] of partsOf(probe).entries()) {
    const delta = deltas[i];
    if (Number.isNaN(delta)) continue;
    const isConstraint = i < probe.constraints.length;
    if (isConstraint && delta === Number.POSITIVE_INFINITY) continue;
    const happened = after[i] - before[i];
    const size = Math.max(Math.abs(after[i]), Math.abs(before[i]));
    if (!agree(delta, happened, size)) {
      failures.add(
        part.name,
        'delta',
        `a ${describe(change)} changes it from ${before[i]} to ${after[i]}, by ${happened}; delta says ${delta}`,
      );
    } else if (isConstraint && delta > 0 && !agree(delta, 0, size)) {
      failures.add(
        part.name,
        'worse',
        `a ${describe(change)} adds ${delta} to the violations; delta has to be Infinity`,
      );
    }
  }
}

/** Exchanges are scored in one go, and made as two relocations. */
function checkSwap(probe: Probe, swap: Change, failures: Failures): void {
  const { state } = probe;
  const before = measureAll(probe, failures);
  const deltas = partsOf(probe).map((part) => {
    if (!('kind' in part)) return deltaOf(part, swap, failures);
    // Of the constraints only those about loads are asked; a rule about numbers must not care.
    if (part.kind === 'load') return deltaOf(part, swap, failures);
    return part.kind === 'count' ? 0 : Number.NaN;
  });
  applySwap(state, swap);
  compareDeltas(probe, swap, { before, deltas, after: measureAll(probe, failures) }, failures);
  undoSwap(state, swap);
}

/** After many changes: the counters are what a new count gives, and two counts are equal. */
function checkFromScratch(probe: Probe, here: Standpoint, failures: Failures): void {
  const fresh = createProbe(here);
  const again = createProbe(here);
  const [followed, counted, recounted] = [probe, fresh, again].map((each) => measureAll(each, failures));
  for (const [i, part] of partsOf(probe).entries()) {
    if (!agree(followed[i], counted[i], 0)) {
      failures.add(
        part.name,
        'counters',
        `after many changes it stands at ${followed[i]}; from scratch it is ${counted[i]}`,
      );
    }
    if (!Object.is(counted[i], recounted[i]))
      failures.add(part.name, 'determinism', `counted twice it is ${counted[i]} and ${recounted[i]}`);
  }
  checkOffenders(fresh, again, failures);
}

/** Constraints first, then terms. */
function partsOf(probe: Probe): readonly (Constraint | ObjectiveTerm)[] {
  return [...probe.constraints, ...probe.terms];
}

function deltasOf(probe: Probe, change: Change, failures: Failures): readonly number[] {
  return partsOf(probe).map((part) => deltaOf(part, change, failures));
}

/** NaN for an answer that is none, which is a failure. */
function deltaOf(part: Constraint | ObjectiveTerm, change: Change, failures: Failures): number {
  const delta = part.delta(change);
  const again = part.delta(change);
  if (!Object.is(delta, again)) {
    failures.add(part.name, 'determinism', `delta of the same change is ${delta}, then ${again}`);
  }
  const mayRefuse = 'kind' in part;
  if (Number.isFinite(delta) || (mayRefuse && delta === Number.POSITIVE_INFINITY)) return delta;
  failures.add(part.name, 'throws', `delta of a ${describe(change)} is ${delta}`);
  return Number.NaN;
}

/** Amount of each constraint and value of each term. */
function measureAll(probe: Probe, failures: Failures): readonly number[] {
  return partsOf(probe).map((part) => {
    const amount = 'kind' in part ? part.measure().amount : part.value();
    if (!Number.isFinite(amount) || ('kind' in part && amount < 0)) {
      failures.add(part.name, 'throws', `it measures ${amount}`);
    }
    return amount;
  });
}

function describe({ kind, from, to }: Change): string {
  return `${kind === 'relocate' ? 'relocation' : kind} between nodes ${from} and ${to}`;
}
