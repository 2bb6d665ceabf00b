import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { plannerExtensions } from '../../docs/examples/planner/wishes.ts';
import { canonicalJson } from '../base/digest.ts';
import { createRandom } from '../base/random.ts';
import type { PlanningRequest } from '../domain/planning.ts';
import type { ExtensionPolicy } from '../domain/policy.ts';
import { afterMoves, type CheckedPlacement, placementOf, violationsOf, worsened } from './check-placement.ts';
import { computePlan } from './compute-plan.ts';
import { randomRequest } from './conformance/random-request.ts';
import type { ExtensionDefinition, ExtensionParts } from './extension-definition.ts';
import { fleet, freePolicy, node, requestFor, shard } from './fleet.testing.ts';
import { explainWithExtensions, planWithExtensions } from './plan-with-extensions.ts';

const never = { shouldStop: () => false };

function named(request: PlanningRequest, ...extensions: readonly ExtensionPolicy[]): PlanningRequest {
  const { policy } = request;
  return { ...request, policy: { ...policy, placement: { ...policy.placement, extensions } } };
}

/** Two zones of two nodes, an ssd in each; twelve replicas, all on spinning disks. */
function twoZones(): PlanningRequest {
  const nodes = ['a', 'b', 'c', 'd'].map((id, i) =>
    node(id, 1, { zone: i < 2 ? 'z1' : 'z2', labels: { disk: i % 2 === 0 ? 'hdd' : 'ssd' } }),
  );
  const shards = Array.from({ length: 12 }, (_, s) => shard(`s${s}`, [s % 2 === 0 ? 'a' : 'c'], [5]));
  return requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu']));
}

const prefers: ExtensionPolicy = { name: 'preferred-label', parameters: { weight: 10 } };

function extension(parts: ExtensionParts): ExtensionDefinition {
  return { name: 'probe', description: 'For tests.', parameters: [], create: () => parts };
}
const probe: ExtensionPolicy = { name: 'probe', parameters: {} };

function zonesOfGroups(request: PlanningRequest, placement: CheckedPlacement): Map<string, number> {
  const zoneOf = new Map(request.snapshot.nodes.map((each) => [each.id, each.zone]));
  const groups = Map.groupBy(placement.values(), (replica) => replica.group);
  groups.delete('');
  return new Map(
    [...groups].map(([group, replicas]) => [
      group,
      new Set(replicas.map((replica) => zoneOf.get(replica.node))).size,
    ]),
  );
}

describe('a plan with extensions', () => {
  test('follows a term of theirs, says so in the reasons, and is deterministic', () => {
    const request = named(twoZones(), prefers);
    const planned = planWithExtensions(request, never, plannerExtensions);
    if (!planned.ok) throw new Error(JSON.stringify(planned.error));
    const after = [...afterMoves(placementOf(request), planned.value.moves).values()];
    expect(after.filter((replica) => ['b', 'd'].includes(replica.node)).length).toBeGreaterThan(9);
    const codes = planned.value.moves.flatMap((move) => move.reasons.map((reason) => reason.code));
    expect(codes).toContain('extension');
    expect(canonicalJson(planWithExtensions(request, never, plannerExtensions))).toBe(canonicalJson(planned));
  });

  test('follows a term on the level of balance only where the hottest node becomes no hotter', () => {
    const request = twoZones();
    const even = requestFor(
      fleet(
        ['cpu'],
        request.snapshot.nodes,
        ['a', 'b', 'c', 'd'].flatMap((at) =>
          Array.from({ length: 3 }, (_, s) => shard(`${at}${s}`, [at], [5])),
        ),
      ),
      freePolicy(['cpu']),
    );
    const ask = (rank: string) => {
      const parameters = { weight: 10, rank };
      const planned = planWithExtensions(
        named(even, { name: 'preferred-label', parameters }),
        never,
        plannerExtensions,
      );
      return planned.ok ? planned.value.moves.length : -1;
    };
    expect(ask('afterBalance')).toBe(0);
    expect(ask('beforeBalance')).toBe(6);
  });

  test('is the plan without them where the policy names none', () => {
    const request = twoZones();
    const planned = planWithExtensions(request, never, plannerExtensions);
    expect(canonicalJson(planned)).toBe(canonicalJson(computePlan(request)));
  });

  test('keeps a constraint of theirs and every rule of the policy, over random fleets', () => {
    let moved = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
        const request = named(randomRequest(createRandom(seed), 'anything'), {
          name: 'one-zone',
          parameters: {},
        });
        const planned = planWithExtensions(request, never, plannerExtensions);
        if (!planned.ok) {
          for (const problem of planned.error) expect(problem.code).toBe('PLACEMENT_INFEASIBLE');
          return;
        }
        const before = placementOf(request);
        const after = afterMoves(before, planned.value.moves);
        expect(worsened(violationsOf(request, before), violationsOf(request, after))).toEqual([]);
        const zonesBefore = zonesOfGroups(request, before);
        for (const [group, zones] of zonesOfGroups(request, after))
          expect(zones).toBeLessThanOrEqual(zonesBefore.get(group) ?? 0);
        moved += planned.value.moves.length;
      }),
      { numRuns: 150, seed: 9 },
    );
    expect(moved).toBeGreaterThan(100);
  });

  test('repairs what breaks a constraint of theirs', () => {
    const nodes = ['a', 'b', 'c'].map((id, i) => node(id, 1, { zone: i < 2 ? 'z1' : 'z2' }));
    const shards = ['a', 'b', 'c'].map((at, s) => shard(`s${s}`, [at], [5], { group: 'g' }));
    const request = named(requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu'])), {
      name: 'one-zone',
      parameters: { group: 'g' },
    });
    const planned = planWithExtensions(request, never, plannerExtensions);
    if (!planned.ok) throw new Error(JSON.stringify(planned.error));
    expect(planned.value.summary).toMatchObject({ violationsBefore: 1, violationsAfter: 0 });
    expect(planned.value.moves[0]?.reasons[0]).toMatchObject({
      code: 'extension',
      subject: 'extension/one-zone',
    });
  });

  test('is explained with them: a destination that their rule refuses is told in its own words', () => {
    const nodes = ['a', 'b', 'c'].map((id, i) => node(id, 1, { zone: i < 2 ? 'z1' : 'z2' }));
    const shards = ['a', 'b'].map((at, s) => shard(`s${s}`, [at], [5], { group: 'g' }));
    const planning = named(requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu'])), {
      name: 'one-zone',
      parameters: {},
    });
    const question = {
      planning,
      moves: [],
      obstacles: [],
      subject: { kind: 'shard', id: 's0' },
      limit: 5,
    } as const;
    const explained = explainWithExtensions(question, plannerExtensions);
    expect(JSON.stringify(explained)).toContain('group g would spread to zone z2');
    expect(explainWithExtensions(question, [])).toMatchObject({
      ok: false,
      error: [{ code: 'POLICY_EXTENSION_UNKNOWN' }],
    });
  });

  test('refuses a name that is not loaded, and a parameter that does not fit, saying what there is', () => {
    const ask = (policy: ExtensionPolicy) => {
      const answer = planWithExtensions(named(twoZones(), policy), never, plannerExtensions);
      return answer.ok ? undefined : answer.error[0];
    };
    expect(ask({ name: 'two-zones', parameters: {} })).toMatchObject({
      code: 'POLICY_EXTENSION_UNKNOWN',
      field: 'placement.extensions[0].name',
      limit: 'one-zone, preferred-label',
    });
    expect(ask({ name: 'preferred-label', parameters: { weight: 'much' } })).toMatchObject({
      code: 'POLICY_EXTENSION_PARAMETER',
      limit: 'a number from 0 to 1000',
    });
    expect(ask({ name: 'preferred-label', parameters: { wait: 1 } })).toMatchObject({
      code: 'POLICY_EXTENSION_PARAMETER',
      limit: 'label, value, weight, rank',
    });
  });
});

