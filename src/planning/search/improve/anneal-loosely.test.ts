import { expect, test } from 'bun:test';
import { createRandom } from '../../../base/random.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../../fleet.testing.ts';
import { anneal } from './anneal.ts';
import { annealLoosely } from './anneal-loosely.ts';
import { createBestPlacement } from './best-placement.ts';
import { createMixedStep } from './mixed-step.ts';
import { createPace } from './pace.ts';
import { sampleTemperatures } from './temperature.ts';
import { engineFor, overRandomWalks, violationsNow } from './walk.testing.ts';
import { createWalk, type Walk } from './walk.ts';

/** Looks at the budget of one cooling, each of a thousand steps. */
const looks = 12;

function coolIn(walk: Walk): boolean | null {
  const range = sampleTemperatures(walk);
  if (range === null) return null;
  const best = createBestPlacement(walk.engine.state);
  let asked = 0;
  return annealLoosely(walk, best, range, () => asked++ / looks);
}

test('whatever it goes through, it ends within the rules and never worse', () => {
  overRandomWalks((walk) => {
    const before = violationsNow(walk.engine);
    const begun = walk.engine.state.nodeOf.slice();
    const isBetter = coolIn(walk);
    for (const [index, amount] of violationsNow(walk.engine).entries()) {
      expect(amount).toBeLessThanOrEqual(before[index] * (1 + 1e-9) + 1e-9);
    }
    if (isBetter) expect(walk.level).toBeLessThan(0);
    else expect(walk.engine.state.nodeOf).toEqual(begun);
  });
});

test('what has to go round in a circle goes through states that no rule admits', () => {
  const strict = fullCircle();
  strict.temperature = 1e9;
  const step = createMixedStep(strict);
  for (let i = 0; i < 10_000; i++) expect(step()).toBe(false);
  const loose = fullCircle();
  const range = { start: 1, end: 0.01, tightness: 1 };
  let asked = 0;
  const isBetter = annealLoosely(
    loose,
    createBestPlacement(loose.engine.state),
    range,
    () => asked++ / (looks * 100),
  );
  expect(isBetter).toBe(true);
  expect(loose.level).toBe(-3);
  expect(Array.from(loose.engine.state.nodeOf)).toEqual([1, 2, 0]);
});

test('annealing does it where a fleet is tight and has the time, and only there', () => {
  const annealed = (tightness: number, perReplica: number): number[] => {
    const walk = fullCircle();
    const best = createBestPlacement(walk.engine.state);
    anneal(walk, best, { start: 1, end: 0.01, tightness }, createPace(walk, 3 * perReplica, undefined));
    return Array.from(walk.engine.state.nodeOf);
  };
  expect(annealed(1, 1_500_000)).toEqual([1, 2, 0]);
  expect(annealed(0.5, 1_500_000)).toEqual([0, 1, 2]);
  expect(annealed(1, 1_000_000)).toEqual([0, 1, 2]);
});

/** Three full nodes, each of which has room for its own replica or for the one before instead, where it costs nothing. */
function fullCircle(): Walk {
  const dimensions = ['x', 'y', 'z', 'all'];
  const nodes = [
    node('a', 1, { capacity: [3, 1, 3, 3] }),
    node('b', 1, { capacity: [3, 3, 1, 3] }),
    node('c', 1, { capacity: [1, 3, 3, 3] }),
  ];
  const loads = [
    [3, 0, 0, 3],
    [0, 3, 0, 3],
    [0, 0, 3, 3],
  ];
  const shards = ['a', 'b', 'c'].map((id, s) => shard(`s${s}`, [id], loads[s]));
  const walk = createWalk(
    engineFor(
      requestFor(fleet(dimensions, nodes, shards), freePolicy(dimensions, { dimension: { hardLimit: 1 } })),
    ),
    createRandom(1),
  );
  const cost = (replica: number, at: number): number => (at === (replica + 1) % 3 ? 0 : 1);
  const own = (replica: number, from: number, to: number): number => cost(replica, to) - cost(replica, from);
  return {
    ...walk,
    energy: {
      delta: ({ kind, replica, partner, from, to }) =>
        own(replica, from, to) + (kind === 'swap' ? own(partner, to, from) : 0),
    },
  };
}
