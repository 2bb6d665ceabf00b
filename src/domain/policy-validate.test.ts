import { describe, expect, test } from 'bun:test';
import type { PolicyMode } from './policy.ts';
import { defaultPolicy } from './policy-defaults.ts';
import { defaultDimensionPolicy } from './policy-dimensions.ts';
import { choiceRules, numberRules } from './policy-field-table.ts';
import { maxPolicyProblems } from './policy-findings.ts';
import { applyOverlay } from './policy-merge.ts';
import type { PolicyOverlay } from './policy-overlay.ts';
import { validatePolicy } from './policy-validate.ts';
import type { PolicyWorld } from './policy-validate-world.ts';
import { buildSnapshot } from './snapshot-builder.ts';

const policyWith = (overlay: PolicyOverlay) => applyOverlay(defaultPolicy('prod', 'orders'), overlay);
const found = (overlay: PolicyOverlay, world?: PolicyWorld): readonly (string | undefined)[][] =>
  validatePolicy(policyWith(overlay), world).map(({ code, field }) => [code, field]);

/** An overlay with one value at a path. */
function at(path: string, value: unknown): PolicyOverlay {
  return path
    .split('.')
    .toReversed()
    .reduce<unknown>((inner, name) => ({ [name]: inner }), value) as PolicyOverlay;
}

const cpu = defaultDimensionPolicy('cpu');
const night = { days: [1], start: '22:00', end: '02:00', timeZone: 'UTC' };
const adapter = { name: 'latency', weight: 1, floor: 0, parameters: {} };
const tier = { name: 'large', aboveMoves: 10, required: 2, groups: [] };

describe('every number of a policy', () => {
  const outside: [string, number][] = numberRules.flatMap(
    ({ field, min, max, above, kind }): [string, number][] => [
      [field, above ? min : min - 1],
      [field, kind === 'share' ? max + 0.01 : max * 2],
      [field, Number.NaN],
      [field, Number.POSITIVE_INFINITY],
      ...(kind === 'count' ? [[field, min + 0.5] as [string, number]] : []),
    ],
  );

  test.each(outside)('%s is refused when it is %p', (field, value) => {
    const problem = validatePolicy(policyWith(at(field, value))).find(
      (each) => each.code === 'POLICY_INVALID',
    );
    expect(problem).toMatchObject({ field, value });
    expect(problem?.limit).toBeDefined();
    expect(problem?.remedy).toBeDefined();
  });

  test.each(numberRules.map(({ field, min, max, above }) => [field, above ? max : min, max] as const))(
    '%s may be %p and %p',
    (field, least, most) => {
      for (const value of [least, most]) {
        const problems = validatePolicy(policyWith(at(field, value)));
        expect(problems.filter((each) => each.code === 'POLICY_INVALID')).toEqual([]);
      }
    },
  );

  test('is in the table', () => {
    const numbers: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value === 'number') numbers.push(path);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
      for (const [name, member] of Object.entries(value))
        visit(member, path === '' ? name : `${path}.${name}`);
    };
    visit({ ...defaultPolicy('prod', 'orders'), revision: undefined }, '');
    expect(numbers.toSorted()).toEqual(numberRules.map(({ field }) => field).toSorted());
  });
});

describe('every choice of a policy', () => {
  test.each(choiceRules.map(({ field }) => field))('%s is refused when it is something else', (field) => {
    expect(found(at(field, 'sometimes'))).toEqual([['POLICY_INVALID', field]]);
  });

  test('may be each of its choices', () => {
    for (const { field, choices } of choiceRules) {
      for (const choice of choices)
        expect([field, choice, found(at(field, choice))]).toEqual([field, choice, []]);
    }
  });
});

