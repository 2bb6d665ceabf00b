import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Node } from '../domain/node.ts';
import type { ScoringPolicy } from '../domain/policy.ts';
import { signals } from '../domain/signals.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { buildSnapshot } from '../domain/snapshot-builder.ts';
import { builtInScoringAdapters } from './built-in-adapters.ts';
import { scoreNodes } from './score-nodes.ts';
import type { ScoringAdapter } from './scoring-adapter.ts';

/** One node per record of signals, with 10 cores each; node i carries `loads[i]` cores. */
function fleet(signalsOfNodes: readonly Record<string, number>[], loads: readonly number[] = []): Snapshot {
  const nodes = signalsOfNodes.map(
    (each, n): Node => ({
      id: `n${n}`,
      region: 'r',
      zone: 'z',
      rack: 'k',
      labels: {},
      weight: 1,
      status: 'alive',
      adminState: 'active',
      capacity: [10],
      signals: each,
    }),
  );
  const shards = nodes.map((node, n) => ({
    id: `s${n}`,
    version: 1,
    status: 'active' as const,
    group: '',
    replicas: [{ number: 0, node: node.id, leads: true, bytes: 0, loads: [loads[n] ?? 0] }],
  }));
  const quality = { completeness: 1, stalenessMs: 0, sources: [] };
  const dimensions = [{ name: 'cpu', unit: 'cores' }];
  const built = buildSnapshot({
    cluster: 'c',
    namespace: 'n',
    takenAt: 1,
    dimensions,
    nodes,
    shards,
    quality,
  });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  return built.value;
}

function policyOf(combine: ScoringPolicy['combine'], adapters: [string, number, number?][]): ScoringPolicy {
  return {
    combine,
    maxDerate: 0.5,
    adapters: adapters.map(([name, weight, floor = 0]) => ({ name, weight, floor, parameters: {} })),
  };
}

/** Says what the signal of its name says. */
function echo(name: string): ScoringAdapter {
  return {
    name,
    description: 'Echoes a signal.',
    needs: [name],
    parameters: [{ name: 'factor', description: 'f', unit: '1', default: 1, minimum: 0, maximum: 1 }],
    score: ({ nodes, parameters }) => {
      const distress = Float64Array.from(
        nodes,
        (node) => (node.signals[name] ?? Number.NaN) * (parameters.factor ?? 0),
      );
      return { distress, evidence: distress, evidenceUnit: '1' };
    },
  };
}

function distressOf(snapshot: Snapshot, policy: ScoringPolicy, adapters = builtInScoringAdapters): number[] {
  const scores = scoreNodes(snapshot, policy, adapters);
  if (!scores.ok) throw new Error(JSON.stringify(scores.error));
  return [...scores.value.distress];
}

describe('how scores combine', () => {
  const adapters = [echo('a'), echo('b')];
  const snapshot = fleet([{ a: 0.5, b: 1 }, { a: 0.5 }, {}]);

  test('max counts the worst, weighted', () => {
    expect(
      distressOf(
        snapshot,
        policyOf('max', [
          ['a', 1],
          ['b', 0.8],
        ]),
        adapters,
      ),
    ).toEqual([0.8, 0.5, 0]);
  });

  test('weightedMean counts the adapters that scored the node', () => {
    expect(
      distressOf(
        snapshot,
        policyOf('weightedMean', [
          ['a', 1],
          ['b', 3],
        ]),
        adapters,
      ),
    ).toEqual([0.875, 0.5, 0]);
  });

  test('noisyOr adds up what is independent', () => {
    expect(
      distressOf(
        snapshot,
        policyOf('noisyOr', [
          ['a', 1],
          ['b', 0.5],
        ]),
        adapters,
      ),
    ).toEqual([0.75, 0.5, 0]);
  });

  test('distress below the floor counts as none, and stays visible', () => {
    const scores = scoreNodes(snapshot, policyOf('max', [['a', 1, 0.6]]), adapters);
    expect(scores.ok && [...scores.value.distress]).toEqual([0, 0, 0]);
    expect(scores.ok && scores.value.nodes[0]?.adapters[0]?.distress).toBe(0.5);
  });

  test('an adapter of weight 0 is off', () => {
    const scores = scoreNodes(
      snapshot,
      policyOf('max', [
        ['a', 1],
        ['b', 0],
      ]),
      adapters,
    );
    expect(scores.ok && scores.value.nodes[0]?.adapters.map((each) => each.adapter)).toEqual(['a']);
  });

  test('an unscored node says so with nulls and has distress 0', () => {
    const scores = scoreNodes(snapshot, policyOf('max', [['a', 1]]), adapters);
    expect(scores.ok && scores.value.nodes[2]).toEqual({
      node: 'n2',
      distress: 0,
      adapters: [{ adapter: 'a', weight: 1, distress: null, evidence: null, evidenceUnit: '1' }],
    });
  });

  test('the outcome is within 0 to 1 whatever adapters and policies say', () => {
    const value = fc.double({ min: -10, max: 10 });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 5 }),
        fc.constantFrom('max' as const, 'weightedMean' as const, 'noisyOr' as const),
        fc.double({ min: 0, max: 5, noNaN: true }),
        (values, combine, weight) => {
          const wild: ScoringAdapter = {
            ...echo('a'),
            score: () => ({
              distress: Float64Array.from(values),
              evidence: Float64Array.from(values),
              evidenceUnit: '',
            }),
          };
          const distress = distressOf(fleet(values.map(() => ({}))), policyOf(combine, [['a', weight]]), [
            wild,
          ]);
          for (const each of distress) expect(each >= 0 && each <= 1).toBe(true);
        },
      ),
    );
  });
});