describe('an extension that misbehaves costs the plan and names itself', () => {
  const constraint = {
    name: 'odd',
    obstacle: 'extension',
    kind: 'identity',
    delta: () => 0,
    measure: () => ({ amount: 0, subjects: 0 }),
    offenders: () => {},
  } as const;
  const term = { name: 'odd', level: 'balance', delta: () => 0, value: () => 0 } as const;
  const boom = (): never => {
    throw new Error('boom');
  };

  test.each([
    ['throws while it is made', { constraints: boom }, 'boom'],
    ['throws in a delta', { constraints: () => [{ ...constraint, delta: boom }] }, 'boom'],
    ['answers NaN', { terms: () => [{ ...term, delta: () => Number.NaN }] }, 'NaN'],
    ['answers minus infinity', { constraints: () => [{ ...constraint, delta: () => -1 / 0 }] }, '-Infinity'],
    ['answers an endless value', { terms: () => [{ ...term, value: () => 1 / 0 }] }, 'Infinity'],
    [
      'measures nonsense',
      { constraints: () => [{ ...constraint, measure: () => ({ amount: -1, subjects: 0 }) }] },
      '-1',
    ],
    ['is no list', { terms: () => term as never }, 'list'],
    ['claims a level of the planner', { terms: () => [{ ...term, level: 'peak' as never }] }, 'level'],
    [
      'names a replica that does not exist',
      {
        constraints: () => [
          {
            ...constraint,
            measure: () => ({ amount: 1, subjects: 1 }),
            offenders: (visit: (replica: number) => void) => visit(99),
          },
        ],
      },
      '99',
    ],
    [
      'never stops naming',
      {
        constraints: () => [
          {
            ...constraint,
            measure: () => ({ amount: 1, subjects: 1 }),
            offenders: (visit: (replica: number) => void) => {
              for (;;) visit(0);
            },
          },
        ],
      },
      'never stops',
    ],
  ] satisfies [string, ExtensionParts, string][])('%s', (_, parts, message) => {
    const answer = planWithExtensions(named(twoZones(), probe), never, [extension(parts)]);
    const [problem] = answer.ok ? [] : answer.error;
    expect(problem).toMatchObject({ code: 'PLANNER_EXTENSION_FAILED', subject: 'extension/probe' });
    expect(problem?.message).toContain(message);
  });

  test('writes into the state until the search believes what is not so', () => {
    const nodes = ['a', 'b'].map((id) => node(id, 1));
    const shards = Array.from({ length: 20 }, (_, s) => shard(`s${s}`, [s < 10 ? 'a' : 'b'], [9]));
    const request = named(requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu'])), probe);
    const forgets: ExtensionParts = {
      constraints: (state) => [
        {
          ...constraint,
          settle: () => {
            state.load[1] = 0;
          },
        },
      ],
      terms: (state) => [
        {
          ...term,
          level: 'excess',
          delta: ({ to }) => (to === 1 ? -100 : 100),
          value: () => -100 * state.count[1],
        },
      ],
    };
    const answer = planWithExtensions(request, never, [extension(forgets)]);
    // Whoever finds it first, the waves or the last check: nothing that breaks a rule is answered.
    if (answer.ok) {
      const { moves } = answer.value;
      expect([...violationsOf(request, afterMoves(placementOf(request), moves))]).toEqual([]);
    } else {
      expect(answer.error[0]).toMatchObject({ code: 'PLANNER_EXTENSION_FAILED' });
      expect(answer.error[0]?.message).toContain('breaks "hard limit"');
    }
  });
});
