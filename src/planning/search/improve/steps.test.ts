import { describe, expect, test } from 'bun:test';
import { createRandom } from '../../../base/random.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../../fleet.testing.ts';
import { createChainStep } from './chain-step.ts';
import { createExchangeStep } from './exchange-step.ts';
import { createRelocationStep } from './relocation-step.ts';
import { engineFor, overRandomWalks, violationsNow } from './walk.testing.ts';
import { createWalk, type Walk } from './walk.ts';

/** Steps per random fleet: enough to leave it far behind. */
const steps = 400;

const kinds: Readonly<Record<string, (walk: Walk) => () => boolean>> = {
  relocation: createRelocationStep,
  exchange: createExchangeStep,
  chain: (walk) => createChainStep(walk, () => walk.draw()),
};

describe.each(Object.keys(kinds))('steps of a walk: %s', (kind) => {
  test('break no rule that held and make none worse', () => {
    overRandomWalks((walk) => {
      walk.temperature = 1;
      const before = violationsNow(walk.engine);
      const step = kinds[kind](walk);
      for (let i = 0; i < steps; i++) step();
      for (const [index, amount] of violationsNow(walk.engine).entries()) {
        expect(amount).toBeLessThanOrEqual(before[index] * (1 + 1e-9) + 1e-9);
      }
    });
  });

  test('at temperature 0 only make the energy smaller', () => {
    overRandomWalks((walk) => {
      const step = kinds[kind](walk);
      for (let i = 0; i < steps; i++) {
        const before = walk.level;
        if (step()) expect(walk.level).toBeLessThan(before);
        else expect(Math.abs(walk.level - before)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(before)));
      }
    });
  });

  test('leave the placement as it was when they are refused', () => {
    overRandomWalks((walk) => {
      const { nodeOf } = walk.engine.state;
      const step = kinds[kind](walk);
      for (let i = 0; i < steps; i++) {
        const before = nodeOf.slice();
        if (!step()) expect(nodeOf).toEqual(before);
      }
    });
  });
});

test('a chain brings in a replica for which another has to leave', () => {
  // Nothing fits on b beside what is there, and b's replica fits only on c.
  const nodes = [
    node('a', 1, { capacity: [100] }),
    node('b', 1, { capacity: [70] }),
    node('c', 1, { capacity: [40] }),
  ];
  const shards = [shard('big', ['a'], [60]), shard('also', ['a'], [40]), shard('small', ['b'], [30])];
  const request = requestFor(
    fleet(['cpu'], nodes, shards),
    freePolicy(['cpu'], { benefit: { balanceTolerance: 0.2 } }),
  );
  const walk = createWalk(engineFor(request), createRandom(1));
  const chain = createChainStep(walk, () => 0);
  let found = false;
  for (let i = 0; i < 200 && !found; i++) found = chain();
  expect(found).toBe(true);
  expect(Array.from(walk.engine.state.nodeOf)).toEqual([1, 0, 2]);
});

describe('replicas of one shard, which has one on every node', () => {
  const wide = shard('wide', ['a', 'b'], [60]);
  const replicas = wide.replicas.map((replica, r) => ({ ...replica, loads: [r === 0 ? 60 : 10] }));
  const nodes = ['a', 'b'].map((id) => node(id, 1, { capacity: [100] }));
  const request = requestFor(fleet(['cpu'], nodes, [{ ...wide, replicas }]), freePolicy(['cpu']));

  /** How many of a hundred exchanges happen, hot enough for any. */
  function exchanges(mayExchangeWithin: boolean): { readonly count: number; readonly walk: Walk } {
    const walk = { ...createWalk(engineFor(request), createRandom(1)), mayExchangeWithin, temperature: 1e9 };
    const step = createExchangeStep(walk);
    return { count: Array.from({ length: 100 }, step).filter(Boolean).length, walk };
  }

  test('change places where an extension counts the placements', () => {
    const { count, walk } = exchanges(true);
    expect(count).toBeGreaterThan(0);
    expect(violationsNow(walk.engine).every((amount) => amount === 0)).toBe(true);
    expect(Array.from(walk.engine.state.nodeOf)).toEqual(count % 2 === 0 ? [0, 1] : [1, 0]);
  });

  test('stay where the plan needs a third node for them', () => {
    expect(exchanges(false).count).toBe(0);
  });
});