describe('a policy is refused for', () => {
  const invalid: [string, PolicyOverlay, string][] = [
    ['a regression factor below 1', { execution: { regressionFactor: 0.5 } }, 'execution.regressionFactor'],
    ['a cron expression that does not parse', { schedule: { cron: 'daily at six' } }, 'schedule.cron'],
    ['a cron expression of too few fields', { schedule: { cron: '0 6 * *' } }, 'schedule.cron'],
    ['a date that never comes', { schedule: { cron: '0 0 30 2 *' } }, 'schedule.cron'],
    ['an empty cron expression', { schedule: { timeZone: 'UTC' } }, 'schedule.cron'],
    [
      'a time zone that does not exist',
      { schedule: { cron: '0 6 * * *', timeZone: 'Mars/Base' } },
      'schedule.timeZone',
    ],
    [
      'a dimension without a proper name',
      { dimensions: [{ ...cpu, name: 'CPU load' }] },
      'dimensions[0].name',
    ],
    ['a negative weight', { dimensions: [{ ...cpu, weight: -1 }] }, 'dimensions[0].weight'],
    ['a target of 0', { dimensions: [{ ...cpu, targetUtilization: 0 }] }, 'dimensions[0].targetUtilization'],
    [
      'a half-life of 0',
      { dimensions: [{ ...cpu, smoothing: { kind: 'ewma', halfLifeMs: 0 } }] },
      'dimensions[0].smoothing.halfLifeMs',
    ],
    [
      'a percentile above 100',
      { dimensions: [{ ...cpu, smoothing: { kind: 'percentile', percentile: 101, windowMs: 1 } }] },
      'dimensions[0].smoothing.percentile',
    ],
    [
      'an adapter without a name',
      { scoring: { adapters: [{ ...adapter, name: '' }] } },
      'scoring.adapters[0].name',
    ],
    ['a floor above 1', { scoring: { adapters: [{ ...adapter, floor: 2 }] } }, 'scoring.adapters[0].floor'],
    [
      'a weight above 1 where weights are probabilities',
      { scoring: { combine: 'noisyOr', adapters: [{ ...adapter, weight: 2 }] } },
      'scoring.adapters[0].weight',
    ],
    [
      'a parameter that is not a number',
      { scoring: { adapters: [{ ...adapter, parameters: { good: Number.NaN } }] } },
      'scoring.adapters[0].parameters.good',
    ],
    ['an empty group of approvers', { approvals: { groups: [''] } }, 'approvals.groups[0]'],
    [
      'a tier that never applies',
      { approvals: { tiers: [{ ...tier, aboveMoves: undefined }] } },
      'approvals.tiers[0]',
    ],
    [
      'a tier above a share beyond 1',
      { approvals: { tiers: [{ ...tier, aboveShareOfShards: 2 }] } },
      'approvals.tiers[0].aboveShareOfShards',
    ],
    [
      'a pattern that could run for ever',
      { changeControl: { ticketPattern: '(a+)+' } },
      'changeControl.ticketPattern',
    ],
    [
      'a window without days',
      { changeControl: { windows: [{ ...night, days: [] }] } },
      'changeControl.windows[0].days',
    ],
    [
      'an eighth weekday',
      { changeControl: { windows: [{ ...night, days: [8] }] } },
      'changeControl.windows[0].days[0]',
    ],
    [
      'a 25th hour',
      { changeControl: { windows: [{ ...night, end: '25:00' }] } },
      'changeControl.windows[0].end',
    ],
    [
      'a window nowhere',
      { changeControl: { windows: [{ ...night, timeZone: '' }] } },
      'changeControl.windows[0].timeZone',
    ],
    [
      'a freeze without a reason',
      { changeControl: { freezes: [{ from: 1, until: 2, reason: '' }] } },
      'changeControl.freezes[0].reason',
    ],
    [
      'a label rule with a value that says nothing',
      { placement: { labels: [{ select: {}, effect: 'require', label: 'disk', values: [''] }] } },
      'placement.labels[0].values[0]',
    ],
    [
      'a pin to no node',
      { placement: { pins: [{ select: { prefix: 'a' }, effect: 'only', nodes: [] }] } },
      'placement.pins[0].nodes',
    ],
    [
      'a selector with an empty prefix',
      { placement: { pins: [{ select: { prefix: '' }, effect: 'stay', nodes: [] }] } },
      'placement.pins[0].select.prefix',
    ],
    [
      'a negative number of domains',
      { placement: { spread: [{ select: {}, level: 'zone', minDomains: -1, maxPerDomain: 0 }] } },
      'placement.spread[0].minDomains',
    ],
    [
      'a dependency on nothing',
      { placement: { dependencies: [{ group: 'web', dependsOn: '', level: 'zone' }] } },
      'placement.dependencies[0].dependsOn',
    ],
    [
      'more entries of a list than anybody reads',
      { approvals: { groups: Array.from({ length: 1_001 }, (_, i) => `g${i}`) } },
      'approvals.groups',
    ],
  ];
  test.each(invalid)('%s', (_, overlay, field) => {
    expect(found(overlay)).toEqual([['POLICY_INVALID', field]]);
  });

  const contradictory: [string, PolicyOverlay, string][] = [
    [
      'a trigger that clears above where it enters',
      at('triggers.peakToMean', { enter: 1.1, clear: 1.2 }),
      'triggers.peakToMean.clear',
    ],
    [
      'load that clears above where it enters',
      at('triggers.overTarget', { enter: 1, clear: 1.1 }),
      'triggers.overTarget.clear',
    ],
    [
      'distress that clears above where it enters',
      at('triggers.distress', { enter: 0.1, clear: 0.2 }),
      'triggers.distress.clear',
    ],
    ['a back-off beyond its maximum', { triggers: { backoffMs: 2, maxBackoffMs: 1 } }, 'triggers.backoffMs'],
    ['a retry beyond its maximum', { execution: { backoffMs: 2, maxBackoffMs: 1 } }, 'execution.backoffMs'],
    [
      'a step that may take longer than its move',
      { execution: { stepTimeoutMs: 2, moveTimeoutMs: 1 } },
      'execution.stepTimeoutMs',
    ],
    [
      'a target above the hard limit',
      { dimensions: [{ ...cpu, hardLimit: 0.5 }] },
      'dimensions[0].targetUtilization',
    ],
    ['a dimension twice', { dimensions: [cpu, cpu] }, 'dimensions[1].name'],
    ['an adapter twice', { scoring: { adapters: [adapter, adapter] } }, 'scoring.adapters[1].name'],
    ['a tier twice', { approvals: { tiers: [tier, tier] } }, 'approvals.tiers[1].name'],
    [
      'a tier that asks for less than every plan',
      { approvals: { required: 3 } },
      'approvals.tiers[0].required',
    ],
    [
      'an author who may not approve where nobody has to',
      { approvals: { required: 0, excludeAuthor: true, tiers: [] } },
      'approvals.excludeAuthor',
    ],
    [
      'a window that ends when it starts',
      { changeControl: { windows: [{ ...night, end: '22:00' }] } },
      'changeControl.windows[0].end',
    ],
    [
      'a freeze that ends before it begins',
      { changeControl: { freezes: [{ from: 2, until: 1, reason: 'x' }] } },
      'changeControl.freezes[0].until',
    ],
    [
      'pins to nodes without a common one',
      {
        placement: {
          pins: [
            { select: { group: 'web' }, effect: 'only', nodes: ['n1', 'n2'] },
            { select: { group: 'web' }, effect: 'only', nodes: ['n3'] },
          ],
        },
      },
      'placement.pins[1]',
    ],
    [
      'a pin to nodes that another pin forbids',
      {
        placement: {
          pins: [
            { select: { prefix: 'a' }, effect: 'only', nodes: ['n1'] },
            { select: {}, effect: 'never', nodes: ['n1', 'n2'] },
          ],
        },
      },
      'placement.pins[0]',
    ],
    [
      'labels that no node can have',
      {
        placement: {
          labels: [
            { select: {}, effect: 'require', label: 'disk', values: ['ssd'] },
            { select: {}, effect: 'forbid', label: 'disk', values: ['ssd', 'hdd'] },
          ],
        },
      },
      'placement.labels[0]',
    ],
    [
      'a spread rule that is never reached',
      {
        placement: {
          spread: [
            { select: {}, level: 'zone', minDomains: 2, maxPerDomain: 0 },
            { select: { prefix: 'b' }, level: 'rack', minDomains: 2, maxPerDomain: 0 },
            { select: { prefix: 'a' }, level: 'zone', minDomains: 2, maxPerDomain: 0 },
          ],
        },
      },
      'placement.spread[2]',
    ],
    [
      'a group that depends on itself',
      { placement: { dependencies: [{ group: 'web', dependsOn: 'web', level: 'zone' }] } },
      'placement.dependencies[0].dependsOn',
    ],
  ];
  test.each(contradictory)('%s', (_, overlay, field) => {
    expect(found(overlay)).toEqual([['POLICY_CONTRADICTORY', field]]);
  });
});