describe('a scoring policy', () => {
  const snapshot = fleet([{}]);

  test('that names an adapter which is not loaded is refused', () => {
    const scores = scoreNodes(snapshot, policyOf('max', [['nobody', 1]]), builtInScoringAdapters);
    expect(!scores.ok && scores.error[0]).toMatchObject({
      code: 'POLICY_ADAPTER_UNKNOWN',
      field: 'scoring.adapters[0].name',
    });
  });

  test('with a parameter that is unknown or out of range is refused, naming both', () => {
    const policy = policyOf('max', []);
    const adapters = [{ name: 'a', weight: 1, floor: 0, parameters: { factor: 2, other: 1 } }];
    const scores = scoreNodes(snapshot, { ...policy, adapters }, [echo('a')]);
    expect(!scores.ok && scores.error.map((each) => each.field)).toEqual([
      'scoring.adapters[0].parameters.factor',
      'scoring.adapters[0].parameters.other',
    ]);
  });

  test('whose adapter throws is a problem and no crash', () => {
    const thrower = {
      ...echo('a'),
      score: () => {
        throw new Error('boom');
      },
    };
    const scores = scoreNodes(snapshot, policyOf('max', [['a', 1]]), [thrower]);
    expect(!scores.ok && scores.error[0]?.code).toBe('SCORING_MODULE_INVALID');
  });
});

describe('the built-in adapters', () => {
  test('latency compares with the median of the fleet', () => {
    const snapshot = fleet([40, 40, 40, 110, 400].map((each) => ({ [signals.latencyP99Ms]: each })));
    const distress = distressOf(snapshot, policyOf('max', [['latency', 1]]));
    expect(distress).toEqual([0, 0, 0, expect.closeTo((110 / 40 - 1.5) / 2.5), 1]);
  });

  test('latency finds nobody in distress when all are slow alike', () => {
    const snapshot = fleet([900, 900, 900].map((each) => ({ [signals.latencyP99Ms]: each })));
    expect(distressOf(snapshot, policyOf('max', [['latency', 1]]))).toEqual([0, 0, 0]);
  });

  test('error-rate rises from one to ten per cent', () => {
    const snapshot = fleet([0.01, 0.055, 0.1, 1].map((each) => ({ [signals.errorRate]: each })));
    expect(distressOf(snapshot, policyOf('max', [['error-rate', 1]]))).toEqual([
      0,
      expect.closeTo(0.5),
      1,
      1,
    ]);
  });

  test('backlog rises from the low watermark, and stays up while backpressure is active', () => {
    const queue = (pending: number, active = 0) => ({
      [signals.backlogPending]: pending,
      [signals.backlogHighWatermark]: 100,
      [signals.backlogLowWatermark]: 20,
      [signals.backpressureActive]: active,
    });
    const snapshot = fleet([queue(20), queue(60), queue(100), queue(200), queue(30, 1)]);
    expect(distressOf(snapshot, policyOf('max', [['backlog', 1]]))).toEqual([
      0,
      expect.closeTo(0.35),
      0.7,
      1,
      0.5,
    ]);
  });

  test('capacity-pressure looks at the fullest dimension', () => {
    const snapshot = fleet([{}, {}, {}], [8.5, 9.25, 12]);
    expect(distressOf(snapshot, policyOf('max', [['capacity-pressure', 1]]))).toEqual([
      0,
      expect.closeTo(0.5),
      1,
    ]);
  });

  test('round-trip-time lets another zone be further away', () => {
    const snapshot = fleet([1, 1, 1, 8, 40].map((each) => ({ [signals.roundTripMs]: each })));
    expect(distressOf(snapshot, policyOf('max', [['round-trip-time', 1]]))).toEqual([0, 0, 0, 0, 1]);
  });
});
