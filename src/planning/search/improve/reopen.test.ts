import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRandom } from '../../../base/random.ts';
import { compareLevels, measureStanding } from '../../build-objective.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../../fleet.testing.ts';
import { createBestPlacement } from './best-placement.ts';
import { createNeighbourhoods } from './neighbourhood.ts';
import { relieve } from './relieve.ts';
import { reopenWarm } from './reopen.ts';
import { engineFor, randomWalk, violationsNow } from './walk.testing.ts';
import { createWalk, type Walk } from './walk.ts';

const seeds = fc.integer({ min: 0, max: 1_000_000 });

describe('a neighbourhood, over random fleets', () => {
  test('is the replicas that may move of a few nodes, the largest first, and those of its nodes that take any', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const walk = randomWalk(seed);
        if (walk === null) return;
        const { state } = walk.engine;
        const home = state.nodeOf[walk.space.replicas[0]];
        const found = createNeighbourhoods(walk).around(home);
        if (found === null) return;
        const homes = new Set(Array.from(found.replicas, (replica) => state.nodeOf[replica]));
        expect(homes.has(home)).toBe(true);
        expect(homes.size).toBeLessThanOrEqual(8);
        for (const member of found.nodes) expect(walk.space.nodes).toContain(member);
        const movable = Array.from(walk.space.replicas).filter((replica) => homes.has(state.nodeOf[replica]));
        expect(Array.from(found.replicas).sort((a, b) => a - b)).toEqual(movable.sort((a, b) => a - b));
        const sizes = Array.from(found.bySize, (replica) => found.sizes[replica]);
        expect(sizes).toEqual(sizes.slice().sort((a, b) => b - a));
      }),
      { numRuns: 150 },
    );
  });
});

describe('reopening the neighbourhoods of warm nodes, over random fleets', () => {
  test('breaks no rule that held, ends in its best, and never with more energy', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const walk = randomWalk(seed);
        if (walk === null) return;
        const violations = violationsNow(walk.engine);
        const best = createBestPlacement(walk.engine.state);
        reopenWarm(walk, best, 1, () => false);
        expect(walk.level).toBeLessThanOrEqual(0);
        const end = walk.engine.state.nodeOf.slice();
        best.restore();
        expect(walk.engine.state.nodeOf).toEqual(end);
        for (const [index, amount] of violationsNow(walk.engine).entries()) {
          expect(amount).toBeLessThanOrEqual(violations[index] * (1 + 1e-9) + 1e-9);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Twelve equal nodes with four replicas each, of all sizes, that steps off hot nodes have evened out as far as they go. */
function stuckWalk(seed: number): Walk {
  const random = createRandom(seed);
  const nodes = Array.from({ length: 12 }, (_, n) => node(`n${n}`, 1, { capacity: [1_000] }));
  const shards = Array.from({ length: 48 }, (_, s) =>
    shard(`s${s}`, [`n${s % 12}`], [10 + 40 * random.next()]),
  );
  const policy = freePolicy(['cpu'], { benefit: { balanceTolerance: 0 } });
  const walk = createWalk(engineFor(requestFor(fleet(['cpu'], nodes, shards), policy)), createRandom(seed));
  const best = createBestPlacement(walk.engine.state);
  for (let round = 0; round < 5; round++) relieve(walk, best, 1, () => false);
  return createWalk(walk.engine, createRandom(seed));
}

test('what no step off a hot node improves is taken apart and put together again', () => {
  const levelsOf = ({ engine }: Walk) =>
    measureStanding(engine.state, engine.constraints, engine.factors).levels;
  let better = 0;
  for (let seed = 0; seed < 12; seed++) {
    const walk = stuckWalk(seed);
    const before = levelsOf(walk);
    reopenWarm(walk, createBestPlacement(walk.engine.state), 1, () => false);
    const order = compareLevels(levelsOf(walk), before);
    expect(order).toBeLessThanOrEqual(0);
    if (order < 0) better += 1;
  }
  expect(better).toBeGreaterThan(0);
});

test('a fleet without a warm node is not looked at', () => {
  const even = fleet(
    ['cpu'],
    ['a', 'b'].map((id) => node(id, 1)),
    [shard('x', ['a'], [10]), shard('y', ['b'], [10])],
  );
  const walk = createWalk(engineFor(requestFor(even, freePolicy(['cpu']))), createRandom(1));
  reopenWarm(walk, createBestPlacement(walk.engine.state), 1, () => false);
  expect(walk.looked).toBe(0);
});
