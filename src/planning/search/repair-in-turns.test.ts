import { describe, expect, test } from 'bun:test';
import { createRandom } from '../../base/random.ts';
import { fleet, freePolicy, requestFor, shard } from '../fleet.testing.ts';
import { repair } from './repair.ts';
import { repairInTurns } from './repair-in-turns.ts';
import { nodesOfTwoKinds, searchOf } from './search.testing.ts';
import { tradeAll } from './trade-all.ts';

/**
 * Two nodes with more processors and two with more memory, each with as much of both kinds of shards: over the limit in
 * what it has less of, and nobody has room for both. Sorted by what they need, they fit.
 */
function mixedUp() {
  const nodes = nodesOfTwoKinds();
  const shards = nodes.flatMap(({ id }, n) =>
    Array.from({ length: 20 }, (_, s) => shard(`s${n}-${s}`, [id], s % 2 === 0 ? [4, 2] : [2, 4])),
  );
  return searchOf(requestFor(fleet(['cpu', 'memory'], nodes, shards), freePolicy(['cpu', 'memory'])));
}

const overloaded = ({ engine }: ReturnType<typeof mixedUp>): number =>
  engine.constraints.reduce((sum, rule) => sum + rule.measure().subjects, 0);

describe('a fleet of several shapes of nodes that are too full in one dimension each', () => {
  test('is not repaired by moving replicas one after the other', () => {
    const search = mixedUp();
    expect(overloaded(search)).toBe(4);
    expect(repair(search.engine, search.cold, createRandom(1))).toBe(true);
    expect(overloaded(search)).toBeGreaterThan(0);
  });

  test('is by trading first', () => {
    const search = mixedUp();
    expect(repairInTurns(search.engine, search.cold, createRandom(1))).toBe(false);
    expect(overloaded(search)).toBe(0);
  });
});

test('trading keeps to its share of the candidates', () => {
  const { engine, cold } = mixedUp();
  tradeAll(engine, cold, 0);
  expect([engine.evaluations, engine.budget.moves]).toEqual([0, 0]);
  tradeAll(engine, cold, 0.5);
  expect(engine.budget.moves).toBeGreaterThan(0);
  expect(engine.evaluations).toBeLessThan(engine.state.problem.request.policy.budget.maxEvaluations);
});
