import { describe, expect, test } from 'bun:test';
import { defaultDimensionPolicy } from './policy-dimensions.ts';
import type { PolicyOverlay } from './policy-overlay.ts';
import { adapter, found } from './policy-validate.testing.ts';
import type { PolicyWorld } from './policy-validate-world.ts';
import { buildSnapshot } from './snapshot-builder.ts';

const cpu = defaultDimensionPolicy('cpu');

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
