import { describe, expect, test } from 'bun:test';
import { computePlan } from '../compute-plan.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../fleet.testing.ts';

/** Twelve shards with a copy on every node, all led on the first one; leading costs no load. */
function ledByOne(leadershipWeight: number, capacities: readonly number[], leaders?: readonly number[]) {
  const nodes = capacities.map((capacity, n) => node(`n${n}`, 1, { capacity: [capacity] }));
  const shards = Array.from({ length: 12 }, (_, s) => {
    const one = shard(
      `s${String(s).padStart(2, '0')}`,
      nodes.map((each) => each.id),
      [1],
    );
    const replicas = one.replicas.map((each, number) => ({ ...each, leads: number === (leaders?.[s] ?? 0) }));
    return { ...one, replicas };
  });
  const policy = freePolicy(['cpu'], { benefit: { leadershipWeight, minGainPerPrice: 1 } });
  return requestFor(fleet(['cpu'], nodes, shards), policy);
}

function transfersOf(request: ReturnType<typeof ledByOne>): readonly string[] {
  const planned = computePlan(request);
  if (!planned.ok) throw new Error(JSON.stringify(planned.error));
  expect(planned.value.moves.every((move) => move.kind === 'transferLeadership')).toBe(true);
  return planned.value.moves.map((move) => move.destination);
}

const countOf = (destinations: readonly string[]) =>
  Object.fromEntries(
    [...Map.groupBy(destinations, (each) => each)].map(([id, all]) => [id, all.length]).sort(),
  );

describe('leadership balance', () => {
  test('is nobody’s concern unless policy weighs it', () => {
    expect(transfersOf(ledByOne(0, [100, 100, 100]))).toEqual([]);
  });

  test('hands over until every node leads its share, and no further', () => {
    expect(countOf(transfersOf(ledByOne(1, [100, 100, 100])))).toEqual({ n1: 4, n2: 4 });
  });

  test('gives larger nodes a larger share', () => {
    expect(countOf(transfersOf(ledByOne(1, [100, 100, 200])))).toEqual({ n1: 3, n2: 6 });
  });

  test('leaves a fleet alone in which nobody leads more than the share rounded up', () => {
    const leaders = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2];
    expect(transfersOf(ledByOne(1, [100, 100, 100], leaders))).toEqual(['n2', 'n2']);
    // Twelve leaders over five nodes are 2.4 each: three is as even as it gets.
    const even = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4];
    expect(transfersOf(ledByOne(1, [100, 100, 100, 100, 100], even))).toEqual([]);
  });

  test('is not worth a price that is higher', () => {
    expect(transfersOf(ledByOne(0.000_001, [100, 100, 100])).length).toBe(0);
  });

  test('says why', () => {
    const planned = computePlan(ledByOne(1, [100, 100, 100]));
    expect(planned.ok && planned.value.moves[0]?.reasons[0]).toMatchObject({
      code: 'leadershipImbalance',
      subject: 'node/n0',
      before: 12,
      after: 11,
      limit: 4,
    });
  });
});
