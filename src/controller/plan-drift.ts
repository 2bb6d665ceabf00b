import type { Move, MoveProgress } from '../domain/move.ts';
import { takesReplicas } from '../domain/node.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { MoveDrift } from './rebalancer.ts';

/**
 * How the world differs from the one that the moves were planned for: which preconditions no longer hold. Only moves
 * that have not begun are looked at, and of each only the first difference is told.
 */
export function driftOf(
  moves: readonly Move[],
  progress: readonly MoveProgress[],
  snapshot: Snapshot,
): readonly MoveDrift[] {
  const begun = new Set(progress.filter((each) => each.state !== 'pending').map((each) => each.moveId));
  const shardIndex = new Map<string, number>();
  const wanted = new Set(moves.map((move) => move.shard));
  snapshot.shards.ids.forEach((id, index) => {
    if (wanted.has(id)) shardIndex.set(id, index);
  });
  const nodes = new Map(snapshot.nodes.map((node) => [node.id, node]));
  const drifted: MoveDrift[] = [];
  // A shard that an earlier move of the plan changed is judged when its turn comes, by the version which that one left.
  const changed = new Set(moves.filter((move) => begun.has(move.id)).map((move) => move.shard));
  for (const move of moves) {
    if (begun.has(move.id)) continue;
    const difference =
      destinationDrift(move, nodes.get(move.destination)) ??
      (move.expectedVersion < 0 || changed.has(move.shard)
        ? undefined
        : shardDrift(move, snapshot, shardIndex.get(move.shard)));
    if (difference) drifted.push({ moveId: move.id, shard: move.shard, ...difference });
  }
  return drifted;
}

/** Drift as problems of an approval: one per move, each with what was expected and what is. */
export function driftProblems(planId: string, drifted: readonly MoveDrift[]): readonly Problem[] {
  return drifted.map((each) => ({
    code: 'PLAN_DRIFTED',
    message: `move ${each.moveId} of plan ${planId}: ${each.what} of shard ${each.shard} is ${each.actual}, not ${each.expected}`,
    value: each.actual,
    limit: each.expected,
    subject: `shard/${each.shard}`,
  }));
}

type Difference = Omit<MoveDrift, 'moveId' | 'shard'>;

function destinationDrift(move: Move, node: Snapshot['nodes'][number] | undefined): Difference | undefined {
  const expected = `${move.destination} alive and active`;
  if (!node) return { what: 'destination', expected, actual: 'not in the fleet' };
  // Leadership may go to a node that takes no new replicas, as long as it lives.
  const fit = move.kind === 'transferLeadership' ? node.status === 'alive' : takesReplicas(node);
  return fit ? undefined : { what: 'destination', expected, actual: `${node.status} and ${node.adminState}` };
}

function shardDrift(
  move: Move,
  { shards, nodes }: Snapshot,
  index: number | undefined,
): Difference | undefined {
  if (index === undefined) return { what: 'missing', expected: 'a shard', actual: 'none' };
  const owner = ownerOf(move, shards, nodes, index);
  if (owner !== move.source) return { what: 'owner', expected: move.source, actual: owner };
  const version = shards.versions[index] ?? 0;
  if (version === move.expectedVersion) return undefined;
  return { what: 'version', expected: String(move.expectedVersion), actual: String(version) };
}

function ownerOf(move: Move, shards: Snapshot['shards'], nodes: Snapshot['nodes'], index: number): string {
  for (let row = shards.replicaOffsets[index] ?? 0; row < (shards.replicaOffsets[index + 1] ?? 0); row++) {
    if (shards.replicaNumbers[row] !== move.replica) continue;
    return nodes[shards.replicaNodes[row] ?? 0]?.id ?? 'nobody';
  }
  return 'nobody';
}

/** Whether the difference will not pass by itself: a suspect node mostly comes back. */
export function isLasting(drift: MoveDrift): boolean {
  return drift.what !== 'destination' || !drift.actual.startsWith('suspect');
}
