import { describe, expect, test } from 'bun:test';
import { builtInScoringAdapters } from './built-in-adapters.ts';
import { checkScoringAdapter } from './conformance.ts';
import { latencyAdapter } from './latency.ts';
import type { ScoringAdapter, ScoringContext } from './scoring-adapter.ts';

/** An adapter that keeps every promise but the one that the test replaces. */
function adapterWith(rest: Partial<ScoringAdapter>): ScoringAdapter {
  return { ...latencyAdapter, name: 'probe', ...rest };
}

function checksOf(adapter: ScoringAdapter): Set<string> {
  return new Set(checkScoringAdapter(adapter).map((failure) => failure.check));
}

describe('the conformance kit', () => {
  for (const adapter of builtInScoringAdapters) {
    test(`passes ${adapter.name}`, () => {
      expect(checkScoringAdapter(adapter, { fleets: 300 })).toEqual([]);
    });
  }

  test('finds a name, a default and a signal that are wrong', () => {
    expect(checksOf(adapterWith({ name: 'Bad Name' }))).toEqual(new Set(['metadata']));
    expect(checksOf(adapterWith({ needs: ['a', 'a'] }))).toEqual(new Set(['metadata']));
    const parameter = { name: 'p', description: 'd', unit: 'ms', default: 9, minimum: 0, maximum: 1 };
    expect(checksOf(adapterWith({ parameters: [parameter] }))).toEqual(new Set(['metadata']));
  });

  test('finds scores outside 0 to 1', () => {
    const score = (context: ScoringContext) => {
      const outcome = latencyAdapter.score(context);
      return { ...outcome, distress: outcome.distress.map((each) => each * 2) };
    };
    expect(checksOf(adapterWith({ score }))).toContain('range');
  });

  test('finds an adapter that answers differently the second time', () => {
    let calls = 0;
    const score = (context: ScoringContext) => {
      const outcome = latencyAdapter.score(context);
      calls++;
      return { ...outcome, distress: outcome.distress.map((each) => (calls % 2 === 0 ? each / 2 : each)) };
    };
    expect(checksOf(adapterWith({ score }))).toContain('determinism');
  });

  test('finds an adapter that writes into what it is given', () => {
    const writesLoads = (context: ScoringContext) => {
      context.nodeLoads.fill(-1);
      return latencyAdapter.score(context);
    };
    expect(checksOf(adapterWith({ score: writesLoads }))).toContain('purity');
    const writesNodes = (context: ScoringContext) => {
      for (const node of context.nodes) Object.assign(node, { weight: 2 });
      return latencyAdapter.score(context);
    };
    expect(checksOf(adapterWith({ score: writesNodes }))).toContain('throws');
  });

  test('finds a node that is scored without the signal that the adapter needs', () => {
    const score = (context: ScoringContext) => {
      const outcome = latencyAdapter.score(context);
      const known = (each: number): number => (Number.isNaN(each) ? 0 : each);
      return { ...outcome, distress: outcome.distress.map(known), evidence: outcome.evidence.map(known) };
    };
    expect(checksOf(adapterWith({ score }))).toContain('missingSignals');
  });

  test('finds scores that hang on the order of the nodes', () => {
    const score = (context: ScoringContext) => {
      const outcome = latencyAdapter.score(context);
      return {
        ...outcome,
        distress: outcome.distress.map((each, n) => (Number.isNaN(each) ? each : n / 100)),
      };
    };
    expect(checksOf(adapterWith({ score }))).toContain('permutation');
  });

  test('finds columns of the wrong length, also of an empty fleet', () => {
    const score = () => ({
      distress: new Float64Array(3),
      evidence: new Float64Array(3),
      evidenceUnit: 'ms',
    });
    expect(checksOf(adapterWith({ score }))).toContain('shape');
  });
});
