import type { Move } from '../domain/move.ts';
import type { Snapshot } from '../domain/snapshot.ts';

/** Where the replicas of a snapshot are, and stay after moves that completed since it was taken. */
export interface ReplicaPlaces {
  /** Index of the node, -1 when the snapshot does not have it. */
  nodeIndex(id: string): number;
  /** Index of the shard, -1 when the snapshot does not have it. */
  shardIndex(id: string): number;
  /** Row of the replica with the number, -1 when the shard does not have it. */
  replicaRow(shard: number, number: number): number;
  /** Node of a replica row, -1 for a row that does not exist. */
  nodeOfReplica(row: number): number;
  /** Whether the replica leads its shard. */
  leads(row: number): boolean;
  /** Whether the replica is at the destination already, or the successor leads already. */
  showsEffect(move: Move): boolean;
  /** Puts the effect of a completed move in place. */
  apply(move: Move): void;
}

/** O(replicas) memory for the places; the snapshot itself is not changed. */
export function createReplicaPlaces({ nodes, shards }: Snapshot): ReplicaPlaces {
  const nodeIndices = new Map(nodes.map((node, index) => [node.id, index]));
  const places = Int32Array.from(shards.replicaNodes);
  const leads = Uint8Array.from(shards.replicaLeads);
  const nodeIndex = (id: string): number => nodeIndices.get(id) ?? -1;
  const shardIndex = (id: string): number => findSorted(shards.ids, id);

  function replicaRow(shard: number, number: number): number {
    if (shard < 0) return -1;
    for (let row = shards.replicaOffsets[shard]; row < shards.replicaOffsets[shard + 1]; row++) {
      if (shards.replicaNumbers[row] === number) return row;
    }
    return -1;
  }

  return {
    nodeIndex,
    shardIndex,
    replicaRow,
    nodeOfReplica: (row) => places[row] ?? -1,
    leads: (row) => leads[row] === 1,
    showsEffect(move) {
      const shard = shardIndex(move.shard);
      if (move.kind === 'transferLeadership') return leads[replicaRow(shard, move.successor)] === 1;
      const row = replicaRow(shard, move.replica);
      return row >= 0 && places[row] === nodeIndex(move.destination);
    },
    apply(move) {
      const shard = shardIndex(move.shard);
      const row = replicaRow(shard, move.replica);
      if (row < 0) return;
      if (move.kind === 'relocate') {
        places[row] = nodeIndex(move.destination);
        return;
      }
      leads[row] = 0;
      const successor = replicaRow(shard, move.successor);
      if (successor >= 0) leads[successor] = 1;
    },
  };
}

/** Index of the text among texts sorted by code unit, -1 when it is not there. */
function findSorted(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const candidate = sorted[middle];
    if (candidate === text) return middle;
    if (candidate < text) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
