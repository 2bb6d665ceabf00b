import { describe, expect, test } from 'bun:test';
import type { Node } from '../domain/node.ts';
import type { PlacementPolicy } from '../domain/policy.ts';
import { afterMoves, type CheckedReplica, placementOf, violationsOf } from './check-placement.ts';
import { computePlan } from './compute-plan.ts';
import { fleet, freePolicy, node, requestFor, shard } from './fleet.testing.ts';

/** Every rule that a policy may have: a fleet that breaks it is repaired, and its opposite number is left alone. */

/** Two regions of two zones of two racks of two nodes: n000 to n111; the last bit also says the disk. */
const nodes: readonly Node[] = ['000', '001', '010', '011', '100', '101', '110', '111'].map((bits) =>
  node(`n${bits}`, 1, {
    region: `r${bits.slice(0, 1)}`,
    zone: `z${bits.slice(0, 2)}`,
    rack: `k${bits}`,
    labels: { disk: bits.endsWith('1') ? 'ssd' : 'hdd' },
  }),
);

interface Case {
  readonly placement: Partial<PlacementPolicy>;
  /** Nodes per shard, by the group that the shard is in. */
  readonly shards: readonly (readonly [group: string, nodes: readonly string[]])[];
  readonly nodes?: readonly Node[];
}

const spread = (
  level: 'rack' | 'zone' | 'region',
  minDomains: number,
  maxPerDomain: number,
): Case['placement'] => ({
  spread: [{ select: {}, level, minDomains, maxPerDomain }],
});
const many = (count: number, group: string, at: readonly string[]): Case['shards'] =>
  Array.from({ length: count }, () => [group, at] as const);
const oneRack = nodes.map((each) => ({ ...each, rack: each.zone }));

const cases: readonly (readonly [string, Case])[] = [
  ['spread over regions, minimum', { placement: spread('region', 2, 0), shards: [['', ['n000', 'n001']]] }],
  ['spread over zones, minimum', { placement: spread('zone', 2, 0), shards: [['', ['n000', 'n001']]] }],
  [
    'spread over racks, minimum',
    { placement: spread('rack', 2, 0), shards: [['', ['n000', 'n001']]], nodes: oneRack },
  ],
  [
    'spread over regions, maximum',
    { placement: spread('region', 0, 2), shards: [['', ['n000', 'n010', 'n011']]] },
  ],
  [
    'spread over zones, maximum',
    { placement: spread('zone', 0, 1), shards: [['', ['n000', 'n001', 'n100']]] },
  ],
  [
    'spread over racks, maximum',
    { placement: spread('rack', 0, 1), shards: [['', ['n000', 'n001']]], nodes: oneRack },
  ],
  [
    'spread over zones and regions at once',
    {
      placement: {
        spread: [
          { select: {}, level: 'zone', minDomains: 0, maxPerDomain: 1 },
          { select: {}, level: 'region', minDomains: 2, maxPerDomain: 0 },
        ],
      },
      shards: [['', ['n000', 'n001']]],
    },
  ],
  [
    'labels that are required',
    {
      placement: { labels: [{ select: { group: 'g' }, effect: 'require', label: 'disk', values: ['ssd'] }] },
      shards: [
        ['g', ['n000']],
        ['h', ['n000']],
      ],
    },
  ],
  [
    'labels that are forbidden',
    {
      placement: { labels: [{ select: {}, effect: 'forbid', label: 'disk', values: ['hdd'] }] },
      shards: [['', ['n000']]],
    },
  ],
  [
    'allowed nodes',
    {
      placement: { pins: [{ select: { shards: ['s00'] }, effect: 'only', nodes: ['n111'] }] },
      shards: many(2, '', ['n000']),
    },
  ],
  [
    'forbidden nodes',
    {
      placement: { pins: [{ select: { prefix: 's0' }, effect: 'never', nodes: ['n000', 'n001'] }] },
      shards: many(2, '', ['n000']),
    },
  ],
  ['replicas per node', { placement: { maxReplicasPerNode: 2 }, shards: many(5, '', ['n000']) }],
  ['replicas per zone', { placement: { maxReplicasPerZone: 2 }, shards: many(5, '', ['n000']) }],
  [
    'share of replicas per node',
    { placement: { maxShareOfReplicasPerNode: 0.25 }, shards: many(8, '', ['n000']) },
  ],
  [
    'share of replicas per zone',
    { placement: { maxShareOfReplicasPerZone: 0.5 }, shards: many(8, '', ['n000']) },
  ],
  ['share of load per node', { placement: { maxShareOfLoadPerNode: 0.25 }, shards: many(8, '', ['n000']) }],
  ['share of load per zone', { placement: { maxShareOfLoadPerZone: 0.5 }, shards: many(8, '', ['n000']) }],
  ...(['rack', 'zone', 'region'] as const).map(
    (level) =>
      [
        `dependencies per ${level}`,
        {
          placement: { dependencies: [{ group: 'web', dependsOn: 'cache', level }] },
          shards: [
            ['web', ['n000']],
            ['cache', ['n111']],
          ],
        },
      ] satisfies readonly [string, Case],
  ),
  [
    'nodes that must be vacated',
    {
      placement: {},
      shards: many(4, '', ['n000']),
      nodes: nodes.map((each) => (each.id === 'n000' ? { ...each, adminState: 'draining' } : each)),
    },
  ],
];

