import { describe, expect, test } from 'bun:test';
import type { BenefitPolicy } from '../domain/policy.ts';
import { createChange } from './change.ts';
import { fleet, freePolicy, node, requestFor, shard } from './fleet.testing.ts';
import { createMovePrices } from './move-price.ts';
import { createPlacementState, type PlacementState } from './placement-state.ts';
import { buildProblem } from './problem.ts';

const gib = 1_073_741_824;

/** Nodes a and b in zone z1, c in z2, d in another region; shards s0, s1 of group g, s2 of group h, s3 of none, all on a. */
function stateUnder(benefit: Partial<BenefitPolicy>): PlacementState {
  const nodes = [
    node('a', 1),
    node('b', 1),
    node('c', 1, { zone: 'z2' }),
    node('d', 1, { zone: 'z3', region: 'r2' }),
  ];
  const shards = ['g', 'g', 'h', ''].map((group, s) => ({
    ...shard(`s${s}`, ['a', 'b'], [5], { group }),
    replicas: ['a', 'b'].map((at, number) => ({
      number,
      node: at,
      leads: number === 0,
      bytes: 2 * gib,
      loads: [5],
    })),
  }));
  const request = requestFor(
    fleet(['cpu'], nodes, shards),
    freePolicy(['cpu'], { benefit: { pricePerMove: 1, pricePerGiB: 0.25, ...benefit } }),
  );
  const built = buildProblem(request);
  if (!built.ok) throw new Error('no problem');
  return createPlacementState(built.value);
}

/** Row of the shard's first replica. */
const row = (s: number): number => 2 * s;

function relocation(state: PlacementState, replica: number, to: number) {
  return state.relocation(createChange(), replica, to);
}

describe('the price of a move', () => {
  test('is per move and per GiB, and of a transfer per move', () => {
    const state = stateUnder({});
    const prices = createMovePrices(state);
    expect(prices.of(relocation(state, row(0), 2))).toBe(1.5);
    expect(prices.of(state.transfer(createChange(), row(0), row(0) + 1, new Float64Array(1)))).toBe(1);
  });

  test('adds that of the first rule that selects the shard', () => {
    const state = stateUnder({
      shardPrices: [
        { select: { shards: ['s1'] }, price: 7 },
        { select: { group: 'g' }, price: 3 },
      ],
    });
    const prices = createMovePrices(state);
    expect([0, 1, 2].map((s) => prices.of(relocation(state, row(s), 2)))).toEqual([4.5, 8.5, 1.5]);
  });

  test('is multiplied with how far a relocation goes, but a transfer copies nothing', () => {
    const state = stateUnder({ distanceFactors: { withinZone: 0.5, withinRegion: 2, acrossRegions: 10 } });
    const prices = createMovePrices(state);
    expect([1, 2, 3].map((to) => prices.of(relocation(state, row(0), to)))).toEqual([0.75, 3, 15]);
    expect(prices.of(state.transfer(createChange(), row(0), row(0) + 1, new Float64Array(1)))).toBe(1);
  });

  test('rises where the group moves most already, and falls when its last move goes home', () => {
    const state = stateUnder({ pricePerGiB: 0, pricePerMoveInGroup: 5 });
    const prices = createMovePrices(state);
    expect(prices.of(relocation(state, row(0), 2))).toBe(6);
    state.apply(relocation(state, row(0), 2));
    // Another group does not raise the maximum, the same one does; a shard without a group never does.
    expect([1, 2, 3].map((s) => prices.of(relocation(state, row(s), 2)))).toEqual([6, 1, 1]);
    // Moving on is no move more of the group.
    expect(prices.of(relocation(state, row(0), 3))).toBe(1);
    expect(prices.savedBy(relocation(state, row(0), 0))).toBe(6);
    state.apply(relocation(state, row(2), 2));
    expect(prices.savedBy(relocation(state, row(0), 0))).toBe(1);
    state.apply(relocation(state, row(1), 2));
    expect(prices.savedBy(relocation(state, row(0), 0))).toBe(6);
  });

  test('counts what the state began with', () => {
    const state = stateUnder({ pricePerGiB: 0, pricePerMoveInGroup: 5 });
    state.apply(relocation(state, row(0), 2));
    const prices = createMovePrices(createPlacementState(state.problem, state));
    expect(prices.of(relocation(state, row(2), 2))).toBe(1);
  });
});
