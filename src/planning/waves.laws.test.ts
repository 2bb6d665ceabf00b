import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRandom } from '../base/random.ts';
import { buildConstraints } from './build-constraints.ts';
import { createChange } from './change.ts';
import { createPlacementState } from './placement-state.ts';
import type { OrderedMove } from './planned-move.ts';
import type { PlanningProblem } from './problem.ts';
import { ample, type DrawnMoves, drawMoves, leastWaves, most, scarce } from './random-moves.testing.ts';
import { blockedBy, fillChange } from './try-move.ts';
import { orderIntoWaves } from './waves.ts';

const runs = 120;

describe('laws of the waves, over random moves', () => {
  law('every move is ordered or dropped, and without staging exactly once', ({ problem, moves }) => {
    const { ordered, dropped } = orderIntoWaves(problem, moves, { mayStage: () => false, keepsOrder: false });
    const seen = [...ordered, ...dropped.map((entry) => entry.move)].map((move) => move.replica);
    expect(seen.sort((left, right) => left - right)).toEqual(
      moves.map((move) => move.replica).sort((left, right) => left - right),
    );
  });

  law('caps and one replica of a shard at a time are kept, waves have no gaps', (drawn) => {
    const { ordered } = order(drawn);
    for (const [index, move] of ordered.entries()) {
      const before = ordered[index - 1]?.wave ?? -1;
      expect(move.wave === before || move.wave === before + 1).toBe(true);
    }
    for (const wave of Map.groupBy(withSources(drawn.problem, ordered), (move) => move.wave).values()) {
      expectWithinCaps(drawn, wave);
    }
  });

  law('whichever moves of a wave have finished, no rule is newly broken', (drawn) => {
    const random = createRandom('subsets');
    const { problem } = drawn;
    const { ordered } = order(drawn);
    const settled: OrderedMove[] = [];
    for (const wave of Map.groupBy(ordered, (move) => move.wave).values()) {
      const subset = wave.filter(() => random.next() < 0.5);
      // Relative constraints refuse what a state on the way, or a move in it, makes worse than the beginning.
      expect(firstBreach(problem, [...settled, ...subset])).toBe(null);
      settled.push(...wave);
    }
  });

  law(
    'with room everywhere there is hardly a wave more than the scarcest cap asks for',
    (drawn) => {
      const { problem, moves, caps } = drawn;
      const { ordered, dropped } = orderIntoWaves(problem, moves, {
        mayStage: () => false,
        keepsOrder: false,
      });
      expect(dropped).toEqual([]);
      const waves = (ordered.at(-1)?.wave ?? -1) + 1;
      expect(waves).toBeLessThanOrEqual(leastWaves(problem, moves, caps) + 1);
    },
    ample,
  );

  law('equal moves give equal waves', (drawn) => {
    expect(order(drawn).ordered).toEqual(order(drawn).ordered);
  });
});

function law(sentence: string, check: (drawn: DrawnMoves) => void, capacity = scarce): void {
  test(sentence, () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) =>
        check(drawMoves(createRandom(seed), capacity)),
      ),
      { numRuns: runs, seed: 11 },
    );
  });
}

function order({ problem, moves }: DrawnMoves) {
  return orderIntoWaves(problem, moves, { mayStage: () => true, keepsOrder: false });
}

type Sourced = OrderedMove & { readonly from: number };

function withSources(problem: PlanningProblem, ordered: readonly OrderedMove[]): Sourced[] {
  const nodeOf = problem.shards.replicaNodes.slice();
  return ordered.map((move) => {
    const from = nodeOf[move.replica];
    nodeOf[move.replica] = move.to;
    return { ...move, from };
  });
}

function expectWithinCaps({ problem, caps }: DrawnMoves, wave: readonly Sourced[]): void {
  const zoneOf = problem.nodes.domains.zone.ofNode;
  expect(wave.length).toBeLessThanOrEqual(caps.namespace);
  expect(most(wave.map((move) => problem.shardOf[move.replica]))).toBe(1);
  expect(most(wave.map((move) => move.from))).toBeLessThanOrEqual(caps.perNodeOut);
  expect(most(wave.map((move) => move.to))).toBeLessThanOrEqual(caps.perNodeIn);
  const zones = wave.flatMap((move) => [...new Set([zoneOf[move.from], zoneOf[move.to]])]);
  expect(most(zones)).toBeLessThanOrEqual(caps.perZone);
}

/** The rule that the moves, one after the other, are the first to break; null for none. */
function firstBreach(problem: PlanningProblem, moves: readonly OrderedMove[]): string | null {
  const state = createPlacementState(problem);
  const constraints = buildConstraints(state, true);
  const change = createChange();
  const scratch = new Float64Array(problem.width);
  for (const move of moves) {
    const breach = blockedBy(constraints, fillChange(state, move, change, scratch));
    if (breach !== null) return breach.name;
    state.apply(change);
  }
  return null;
}
