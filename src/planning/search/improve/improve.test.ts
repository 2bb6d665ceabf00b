import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRandom } from '../../../base/random.ts';
import { compareLevels, measureStanding } from '../../build-objective.ts';
import { randomRequest } from '../../conformance/random-request.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../../fleet.testing.ts';
import type { SearchEngine } from '../search-engine.ts';
import { restHeat } from '../shed-lines.ts';
import { createBestPlacement } from './best-placement.ts';
import { improve } from './improve.ts';
import { relieve } from './relieve.ts';
import { engineFor, violationsNow } from './walk.testing.ts';
import { createWalk } from './walk.ts';
import { isWarm, warmNodes } from './warm-nodes.ts';

const levelsOf = ({ state, constraints, factors }: SearchEngine): readonly number[] =>
  measureStanding(state, constraints, factors).levels;

function improved(seed: number): SearchEngine {
  const engine = engineFor(randomRequest(createRandom(seed), 'anything'));
  improve(engine, { random: createRandom(seed), beginHeat: restHeat(engine.factors) });
  return engine;
}

const seeds = fc.integer({ min: 0, max: 1_000_000 });

describe('the improvement, over random fleets', () => {
  test('never leaves the objective worse, and breaks no rule that held', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const engine = engineFor(randomRequest(createRandom(seed), 'anything'));
        const levels = levelsOf(engine);
        const violations = violationsNow(engine);
        improve(engine, { random: createRandom(seed), beginHeat: restHeat(engine.factors) });
        expect(compareLevels(levelsOf(engine), levels)).toBeLessThanOrEqual(0);
        for (const [index, amount] of violationsNow(engine).entries()) {
          expect(amount).toBeLessThanOrEqual(violations[index] * (1 + 1e-9) + 1e-9);
        }
      }),
      { numRuns: 80 },
    );
  });

  test('is the same for equal seeds', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(improved(seed).state.nodeOf).toEqual(improved(seed).state.nodeOf);
      }),
      { numRuns: 20 },
    );
  });
});

/** Two large replicas on one node, and a small one on each of the others: only an exchange evens it out. */
const uneven = requestFor(
  fleet(
    ['cpu'],
    ['a', 'b', 'c'].map((id) => node(id, 1)),
    [
      shard('x', ['a'], [30]),
      shard('y', ['a'], [24]),
      shard('z', ['b'], [40]),
      shard('u', ['c'], [22]),
      shard('v', ['c'], [22]),
    ],
  ),
  freePolicy(['cpu']),
);

test('a fleet with a warm node is evened out', () => {
  const engine = engineFor(uneven);
  const before = levelsOf(engine);
  improve(engine, { random: createRandom(1), beginHeat: restHeat(engine.factors) });
  expect(compareLevels(levelsOf(engine), before)).toBeLessThan(0);
});

test('warm nodes are relieved one by one, and what is kept is better', () => {
  const engine = engineFor(uneven);
  const before = levelsOf(engine);
  const walk = createWalk(engine, createRandom(1));
  relieve(walk, createBestPlacement(engine.state), restHeat(engine.factors), () => false);
  expect(compareLevels(levelsOf(engine), before)).toBeLessThan(0);
});

test('a balanced fleet is left alone', () => {
  const nodes = ['a', 'b', 'c'].map((id) => node(id, 1));
  const shards = ['a', 'b', 'c'].flatMap((id) => [shard(`${id}1`, [id], [10]), shard(`${id}2`, [id], [20])]);
  const engine = engineFor(requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu'])));
  const { evaluations } = engine;
  improve(engine, { random: createRandom(1), beginHeat: restHeat(engine.factors) });
  expect(engine.evaluations).toBe(evaluations);
});

test('nodes are warm above the line, the hottest come first, and those to be vacated do not count', () => {
  const nodes = [
    node('a', 1),
    node('b', 1),
    node('c', 1, { adminState: 'draining' }),
    node('d', 1),
    node('e', 1),
  ];
  const shards = [
    shard('x', ['a'], [30]),
    shard('y', ['b'], [40]),
    shard('z', ['c'], [40]),
    shard('u', ['d'], [1]),
  ];
  const { state, factors } = engineFor(requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu'])));
  expect(warmNodes(state, factors, restHeat(factors))).toEqual([1, 0]);
  expect(isWarm(state, factors, 3, restHeat(factors))).toBe(false);
});