describe('a policy is accepted', () => {
  const good: [string, PolicyOverlay][] = [
    [
      'that starts nothing by itself in mode automatic',
      { mode: 'automatic' satisfies PolicyMode, approvals: { automatic: [] } },
    ],
    [
      'with a spread over zones and over racks',
      {
        placement: {
          spread: [
            { select: {}, level: 'zone', minDomains: 2, maxPerDomain: 0 },
            { select: {}, level: 'rack', minDomains: 0, maxPerDomain: 1 },
          ],
        },
      },
    ],
    [
      'with pins of different shards to different nodes',
      {
        placement: {
          pins: [
            { select: { prefix: 'a' }, effect: 'only', nodes: ['n1'] },
            { select: { prefix: 'b' }, effect: 'only', nodes: ['n2'] },
            { select: { prefix: 'a' }, effect: 'stay', nodes: [] },
          ],
        },
      },
    ],
    ['whose tiers alone need approvals', { approvals: { required: 0, excludeAuthor: true, tiers: [tier] } }],
    ['with six fields of cron', { schedule: { cron: '30 0 6 * * 1-5', timeZone: 'Europe/Vienna' } }],
    ['without regression check', { execution: { regressionFactor: 0 } }],
    ['with a window across midnight', { changeControl: { windows: [night] } }],
  ];
  test.each(good)('%s', (_, overlay) => {
    expect(found(overlay)).toEqual([]);
  });
});

