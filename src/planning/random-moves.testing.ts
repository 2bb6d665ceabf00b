import type { Random } from '../base/random.ts';
import { distinctNodes, fleet, freePolicy, node, requestFor, shard } from './fleet.testing.ts';
import type { PlannedMove } from './planned-move.ts';
import { buildProblem, type PlanningProblem } from './problem.ts';

/** Caps of a random policy. */
export interface MoveCaps {
  readonly namespace: number;
  readonly perNodeIn: number;
  readonly perNodeOut: number;
  readonly perZone: number;
}

export interface DrawnMoves {
  readonly problem: PlanningProblem;
  readonly moves: readonly PlannedMove[];
  readonly caps: MoveCaps;
}

/** Capacity per node: what most moves find room in, and what all do. */
export const scarce = 100;
export const ample = 1e6;

/** A fleet that is nearly full, or not at all, and a move for some of its replicas to a node that has none of its shard; caps on all four. */
export function drawMoves(random: Random, capacity: number): DrawnMoves {
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
  return { problem, moves: movesOf(problem, random), caps };
}

function movesOf(problem: PlanningProblem, random: Random): PlannedMove[] {
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

export function most(keys: readonly number[]): number {
  return Math.max(0, ...Array.from(Map.groupBy(keys, (key) => key).values(), (group) => group.length));
}

/** No schedule has fewer waves: the most that any cap, or any shard, has to do. */
export function leastWaves(problem: PlanningProblem, moves: readonly PlannedMove[], caps: MoveCaps): number {
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
