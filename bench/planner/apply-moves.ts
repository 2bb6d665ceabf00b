import type { Move } from '../../src/domain/move.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';

/** The fleet after all moves of a plan, in order; the one given stays as it is. Loads follow the leader. */
export function applyMoves(snapshot: Snapshot, moves: readonly Move[]): Snapshot {
  const { shards, nodes } = snapshot;
  const width = snapshot.dimensions.length;
  const replicaNodes = shards.replicaNodes.slice();
  const replicaLeads = shards.replicaLeads.slice();
  const replicaLoads = shards.replicaLoads.slice();
  const nodeOf = new Map(nodes.map((node, index) => [node.id, index]));
  const moved = new Set(moves.map((move) => move.shard));
  const shardOf = new Map<string, number>();
  for (const [index, id] of shards.ids.entries()) if (moved.has(id)) shardOf.set(id, index);

  function rowOf(shard: string, replica: number): number {
    const index = shardOf.get(shard) ?? -1;
    for (let row = shards.replicaOffsets[index]; row < shards.replicaOffsets[index + 1]; row++)
      if (shards.replicaNumbers[row] === replica) return row;
    throw new Error(`a plan moves ${shard}/${replica}, which is not in the fleet`);
  }

  for (const move of moves) {
    const row = rowOf(move.shard, move.replica);
    const node = nodeOf.get(move.destination) ?? -1;
    if (move.kind === 'relocate') {
      replicaNodes[row] = node;
      continue;
    }
    const successor = rowOf(move.shard, move.successor);
    replicaLeads[row] = 0;
    replicaLeads[successor] = 1;
    for (let d = 0; d < width; d++) {
      const load = replicaLoads[row * width + d];
      replicaLoads[row * width + d] = replicaLoads[successor * width + d];
      replicaLoads[successor * width + d] = load;
    }
  }
  return { ...snapshot, shards: { ...shards, replicaNodes, replicaLeads, replicaLoads } };
}