describe('against the world', () => {
  const built = buildSnapshot({
    cluster: 'prod',
    namespace: 'orders',
    takenAt: 1,
    dimensions: [{ name: 'cpu', unit: 'cores' }],
    nodes: ['a', 'b'].map((zone) => ({
      id: `n-${zone}`,
      region: 'eu',
      zone,
      rack: 'r',
      labels: {},
      weight: 1,
      status: 'alive',
      adminState: 'active',
      capacity: [1],
      signals: {},
    })),
    shards: [
      {
        id: 's1',
        version: 1,
        status: 'active',
        group: 'web',
        replicas: ['n-a', 'n-b'].map((node, number) => ({
          number,
          node,
          leads: number === 0,
          bytes: 0,
          loads: [1],
        })),
      },
    ],
    quality: { completeness: 1, stalenessMs: 0, sources: [] },
  });
  if (!built.ok) throw new Error('the fleet of this test is wrong');
  const adapters = [{ name: 'latency', parameters: [{ name: 'good', minimum: 1, maximum: 10 }] }];
  const world: PolicyWorld = { snapshot: built.value, adapters };
  const latency = (parameters: Readonly<Record<string, number>>): PolicyOverlay => ({
    scoring: { adapters: [{ ...adapter, parameters }] },
  });
  const quiet = latency({});

  test.each([
    [
      'an unknown dimension',
      { dimensions: [cpu, defaultDimensionPolicy('disk')] },
      'POLICY_DIMENSION_UNKNOWN',
      'dimensions[1].name',
    ],
    [
      'an adapter that is not loaded',
      { scoring: { adapters: [{ ...adapter, name: 'mood' }] } },
      'POLICY_ADAPTER_UNKNOWN',
      'scoring.adapters[0].name',
    ],
    [
      'a parameter that the adapter lacks',
      latency({ bad: 1 }),
      'POLICY_ADAPTER_PARAMETER',
      'scoring.adapters[0].parameters.bad',
    ],
    [
      'a parameter outside its limits',
      latency({ good: 11 }),
      'POLICY_ADAPTER_PARAMETER',
      'scoring.adapters[0].parameters.good',
    ],
    [
      'an unknown node',
      { placement: { pins: [{ select: {}, effect: 'only', nodes: ['n-a', 'n-x'] }] } },
      'POLICY_NODE_UNKNOWN',
      'placement.pins[0].nodes[1]',
    ],
    [
      'an unknown group in a selector',
      { placement: { spread: [{ select: { group: 'db' }, level: 'zone', minDomains: 1, maxPerDomain: 0 }] } },
      'POLICY_GROUP_UNKNOWN',
      'placement.spread[0].select.group',
    ],
    [
      'an unknown group in a dependency',
      { placement: { dependencies: [{ group: 'web', dependsOn: 'db', level: 'zone' }] } },
      'POLICY_GROUP_UNKNOWN',
      'placement.dependencies[0].dependsOn',
    ],
    [
      'more zones than there are',
      { placement: { spread: [{ select: {}, level: 'zone', minDomains: 3, maxPerDomain: 0 }] } },
      'POLICY_CONTRADICTORY',
      'placement.spread[0].minDomains',
    ],
    [
      'more healthy replicas than any shard has',
      { placement: { minHealthyReplicas: 3 } },
      'POLICY_CONTRADICTORY',
      'placement.minHealthyReplicas',
    ],
  ] as [string, PolicyOverlay, string, string][])('refuses %s', (_, overlay, code, field) => {
    expect(found({ ...quiet, ...overlay }, world)).toEqual([[code, field]]);
  });

  test('accepts what the world has, and the count of replicas, which no fleet needs to report', () => {
    expect(
      found({ ...latency({ good: 10 }), dimensions: [cpu, defaultDimensionPolicy('replicas')] }, world),
    ).toEqual([]);
  });

  test('is not judged as far as it is not known', () => {
    expect(found({ dimensions: [defaultDimensionPolicy('disk')] }, { adapters })).toEqual(
      ['error-rate', 'backlog', 'capacity-pressure'].map((_, i) => [
        'POLICY_ADAPTER_UNKNOWN',
        `scoring.adapters[${i + 1}].name`,
      ]),
    );
    expect(found({ dimensions: [defaultDimensionPolicy('disk')] })).toEqual([]);
  });
});

describe('all that is wrong', () => {
  test('is named at once', () => {
    const codes = found({ budget: { maxMoves: -1 }, mode: 'x' as PolicyMode, approvals: { required: 3 } });
    expect(codes).toEqual([
      ['POLICY_INVALID', 'budget.maxMoves'],
      ['POLICY_INVALID', 'mode'],
      ['POLICY_CONTRADICTORY', 'approvals.tiers[0].required'],
    ]);
  });

  test('is named up to a bound', () => {
    const groups = Array.from({ length: maxPolicyProblems * 2 }, () => '');
    expect(found({ approvals: { groups } })).toHaveLength(maxPolicyProblems);
  });
});
