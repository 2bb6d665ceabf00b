import type { FleetBlueprint } from './fleet-blueprint.ts';

/**
 * What changes in a fleet, as columns over the blueprint's dense indices: a replica is a row, kept when it moves.
 * The other parts of the simulator change it; nobody outside does.
 */
export interface FleetState {
  readonly blueprint: FleetBlueprint;
  readonly nodeIndex: ReadonlyMap<string, number>;
  readonly shardIndex: ReadonlyMap<string, number>;
  /** Shard of each replica row. */
  readonly replicaShards: Int32Array;
  /** Node of each replica row. */
  readonly replicaNodes: Int32Array;
  readonly replicaLeads: Uint8Array;
  /** replicas × dimensions; a leadership transfer exchanges two rows, because the load follows the leader. */
  readonly baseLoads: Float64Array;
  /** 1 while the replica's place is a node that was killed under it: not the plan's loss. */
  readonly lostToKill: Uint8Array;
  /** Replicas assigned to each node. */
  readonly nodeReplicas: Int32Array;
  readonly alive: Uint8Array;
  /** When each dead node died, in the fleet's time; NaN for those alive. */
  readonly downSince: Float64Array;
  readonly latencyFactors: Float64Array;
  readonly copyFactors: Float64Array;
  readonly injectedErrors: Float64Array;
  /** Multiplies the elastic loads of each shard. */
  readonly hotFactors: Float64Array;
  /** Space that moves in flight hold beside the assignment. */
  readonly holds: Set<Hold>;
}

/** A replica's resources on a node that does not own it, by a copy that is coming or one that is not yet released. */
export interface Hold {
  readonly row: number;
  readonly node: number;
}

export function createFleetState(blueprint: FleetBlueprint): FleetState {
  const { nodes, shards } = blueprint;
  const rows = shards.replicaNodes.length;
  const replicaShards = new Int32Array(rows);
  for (let shard = 0; shard < shards.ids.length; shard++) {
    replicaShards.fill(shard, shards.replicaOffsets[shard], shards.replicaOffsets[shard + 1]);
  }
  const nodeReplicas = new Int32Array(nodes.length);
  for (const node of shards.replicaNodes) nodeReplicas[node] = (nodeReplicas[node] ?? 0) + 1;
  const alive = Uint8Array.from(nodes, (node) => (node.status === 'dead' || node.status === 'left' ? 0 : 1));
  return {
    blueprint,
    nodeIndex: new Map(nodes.map((node, index) => [node.id, index])),
    shardIndex: new Map(shards.ids.map((id, index) => [id, index])),
    replicaShards,
    replicaNodes: Int32Array.from(shards.replicaNodes),
    replicaLeads: Uint8Array.from(shards.replicaLeads),
    baseLoads: Float64Array.from(shards.replicaLoads),
    lostToKill: Uint8Array.from(shards.replicaNodes, (node) => (alive[node] === 1 ? 0 : 1)),
    nodeReplicas,
    alive,
    downSince: Float64Array.from(alive, (each) => (each === 1 ? Number.NaN : 0)),
    latencyFactors: new Float64Array(nodes.length).fill(1),
    copyFactors: new Float64Array(nodes.length).fill(1),
    injectedErrors: new Float64Array(nodes.length),
    hotFactors: new Float64Array(shards.ids.length).fill(1),
    holds: new Set(),
  };
}

/** Rows of a shard's replicas: from the first up to but excluding the second number. */
export function rowsOf(state: FleetState, shard: number): readonly [number, number] {
  const offsets = state.blueprint.shards.replicaOffsets;
  return [offsets[shard] ?? 0, offsets[shard + 1] ?? 0];
}

/** Row of the shard's replica with the number; -1 when it has none. */
export function rowOf(state: FleetState, shard: number, number: number): number {
  const [first, end] = rowsOf(state, shard);
  for (let row = first; row < end; row++) {
    if (state.blueprint.shards.replicaNumbers[row] === number) return row;
  }
  return -1;
}

/** Row of the shard's replica on the node; -1 when it has none there. */
export function rowOn(state: FleetState, shard: number, node: number): number {
  const [first, end] = rowsOf(state, shard);
  for (let row = first; row < end; row++) if (state.replicaNodes[row] === node) return row;
  return -1;
}

/** Row of the shard's leader; -1 when none leads. */
export function leaderOf(state: FleetState, shard: number): number {
  const [first, end] = rowsOf(state, shard);
  for (let row = first; row < end; row++) if (state.replicaLeads[row] === 1) return row;
  return -1;
}

export function isAlive(state: FleetState, node: number): boolean {
  return state.alive[node] === 1;
}

/** Gives the replica to the node. */
export function assign(state: FleetState, row: number, node: number): void {
  const from = state.replicaNodes[row] ?? 0;
  state.nodeReplicas[from] = (state.nodeReplicas[from] ?? 0) - 1;
  state.nodeReplicas[node] = (state.nodeReplicas[node] ?? 0) + 1;
  state.replicaNodes[row] = node;
  state.lostToKill[row] = isAlive(state, node) ? 0 : 1;
}

/** Makes one replica lead in place of another of its shard, and lets the leader's load follow. */
export function exchangeLeadership(state: FleetState, leader: number, successor: number): void {
  const dims = state.blueprint.dimensions.length;
  for (let d = 0; d < dims; d++) {
    const carried = state.baseLoads[leader * dims + d] ?? 0;
    state.baseLoads[leader * dims + d] = state.baseLoads[successor * dims + d] ?? 0;
    state.baseLoads[successor * dims + d] = carried;
  }
  state.replicaLeads[leader] = 0;
  state.replicaLeads[successor] = 1;
}
