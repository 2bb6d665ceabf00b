import { describe, expect, test } from 'bun:test';
import type { PolicyMode } from './policy.ts';
import { defaultDimensionPolicy } from './policy-dimensions.ts';
import { maxPolicyProblems } from './policy-findings.ts';
import type { PolicyOverlay } from './policy-overlay.ts';
import { adapter, at, found, tier } from './policy-validate.testing.ts';

const cpu = defaultDimensionPolicy('cpu');
const night = { days: [1], start: '22:00', end: '02:00', timeZone: 'UTC' };

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
    [
      'whose budget is nothing',
      { budget: { maxMoves: 0, maxBytes: 0, maxShareOfShards: 0, maxEvaluations: 0 } },
    ],
    ['with a window across midnight', { changeControl: { windows: [night] } }],
  ];
  test.each(good)('%s', (_, overlay) => {
    expect(found(overlay)).toEqual([]);
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
