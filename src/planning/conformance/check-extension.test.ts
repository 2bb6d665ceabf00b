import { describe, expect, test } from 'bun:test';
import { plannerExtensions } from '../../../docs/examples/planner/wishes.ts';
import type { Change } from '../change.ts';
import type { Constraint } from '../constraint.ts';
import type { ExtensionDefinition } from '../extension-definition.ts';
import type { PlacementState } from '../placement-state.ts';
import type { ObjectiveTerm } from '../term.ts';
import { checkExtension } from './check-extension.ts';

const [oneZone, preferredLabel] = plannerExtensions;
if (!oneZone || !preferredLabel) throw new Error('the example has two extensions');

/** The example's constraint with something of it replaced. */
function constraintWith(change: (own: Constraint, state: PlacementState) => Partial<Constraint>) {
  const parts = oneZone?.create({ group: '' });
  return {
    ...oneZone,
    create: () => ({
      constraints: (state: PlacementState) =>
        (parts?.constraints?.(state) ?? []).map((own) => ({ ...own, ...change(own, state) })),
    }),
  } as ExtensionDefinition;
}

function termWith(change: (own: ObjectiveTerm, state: PlacementState) => Partial<ObjectiveTerm>) {
  const parts = preferredLabel?.create({ label: 'disk', value: 'ssd', weight: 1 });
  return {
    ...preferredLabel,
    create: () => ({
      terms: (state: PlacementState, factors) =>
        (parts?.terms?.(state, factors) ?? []).map((own) => ({ ...own, ...change(own, state) })),
    }),
  } as ExtensionDefinition;
}

const checksOf = (definition: ExtensionDefinition): Set<string> =>
  new Set(checkExtension(definition, { states: 60 }).failures.map((failure) => failure.check));

describe('the conformance kit', () => {
  test.each(plannerExtensions.map((each) => [each.name, each] as const))('passes %s', (_, definition) => {
    const report = checkExtension(definition, { states: 300 });
    expect(report.failures).toEqual([]);
    expect(report.changes).toBeGreaterThan(1_000);
  });

  test('reports what a delta costs, by the clock that it is given', () => {
    let time = 0;
    const { costs } = checkExtension(preferredLabel, { states: 2, now: () => (time += 20) });
    expect(costs).toEqual([{ part: 'preferred label', kind: 'term', deltas: 20_000, nanosPerDelta: 1_000 }]);
  });

  test('finds a name, a default and limits that are wrong', () => {
    expect(checksOf({ ...oneZone, name: 'One Zone' })).toEqual(new Set(['metadata']));
    const weight = { kind: 'number', name: 'w', description: 'd', unit: 'u', minimum: 0 } as const;
    for (const parameter of [
      { ...weight, default: 9, maximum: 1 },
      { ...weight, default: 0, maximum: Number.POSITIVE_INFINITY },
    ])
      expect(checksOf({ ...oneZone, parameters: [parameter] })).toEqual(new Set(['metadata']));
  });

  test('finds a delta that is not what happens, of relocations and of exchanges', () => {
    expect(checksOf(termWith((own) => ({ delta: (change) => own.delta(change) * 1.001 })))).toContain(
      'delta',
    );
    const careless = (own: ObjectiveTerm) => ({
      delta: (change: Change) => own.delta({ ...change, kind: 'relocate' }),
    });
    expect(checksOf(termWith(careless))).toContain('delta');
  });

  test('finds a constraint that lets violations grow', () => {
    const lenient = (own: Constraint) => ({
      delta: (change: Change) => {
        const delta = own.delta(change);
        return delta === Number.POSITIVE_INFINITY ? 1 : delta;
      },
    });
    expect(checksOf(constraintWith(lenient))).toContain('worse');
  });

  test('finds counters that do not follow, and what is unsafe while other changes run', () => {
    expect(checksOf(constraintWith(() => ({ settle: undefined })))).toContain('counters');
    // Both halves at the beginning: what has not arrived yet is counted as there.
    const early = (own: Constraint) => ({
      hold: (change: Change) => {
        own.hold?.(change);
        own.settle?.(change);
      },
      settle: () => {},
    });
    expect(checksOf(constraintWith(early))).toContain('waves');
  });

  test('finds offenders of nothing, and violations without offenders', () => {
    const eager = (_: Constraint, state: PlacementState) => ({
      offenders: (visit: (replica: number) => void) => {
        for (let r = 0; r < state.problem.replicaCount; r++) visit(r);
      },
    });
    expect(checksOf(constraintWith(eager))).toContain('offenders');
    expect(checksOf(constraintWith(() => ({ offenders: () => {} })))).toContain('offenders');
  });

  test('finds answers that change by asking', () => {
    let calls = 0;
    expect(
      checksOf(termWith((own) => ({ delta: (change) => own.delta(change) + (calls++ % 2) * 1e-12 }))),
    ).toContain('determinism');
  });

  test('finds what writes into the state', () => {
    const writes = (own: ObjectiveTerm, state: PlacementState) => ({
      delta: (change: Change) => {
        state.load[0] += 1;
        return own.delta(change);
      },
    });
    expect(checksOf(termWith(writes))).toContain('purity');
  });

  test.each([
    [
      'throws',
      () => ({
        value: () => {
          throw new Error('no');
        },
      }),
    ],
    ['answers NaN', () => ({ delta: () => Number.NaN })],
    ['answers Infinity', () => ({ value: () => Number.POSITIVE_INFINITY })],
    ['is of a level that is not its', () => ({ level: 'violations' as 'balance' })],
    [
      'applies changes by itself',
      (own: ObjectiveTerm, state: PlacementState) => ({
        delta: (change: Change) => {
          state.apply(change);
          return own.delta(change);
        },
      }),
    ],
  ])('finds a term that %s', (_, change) => {
    expect(checksOf(termWith(change))).toContain('throws');
  });
});
