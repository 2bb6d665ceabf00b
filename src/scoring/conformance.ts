import { createRandom, type Random } from '../base/random.ts';
import type { Node } from '../domain/node.ts';
import type { ConformanceFailure } from './conformance-failure.ts';
import { fleetOf, freezeFleet, type SampleFleet, shuffledFleet } from './conformance-fleets.ts';
import { metadataFailures } from './conformance-metadata.ts';
import type { ScoringAdapter, ScoringContext, ScoringOutcome } from './scoring-adapter.ts';

/** Generated fleets that an adapter is run over unless told: enough to meet every kind of value several times. */
const defaultFleets = 40;
/** Failures reported; an adapter that is wrong is wrong about every fleet. */
const maxFailures = 20;
/** Sums may be added in another order when nodes stand in another order. */
const permutationTolerance = 1e-9;

/**
 * Runs the adapter over generated fleets, with its default and its extreme parameters, and lists the promises that it
 * does not keep; empty when it keeps all of them. Equal seeds generate equal fleets.
 */
export function checkScoringAdapter(
  adapter: ScoringAdapter,
  options: { readonly fleets?: number; readonly seed?: number } = {},
): readonly ConformanceFailure[] {
  const failures = [...metadataFailures(adapter)];
  if (failures.length > 0) return failures;
  const random = createRandom(options.seed ?? 1);
  const settings = parameterSettings(adapter);
  checkEmptyFleet(adapter, settings, failures);
  for (let run = 0; run < (options.fleets ?? defaultFleets) && failures.length < maxFailures; run++) {
    const fleet = fleetOf(adapter, random.fork(`fleet ${run}`), run);
    checkFleet(adapter, fleet, settings[run % settings.length] ?? {}, random.fork(`checks ${run}`), failures);
  }
  return failures.slice(0, maxFailures);
}

type Parameters = Readonly<Record<string, number>>;

/** The defaults, then each parameter at either end with the others at their defaults, then all at either end. */
function parameterSettings(adapter: ScoringAdapter): readonly Parameters[] {
  const all = (end: 'default' | 'minimum' | 'maximum'): Parameters =>
    Object.fromEntries(adapter.parameters.map((each) => [each.name, each[end]]));
  const ends = adapter.parameters.flatMap((each) => [
    { ...all('default'), [each.name]: each.minimum },
    { ...all('default'), [each.name]: each.maximum },
  ]);
  return [all('default'), ...ends, all('minimum'), all('maximum')];
}

function checkEmptyFleet(
  adapter: ScoringAdapter,
  settings: readonly Parameters[],
  failures: ConformanceFailure[],
): void {
  const nothing = { nodes: [], dimensions: [{ name: 'cpu', unit: 'cores' }], nodeLoads: new Float64Array(0) };
  const outcome = scoreOrFail(
    adapter,
    { ...nothing, parameters: settings[0] ?? {} },
    'an empty fleet',
    failures,
  );
  if (outcome && outcome.distress.length + outcome.evidence.length > 0) {
    failures.push({ check: 'emptyFleet', message: 'an empty fleet has scores' });
  }
}

function checkFleet(
  adapter: ScoringAdapter,
  fleet: SampleFleet,
  parameters: Parameters,
  random: Random,
  failures: ConformanceFailure[],
): void {
  const { label } = fleet;
  freezeFleet(fleet);
  const context = { ...fleet.content, parameters: Object.freeze({ ...parameters }) };
  const loadsBefore = context.nodeLoads.slice();
  const outcome = scoreOrFail(adapter, context, label, failures);
  if (!outcome) return;
  if (!equalNumbers(loadsBefore, context.nodeLoads, 0)) {
    failures.push({ check: 'purity', message: `${label}: the adapter wrote into nodeLoads` });
    return;
  }
  checkRange(context.nodes, outcome, label, failures);
  checkMissingSignals(adapter, context.nodes, outcome, label, failures);

  const again = scoreOrFail(adapter, context, label, failures);
  if (
    again &&
    !(equalNumbers(outcome.distress, again.distress, 0) && equalNumbers(outcome.evidence, again.evidence, 0))
  ) {
    failures.push({
      check: 'determinism',
      message: `${label}: the same context scored twice gives other scores`,
    });
  }
  checkPermutation(adapter, fleet, { parameters: context.parameters, outcome, random }, failures);
}

function scoreOrFail(
  adapter: ScoringAdapter,
  context: ScoringContext,
  label: string,
  failures: ConformanceFailure[],
): ScoringOutcome | undefined {
  let outcome: ScoringOutcome;
  try {
    outcome = adapter.score(context);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    failures.push({
      check: 'throws',
      message: `${label}: score() threw, perhaps writing into its context: ${reason}`,
    });
    return undefined;
  }
  const count = context.nodes.length;
  const isShaped =
    outcome?.distress instanceof Float64Array &&
    outcome.evidence instanceof Float64Array &&
    outcome.distress.length === count &&
    outcome.evidence.length === count &&
    typeof outcome.evidenceUnit === 'string';
  if (isShaped) return outcome;
  failures.push({
    check: 'shape',
    message: `${label}: the outcome is not two Float64Arrays of ${count} entries and a unit`,
  });
  return undefined;
}

function checkRange(
  nodes: readonly Node[],
  outcome: ScoringOutcome,
  label: string,
  failures: ConformanceFailure[],
): void {
  for (const [n, node] of nodes.entries()) {
    const distress = outcome.distress[n];
    const evidence = outcome.evidence[n];
    if (Number.isNaN(distress)) continue;
    if (!(distress >= 0 && distress <= 1)) {
      failures.push({
        check: 'range',
        message: `${label}: node ${node.id} has distress ${distress}, outside 0 to 1`,
      });
      return;
    }
    if (!Number.isFinite(evidence)) {
      failures.push({
        check: 'range',
        message: `${label}: node ${node.id} is scored on the evidence ${evidence}`,
      });
      return;
    }
  }
}

function checkMissingSignals(
  adapter: ScoringAdapter,
  nodes: readonly Node[],
  outcome: ScoringOutcome,
  label: string,
  failures: ConformanceFailure[],
): void {
  for (const [n, node] of nodes.entries()) {
    const missing = adapter.needs.find((name) => node.signals[name] === undefined);
    if (missing === undefined || Number.isNaN(outcome.distress[n])) continue;
    failures.push({
      check: 'missingSignals',
      message: `${label}: node ${node.id} lacks ${missing} and is scored all the same`,
    });
    return;
  }
}

function checkPermutation(
  adapter: ScoringAdapter,
  fleet: SampleFleet,
  before: { readonly parameters: Parameters; readonly outcome: ScoringOutcome; readonly random: Random },
  failures: ConformanceFailure[],
): void {
  const { shuffled, order } = shuffledFleet(fleet, before.random);
  freezeFleet(shuffled);
  const context = { ...shuffled.content, parameters: before.parameters };
  const outcome = scoreOrFail(adapter, context, fleet.label, failures);
  if (!outcome) return;
  const expected = Float64Array.from(order, (n) => before.outcome.distress[n]);
  if (equalNumbers(expected, outcome.distress, permutationTolerance)) return;
  failures.push({
    check: 'permutation',
    message: `${fleet.label}: the scores depend on the order of the nodes`,
  });
}

function equalNumbers(left: Float64Array, right: Float64Array, tolerance: number): boolean {
  return left.every((value, i) => Object.is(value, right[i]) || Math.abs(value - right[i]) <= tolerance);
}
