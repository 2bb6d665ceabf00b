import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRandom, type Random } from '../base/random.ts';
import { buildConstraints } from './build-constraints.ts';
import { createChange } from './change.ts';
import { distinctNodes, fleet, freePolicy, node, requestFor, shard } from './fleet.testing.ts';
import { createPlacementState } from './placement-state.ts';
import type { OrderedMove, PlannedMove } from './planned-move.ts';
import { buildProblem, type PlanningProblem } from './problem.ts';
import { blockedBy, fillChange } from './try-move.ts';
import { orderIntoWaves } from './waves.ts';

const runs = 120;

/** Caps of a random policy. */
interface Caps {
  readonly namespace: number;
  readonly perNodeIn: number;
  readonly perNodeOut: number;
  readonly perZone: number;
}

interface Drawn {
  readonly problem: PlanningProblem;
  readonly moves: readonly PlannedMove[];
  readonly caps: Caps;
}

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

/** Capacity per node: what most moves find room in, and what all do. */
const scarce = 100;
const ample = 1e6;

function law(sentence: string, check: (drawn: Drawn) => void, capacity = scarce): void {
  test(sentence, () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) =>
        check(draw(createRandom(seed), capacity)),
      ),
      { numRuns: runs, seed: 11 },
    );
  });
}

function order({ problem, moves }: Drawn) {
  return orderIntoWaves(problem, moves, { mayStage: () => true, keepsOrder: false });
}

/** A fleet that is nearly full, or not at all, and a move for some of its replicas to a node that has none of its shard. */
function draw(random: Random, capacity: number): Drawn {
  const nodeCount = 4 + random.integer(10);
  const nodes = Array.from({ length: nodeCount }, (_, n) =>
    node(`n${String(n).padStart(2, '0')}`, 1, { zone: `z${random.integer(3)}`, capacity: [capacity] }),
  );
  const shards = Array.from({ length: 10 + random.integer(60) }, (_, s) =>
    shard(
      `s${String(s).padStart(3, '0')}`,
      distinctNodes(random, nodeCount, 1 + random.integer(2)).map((n) => nodes[n].id),
      [2 + random.integer(18)],
    ),
  );
  const caps = {
    namespace: 1 + random.integer(12),
    perNodeIn: 1 + random.integer(3),
    perNodeOut: 1 + random.integer(3),
    perZone: 2 + random.integer(8),
  };
  const policy = freePolicy(['load'], { concurrency: caps });
  const built = buildProblem(requestFor(fleet(['load'], nodes, shards), policy));
  if (!built.ok) throw new Error('the policy does not fit');
  const problem = built.value;
  return { problem, moves: drawMoves(problem, random), caps };
}

function drawMoves(problem: PlanningProblem, random: Random): PlannedMove[] {
  const { replicaOffsets, replicaNodes } = problem.shards;
  const moves: PlannedMove[] = [];
  for (let s = 0; s < problem.shardCount; s++) {
    const taken = new Set(replicaNodes.subarray(replicaOffsets[s], replicaOffsets[s + 1]));
    for (let replica = replicaOffsets[s]; replica < replicaOffsets[s + 1]; replica++) {
      const to = random.integer(problem.nodeCount);
      if (taken.has(to) || random.next() < 0.3) continue;
      taken.add(to);
      moves.push({ kind: 'relocate', replica, successor: replica, to, staged: false });
    }
  }
  return moves;
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

function expectWithinCaps({ problem, caps }: Drawn, wave: readonly Sourced[]): void {
  const zoneOf = problem.nodes.domains.zone.ofNode;
  expect(wave.length).toBeLessThanOrEqual(caps.namespace);
  expect(most(wave.map((move) => problem.shardOf[move.replica]))).toBe(1);
  expect(most(wave.map((move) => move.from))).toBeLessThanOrEqual(caps.perNodeOut);
  expect(most(wave.map((move) => move.to))).toBeLessThanOrEqual(caps.perNodeIn);
  const zones = wave.flatMap((move) => [...new Set([zoneOf[move.from], zoneOf[move.to]])]);
  expect(most(zones)).toBeLessThanOrEqual(caps.perZone);
}

function most(keys: readonly number[]): number {
  return Math.max(0, ...Array.from(Map.groupBy(keys, (key) => key).values(), (group) => group.length));
}

/** No schedule has fewer waves: the most that any cap, or any shard, has to do. */
function leastWaves(problem: PlanningProblem, moves: readonly PlannedMove[], caps: Caps): number {
  const origins = problem.shards.replicaNodes;
  const zoneOf = problem.nodes.domains.zone.ofNode;
  const zones = moves.flatMap(({ replica, to }) => [...new Set([zoneOf[origins[replica]], zoneOf[to]])]);
  return Math.max(
    Math.ceil(moves.length / caps.namespace),
    Math.ceil(most(moves.map((move) => origins[move.replica])) / caps.perNodeOut),
    Math.ceil(most(moves.map((move) => move.to)) / caps.perNodeIn),
    Math.ceil(most(zones) / caps.perZone),
    most(moves.map((move) => problem.shardOf[move.replica])),
  );
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
