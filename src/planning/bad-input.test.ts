import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { canonicalJson } from '../base/digest.ts';
import type { Node } from '../domain/node.ts';
import type { PlacementPolicy } from '../domain/policy.ts';
import { buildSnapshot, type ShardInput } from '../domain/snapshot-builder.ts';
import { compareLevels } from './build-objective.ts';
import { afterMoves, placementOf, replicasToVacate, violationsOf, worsened } from './check-placement.ts';
import { computePlan } from './compute-plan.ts';
import { freePolicy, node, requestFor, shard } from './fleet.testing.ts';

/** Numbers that a fleet may report, sane or not. */
const amount = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(1, 10, 60) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1e-12, 1e15, 1e-100, 1e100) },
);
const capacity = fc.oneof({ weight: 4, arbitrary: fc.constant(100) }, { weight: 1, arbitrary: amount });
const nonsense = fc.constantFrom(
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1.7e308,
  5e-324,
  -1,
);
const mostlySane = (sane: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.oneof({ weight: 60, arbitrary: sane }, { weight: 1, arbitrary: nonsense });

const anyNode: fc.Arbitrary<Partial<Node>> = fc.record({
  capacity: fc.tuple(mostlySane(capacity)),
  zone: fc.constantFrom('z0', 'z1'),
  labels: fc.constantFrom<Record<string, string>[]>({}, { disk: 'ssd' }),
  status: fc.constantFrom('alive', 'alive', 'alive', 'dead', 'left', 'suspect'),
  adminState: fc.constantFrom('active', 'active', 'active', 'draining', 'cordoned'),
});

const anyRules: fc.Arbitrary<Partial<PlacementPolicy>> = fc.record(
  {
    pins: fc.array(
      fc.record({
        select: fc.constantFrom({}, { prefix: 's0' }),
        effect: fc.constantFrom('only' as const, 'never' as const, 'stay' as const),
        nodes: fc.subarray(['n0', 'n1', 'n2', 'nowhere'], { minLength: 1 }),
      }),
      { maxLength: 3 },
    ),
    labels: fc.constantFrom([], [{ select: {}, effect: 'require' as const, label: 'disk', values: ['ssd'] }]),
    spread: fc.constantFrom(
      [],
      [{ select: {}, level: 'zone' as const, minDomains: 5, maxPerDomain: 0 }],
      [{ select: {}, level: 'zone' as const, minDomains: 1, maxPerDomain: 1 }],
    ),
    maxReplicasPerNode: fc.constantFrom(0, 1),
    maxShareOfReplicasPerNode: fc.constantFrom(1, 0.01),
    maxShareOfLoadPerNode: fc.constantFrom(1, 0.01),
  },
  { requiredKeys: [] },
);

const anyBudget = fc.record(
  {
    maxMoves: fc.constantFrom(0, 1, 100),
    maxBytes: fc.constantFrom(0, Number.MAX_SAFE_INTEGER),
    maxShareOfShards: fc.constantFrom(0, 1),
    maxEvaluations: fc.constantFrom(0, 1, 200_000),
  },
  { requiredKeys: [] },
);

/** Half of the time what is drawn, else nothing. */
function sometimes<T extends object>(drawn: fc.Arbitrary<T>): fc.Arbitrary<T | Record<string, never>> {
  return fc.oneof(drawn, fc.constant({}));
}

const anyFleet = fc.array(anyNode, { minLength: 0, maxLength: 4 }).chain((nodes) =>
  fc.record({
    nodes: fc.constant(nodes.map((change, n) => node(`n${n}`, 1, change))),
    shards: fc.array(anyShard(nodes.length), { minLength: 0, maxLength: 9 }),
  }),
);

/** Replicas on distinct nodes of those there are; on one that is not there when there is none. */
function anyShard(nodes: number): fc.Arbitrary<Omit<ShardInput, 'id'>> {
  const names = nodes === 0 ? ['n9'] : Array.from({ length: nodes }, (_, n) => `n${n}`);
  return fc
    .record({
      places: fc.shuffledSubarray(names, { minLength: 1, maxLength: Math.min(2, names.length) }),
      load: mostlySane(amount),
    })
    .map(({ places, load }) => shard('', places, [load]));
}

function snapshotOf(nodes: readonly Node[], shards: readonly Omit<ShardInput, 'id'>[]) {
  return buildSnapshot({
    cluster: 'c',
    namespace: 'n',
    takenAt: 1_700_000_000_000,
    dimensions: [{ name: 'cpu', unit: 'u' }],
    nodes,
    shards: shards.map((each, s) => ({ ...each, id: `s${s}` })),
    quality: { completeness: 1, stalenessMs: 0, sources: [] },
  });
}

describe('whatever is put in', () => {
  test('is refused with the place, or answered with a fleet that is no worse, or with the rules in conflict', () => {
    const seen = { refused: 0, planned: 0, conflicts: 0 };
    fc.assert(
      fc.property(
        anyFleet,
        sometimes(anyRules),
        sometimes(anyBudget),
        ({ nodes, shards }, placement, budget) => {
          const snapshot = snapshotOf(nodes, shards);
          if (!snapshot.ok) {
            seen.refused += 1;
            for (const problem of snapshot.error) expect(problem.field ?? '').not.toBe('');
            return;
          }
          const request = requestFor(snapshot.value, freePolicy(['cpu'], { placement, budget }));
          const result = computePlan(request);
          if (!result.ok) {
            seen.conflicts += 1;
            for (const problem of result.error) {
              expect(problem).toMatchObject({ code: 'PLACEMENT_INFEASIBLE', limit: expect.any(String) });
              expect(problem.limit).not.toBe('');
              expect(problem.remedy).not.toBe('');
            }
            return;
          }
          if (result.value.moves.length > 0) seen.planned += 1;
          expect(() => canonicalJson(result.value)).not.toThrow();
          const { objectiveBefore, objectiveAfter, moves } = result.value.summary;
          expect(
            compareLevels(objectiveAfter.slice(0, -1), objectiveBefore.slice(0, -1)),
          ).toBeLessThanOrEqual(0);
          expect(moves).toBeLessThanOrEqual(request.policy.budget.maxMoves);
          const before = placementOf(request);
          const after = afterMoves(before, result.value.moves);
          expect(worsened(violationsOf(request, before), violationsOf(request, after))).toEqual([]);
          expect(replicasToVacate(request, after)).toBeLessThanOrEqual(replicasToVacate(request, before));
        },
      ),
      { numRuns: 1_500, seed: 11 },
    );
    // Each kind of answer came up.
    expect(Math.min(seen.refused, seen.planned, seen.conflicts)).toBeGreaterThan(20);
  });
});
