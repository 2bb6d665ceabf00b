import { describe, expect, test } from 'bun:test';
import { createRandom } from '../../base/random.ts';
import { createChange } from '../change.ts';
import { distinctNodes, fleet, freePolicy, node, requestFor, shard } from '../fleet.testing.ts';
import { createPlacementState, type PlacementState } from '../placement-state.ts';
import { buildProblem, type PlanningProblem } from '../problem.ts';
import { fewestMoves } from './moves-bound.ts';

function problemOf(request: ReturnType<typeof requestFor>): PlanningProblem {
  const built = buildProblem(request);
  if (!built.ok) throw new Error('the policy does not fit');
  return built.value;
}

function fewest(problem: PlanningProblem, ceilings: readonly number[]): number {
  const { load } = createPlacementState(problem);
  return fewestMoves(problem, { load, ceilings: Float64Array.from(ceilings), leaving: null, forced: null });
}

describe('fewest moves', () => {
  const loads = [9, 7, 5, 3, 3, 2, 1];
  const hot = problemOf(
    requestFor(
      fleet(
        ['cpu'],
        [node('a', 1), node('b', 1)],
        loads.map((load, s) => shard(`s${s}`, ['a'], [load])),
      ),
      freePolicy(['cpu']),
    ),
  );

  test('are the largest replicas that cover what is above the ceiling, few or many', () => {
    // 30 on the node: 9, 9 + 7, ... must go.
    expect([30, 29, 21, 20, 9, 2, 0].map((ceiling) => fewest(hot, [ceiling, 100]))).toEqual([
      0, 1, 1, 2, 3, 6, 7,
    ]);
  });

  test('see that one replica cannot relieve two dimensions that others carry', () => {
    const two = fleet(
      ['cpu', 'disk'],
      [node('a', 2), node('b', 2)],
      [shard('c', ['a'], [10, 0]), shard('d', ['a'], [0, 10]), shard('e', ['a'], [1, 1])],
    );
    expect(fewest(problemOf(requestFor(two, freePolicy(['cpu', 'disk']))), [2, 2, 99, 99])).toBe(2);
  });

  test('no plan of fewer moves gets there: every plan of a small fleet tried', () => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 80; seed++) {
      const { problem, ceilings } = smallCase(seed);
      const bound = fewest(problem, ceilings);
      seen.add(bound);
      const reached = reachesWithin(createPlacementState(problem), ceilings, bound - 1);
      expect({ seed, bound, reached }).toEqual({ seed, bound, reached: false });
    }
    // Bounds of nothing prove nothing.
    expect(seen).toContain(2);
    expect(seen).toContain(3);
  });
});

/** Two or three nodes, up to six replicas whose rows differ in every way, and ceilings below what is there. */
function smallCase(seed: number) {
  const random = createRandom(`moves ${seed}`);
  const nodes = Array.from({ length: 2 + random.integer(2) }, (_, n) => node(`n${n}`, 2));
  const shards = Array.from({ length: 2 + random.integer(3) }, (_, s) => {
    const places = distinctNodes(random, nodes.length, 1 + random.integer(2));
    const plain = shard(
      `s${s}`,
      places.map((place) => nodes[place].id),
      [0, 0],
    );
    const replicas = plain.replicas.map((replica) => ({
      ...replica,
      loads: [random.integer(10), random.integer(10)],
    }));
    return { ...plain, replicas };
  });
  const problem = problemOf(requestFor(fleet(['cpu', 'disk'], nodes, shards), freePolicy(['cpu', 'disk'])));
  const ceilings = Array.from(createPlacementState(problem).load, (load) =>
    random.next() < 0.6 ? Math.floor(load * random.next()) : 100,
  );
  return { problem, ceilings };
}

/** Whether some sequence of relocations and transfers of at most so many moves ends below the ceilings; rules aside. */
function reachesWithin(state: PlacementState, ceilings: readonly number[], moves: number): boolean {
  if (moves < 0) return false;
  if (state.load.every((load, at) => load <= ceilings[at] + 1e-9)) return true;
  if (moves === 0) return false;
  const { problem } = state;
  const change = createChange();
  const scratch = new Float64Array(problem.width);
  const tried: ((next: PlacementState) => void)[] = [];
  for (let r = 0; r < problem.replicaCount; r++) {
    for (let to = 0; to < problem.nodeCount; to++) {
      if (to !== state.nodeOf[r]) tried.push((next) => next.apply(next.relocation(change, r, to)));
    }
    for (let other = 0; other < problem.replicaCount; other++) {
      const isTransfer = state.leads[r] === 1 && other !== r && problem.shardOf[r] === problem.shardOf[other];
      if (isTransfer) tried.push((next) => next.apply(next.transfer(change, r, other, scratch)));
    }
  }
  return tried.some((step) => {
    const next = createPlacementState(problem, state);
    step(next);
    return reachesWithin(next, ceilings, moves - 1);
  });
}
