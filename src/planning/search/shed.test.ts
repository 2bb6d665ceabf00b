import { describe, expect, test } from 'bun:test';
import { createRandom } from '../../base/random.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../fleet.testing.ts';
import { hottest } from '../terms/peak.ts';
import { nodesOf, searchOf } from './search.testing.ts';
import { shed } from './shed.ts';
import { balanceLines, restHeat } from './shed-lines.ts';
import { beginHeat } from './unrest.ts';

function shedAll(request: Parameters<typeof searchOf>[0]) {
  const { engine } = searchOf(request);
  const { state, factors } = engine;
  const lines = balanceLines(state, factors, {
    heedsTarget: true,
    fillsUp: false,
    beginHeat: beginHeat(state, factors),
  });
  shed(engine, lines, createRandom(1));
  return engine;
}

/** Nodes with the loads given, each replica a shard of its own. */
function nodesWith(...loads: readonly (readonly (readonly number[])[])[]) {
  const width = loads[0][0].length;
  const nodes = loads.map((_, n) => node(`n${n}`, width));
  const shards = loads.flatMap((rows, n) => rows.map((row, s) => shard(`s${n}-${s}`, [`n${n}`], row)));
  const dimensions = ['cpu', 'disk'].slice(0, width);
  return requestFor(fleet(dimensions, nodes, shards), freePolicy(dimensions));
}

describe('shedding', () => {
  test('one replica that covers what is too much goes, not several small ones', () => {
    const engine = shedAll(nodesWith([[1], [1], [1], [1], [4], [4]], [[2], [2]], [[4], [4]]));
    expect(engine.budget.moves).toBe(1);
    expect(hottest(engine.state, engine.factors)).toBeCloseTo(1);
  });

  test('in two dimensions, a pair that covers both goes', () => {
    const hot = [
      [4, 1],
      [1, 4],
      [2, 2],
      [1, 1],
      [4, 4],
    ];
    const engine = shedAll(
      nodesWith(hot, [
        [3, 3],
        [2, 2],
      ]),
    );
    expect(engine.budget.moves).toBeLessThanOrEqual(2);
    expect(hottest(engine.state, engine.factors)).toBeLessThanOrEqual(restHeat(engine.factors) + 0.1);
  });

  test('nodes within the tolerance are left alone', () => {
    const even = nodesWith([[50], [1.4]], [[50], [0.3]]);
    expect(shedAll(even).budget.moves).toBe(0);
  });

  test('a replica that fits nowhere below the line stays', () => {
    const engine = shedAll(nodesWith([[30], [30]], [[25]]));
    expect(nodesOf(engine)).toEqual(['n0', 'n0', 'n1']);
  });

  test('leadership goes first where it alone carries load', () => {
    const led = (id: string) => ({
      ...shard(id, ['n0', 'n1'], [0]),
      replicas: [
        { number: 0, node: 'n0', leads: true, bytes: 1_000, loads: [10] },
        { number: 1, node: 'n1', leads: false, bytes: 1_000, loads: [1] },
      ],
    });
    const nodes = ['n0', 'n1', 'n2'].map((id) => node(id, 1));
    const filler = shard('filler', ['n2'], [30]);
    const shards = [led('s0'), led('s1'), led('s2'), filler];
    const engine = shedAll(requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu'])));
    expect(engine.budget.bytes).toBe(0);
    expect(engine.budget.moves).toBe(1);
  });
});

describe('when nodes begin to give', () => {
  const loads = (hot: number, warm: number): readonly (readonly number[])[][] => [
    ...Array.from({ length: hot }, () => [[1.08]]),
    ...Array.from({ length: warm }, () => [[1.04]]),
    ...Array.from({ length: 200 - hot - warm }, () => [[1]]),
  ];

  test('one node of many that is far above the line gives alone', () => {
    const { engine } = searchOf(nodesWith(...loads(1, 20)));
    expect(beginHeat(engine.state, engine.factors)).toBeCloseTo(1.05);
  });

  test('in a fleet that is out of balance, all that are above the line give', () => {
    const { engine } = searchOf(nodesWith(...loads(10, 20)));
    expect(beginHeat(engine.state, engine.factors)).toBeCloseTo(1.03);
  });
});
