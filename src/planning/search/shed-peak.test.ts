import { describe, expect, test } from 'bun:test';
import { createRandom } from '../../base/random.ts';
import type { PlanningRequest } from '../../domain/planning.ts';
import { fleet, freePolicy, requestFor, shard } from '../fleet.testing.ts';
import { hottest } from '../terms/peak.ts';
import { nodesOfTwoKinds, searchOf } from './search.testing.ts';
import { shedPeak } from './shed-peak.ts';

/** Two nodes with more processors and two with more memory; every shard needs as much of both, so that no node is full of both. */
function twoKinds(pricePerMove: number): PlanningRequest {
  const nodes = nodesOfTwoKinds();
  const shards = Array.from({ length: 120 }, (_, s) => shard(`s${s}`, ['n0'], [1, 1]));
  const policy = freePolicy(['cpu', 'memory'], { benefit: { pricePerMove, minGainPerPrice: 1 } });
  return requestFor(fleet(['cpu', 'memory'], nodes, shards), policy);
}

function peakAfter(request: PlanningRequest) {
  const { engine } = searchOf(request);
  const before = hottest(engine.state, engine.factors);
  const lowered = shedPeak(engine, 1, createRandom(1));
  return { before, lowered, after: hottest(engine.state, engine.factors), moves: engine.budget.moves };
}

describe('a peak that no placement brings to the line', () => {
  test('comes down as far as nodes of several shapes let it', () => {
    const { before, lowered, after } = peakAfter(twoKinds(0));
    // 30 on each node, where 20 of its scarcer dimension were fair.
    expect(before).toBeCloseTo(6);
    expect(lowered).toBe(true);
    expect(after).toBeGreaterThanOrEqual(1.5);
    expect(after).toBeLessThan(1.65);
  });

  test('stays where moves cost more than it would win', () => {
    const { before, lowered, after, moves } = peakAfter(twoKinds(1));
    expect([lowered, after, moves]).toEqual([false, before, 0]);
  });

  test('stays where nothing may move', () => {
    const request = twoKinds(0);
    const pins = [{ select: {}, effect: 'stay' as const, nodes: [] }];
    const { policy } = request;
    const held = { ...policy, placement: { ...policy.placement, pins } };
    expect(peakAfter({ ...request, policy: held })).toMatchObject({ lowered: false, moves: 0 });
  });
});