function requestOf({ placement, shards, nodes: own = nodes }: Case) {
  const all = shards.map(([group, at], s) => shard(`s${String(s).padStart(2, '0')}`, at, [1], { group }));
  // So much room, and so little weight, that nothing but the rule asks for a move.
  const policy = freePolicy(['cpu'], { placement, dimension: { weight: 0 } });
  return requestFor(fleet(['cpu'], own, all), policy);
}

function planOf(asked: Case) {
  const planned = computePlan(requestOf(asked));
  if (!planned.ok) throw new Error(JSON.stringify(planned.error));
  return planned.value;
}

describe('a rule that the fleet breaks is mended, and the plan says so:', () => {
  test.each(cases)('%s', (name, asked) => {
    const request = requestOf(asked);
    const before = placementOf(request);
    const { moves, summary } = planOf(asked);
    const after = afterMoves(before, moves);
    if (name !== 'nodes that must be vacated') expect(violationsOf(request, before).size).toBeGreaterThan(0);
    expect([...violationsOf(request, after).keys()]).toEqual([]);
    expect(summary).toMatchObject({ violationsAfter: 0, toVacateAfter: 0 });
    expect(moves.length).toBeGreaterThan(0);
    for (const move of moves) expect(move.reasons[0]?.code).not.toBe('swapPartner');
  });

  test('and a fleet that keeps all of them is left alone', () => {
    const placement = Object.assign({}, ...cases.map(([, each]) => each.placement), {
      spread: [
        { select: {}, level: 'zone', minDomains: 2, maxPerDomain: 1 },
        { select: {}, level: 'region', minDomains: 2, maxPerDomain: 0 },
      ],
      labels: [{ select: { group: 'g' }, effect: 'require', label: 'disk', values: ['ssd'] }],
      pins: [],
      dependencies: [],
      maxReplicasPerZone: 4,
    }) as Partial<PlacementPolicy>;
    const shards: Case['shards'] = [
      ['g', ['n001', 'n101']],
      ['', ['n010', 'n110']],
      ['', ['n011', 'n111']],
      ['g', ['n001', 'n111']],
    ];
    expect(planOf({ placement, shards }).moves).toEqual([]);
  });
});

describe('nodes that take nothing', () => {
  test.each([
    ['cordoned', { adminState: 'cordoned' }],
    ['draining', { adminState: 'draining' }],
    ['suspect', { status: 'suspect' }],
    ['dead', { status: 'dead' }],
    ['left', { status: 'left' }],
  ] as const)('%s', (_, change) => {
    const own = nodes.map((each) =>
      each.id === 'n000' || each.id === 'n111' ? each : { ...each, ...change },
    );
    const { moves } = planOf({
      placement: { maxReplicasPerNode: 2 },
      shards: many(4, '', ['n000']),
      nodes: own,
    });
    expect(moves.map((move) => move.destination)).toEqual(['n111', 'n111']);
  });
});

test('a shard that a pin keeps stays where it is, whatever it breaks', () => {
  const request = requestOf({
    placement: {
      pins: [
        { select: { shards: ['s00'] }, effect: 'stay', nodes: [] },
        { select: {}, effect: 'never', nodes: ['n000'] },
      ],
    },
    shards: many(2, '', ['n000']),
  });
  const planned = computePlan(request);
  if (!planned.ok) throw new Error(JSON.stringify(planned.error));
  const after: readonly CheckedReplica[] = [
    ...afterMoves(placementOf(request), planned.value.moves).values(),
  ];
  expect(after.map((replica) => replica.node === 'n000')).toEqual([true, false]);
  expect(planned.value.obstacles[0]).toMatchObject({ code: 'pin', subject: 'shard/s00' });
});
