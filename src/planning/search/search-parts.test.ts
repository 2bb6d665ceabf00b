import { describe, expect, test } from 'bun:test';
import { createRandom } from '../../base/random.ts';
import { createChange } from '../change.ts';
import { computePlan } from '../compute-plan.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../fleet.testing.ts';
import { hottest } from '../terms/peak.ts';
import { lowerPeak } from './lower-peak.ts';
import { repair } from './repair.ts';
import { nodesOf, searchOf } from './search.testing.ts';
import { untangle } from './untangle.ts';

const exact = { benefit: { balanceTolerance: 0, pricePerMove: 0 } };

describe('a lower peak', () => {
  /** 3 + 3 + 2 + 2 + 2 on two nodes: 7 against 5, where 6 against 6 takes an exchange of two for three. */
  const request = requestFor(
    fleet(
      ['cpu'],
      [node('a', 1), node('b', 1)],
      [
        shard('s1', ['a'], [3]),
        shard('s2', ['a'], [2]),
        shard('s3', ['a'], [2]),
        shard('s4', ['b'], [3]),
        shard('s5', ['b'], [2]),
      ],
    ),
    freePolicy(['cpu'], exact),
  );

  test('is found where no single relocation or exchange lowers it', () => {
    const { engine, cold } = searchOf(request);
    lowerPeak(engine, cold, 1, createRandom(1));
    expect(hottest(engine.state, engine.factors)).toBeCloseTo(1);
  });

  test('is left where it is not worth its moves', () => {
    const policy = freePolicy(['cpu'], {
      benefit: { ...exact.benefit, pricePerMove: 1, minGainPerPrice: 1 },
    });
    const { engine, cold } = searchOf({ ...request, policy });
    lowerPeak(engine, cold, 1, createRandom(1));
    expect(engine.budget.moves).toBe(0);
  });
});

describe('untangling', () => {
  test('of two equal copies that trade places, none moves', () => {
    const { engine } = searchOf(
      requestFor(
        fleet(
          ['cpu'],
          ['a', 'b', 'c'].map((id) => node(id, 1)),
          [shard('s', ['a', 'b'], [1])],
        ),
        freePolicy(['cpu']),
      ),
    );
    const change = createChange();
    const { state } = engine;
    state.apply(state.relocation(change, 0, 2));
    state.apply(state.relocation(change, 1, 0));
    expect(engine.budget.moves).toBe(2);
    expect(untangle(engine)).toBe(1);
    expect(nodesOf(engine)).toEqual(['a', 'c']);
    expect(engine.budget.moves).toBe(1);
  });
});

describe('repair', () => {
  test('another replica makes room where no node takes a stranded one as things are', () => {
    const nodes = [node('a', 1, { adminState: 'draining' }), node('b', 1), node('c', 1)];
    // b has the room only when its replica of 60 goes to c, which has no room for the one of 70.
    const shards = [shard('large', ['a'], [70]), shard('small', ['b'], [60]), shard('rest', ['c'], [35])];
    const { engine, cold } = searchOf(
      requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu'], { dimension: { hardLimit: 1 } })),
    );
    repair(engine, cold, createRandom(1));
    expect(nodesOf(engine)).toEqual(['b', 'c', 'c']);
  });

  test('takes one move per replica over the limit, to nodes that stay below the line', () => {
    const nodes = Array.from({ length: 20 }, (_, n) => node(`n${n}`, 1, n === 0 ? { capacity: [40] } : {}));
    const shards = nodes.flatMap(({ id }, n) =>
      Array.from({ length: 10 }, (_, s) => shard(`s${n}-${s}`, [id], [n === 0 ? 4.4 : n < 3 ? 3 : 5])),
    );
    const { engine, cold } = searchOf(requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu'])));
    repair(engine, cold, createRandom(1));
    expect(engine.budget.moves).toBe(1);
    expect(nodesOf(engine).find((id, r) => r < 10 && id !== 'n0')).toMatch(/^n[12]$/);
  });
});

describe('warm start', () => {
  const nodes = ['a', 'b', 'c'].map((id) => node(id, 1));
  const shards = ['s1', 's2', 's3'].map((id) => shard(id, ['a'], [10]));
  const request = requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu']));
  const suggested = (shardId: string, destination: string) =>
    ({ kind: 'relocate', shard: shardId, replica: 0, successor: 0, destination }) as const;

  test('moves of an earlier plan that still hold are made as that plan had them', () => {
    const warmStart = [suggested('s3', 'c'), suggested('s1', 'b')];
    const planned = computePlan({ ...request, warmStart });
    const moves = planned.ok ? planned.value.moves : [];
    expect(moves.map(({ shard: id, destination }) => [id, destination])).toEqual([
      ['s3', 'c'],
      ['s1', 'b'],
    ]);
  });

  test('what exists no longer, or is worth nothing any more, is passed over', () => {
    const warmStart = [suggested('gone', 'c'), suggested('s1', 'nowhere'), suggested('s1', 'a')];
    const planned = computePlan({ ...request, warmStart });
    expect(planned.ok && planned.value.moves.length).toBe(2);
  });
});
