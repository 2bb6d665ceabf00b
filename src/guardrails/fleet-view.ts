import type { Move } from '../domain/move.ts';
import { isHealthy } from '../domain/node.ts';
import type { DimensionPolicy, Policy } from '../domain/policy.ts';
import { dimensionPolicies } from '../domain/policy-dimensions.ts';
import { replicaCount, type Snapshot } from '../domain/snapshot.ts';
import { createMoveCounts, type MoveCounts } from './move-counts.ts';

/**
 * A namespace's fleet as measured, plus the influence of the moves in flight: what the guardrails judge a move
 * against. Costs O(replicas) once and O(dimensions + replicas of the shard + log shards) per move afterwards.
 *
 * Loads count at the worst: from `begin` on, a move's load stands on its destination as well as (still) on its
 * source, in every dimension, because nobody knows at which moment it changes sides. `complete` takes it off the
 * source; where `placement.transientHold` is `plan`, transient dimensions stay held on the source for the life of the
 * view.
 */
export interface FleetView {
  readonly snapshot: Snapshot;
  readonly dimensions: readonly ViewDimension[];
  readonly health: FleetHealth;
  readonly counts: MoveCounts;
  /** Sum over all replicas per dimension of the snapshot. */
  readonly totalLoads: Float64Array;
  readonly totalReplicas: number;

  /** @throws Error when the move is in flight already: a bug of the caller */
  begin(move: Move): void;
  /** The replica is in its new place. @throws Error when the move is not in flight */
  complete(move: Move): void;
  /** The replica stayed where it was. @throws Error when the move is not in flight */
  abandon(move: Move): void;
  inFlight(): readonly Move[];
  /** The move of the shard that is in flight, by shard index. */
  moveOfShard(shard: number): Move | undefined;

  /** Index of the node, -1 when the snapshot does not have it. */
  nodeIndex(id: string): number;
  /** Index of the shard, -1 when the snapshot does not have it. */
  shardIndex(id: string): number;
  zoneIndex(node: number): number;
  /** Row of the replica with the number, -1 when the shard does not have it. */
  replicaRow(shard: number, number: number): number;
  /** Where the replica is now; completed moves count. */
  nodeOfReplica(row: number): number;

  /** Measured and completed, plus what is on its way to the node, plus what is held; `dimension` of the snapshot. */
  loadOfNode(node: number, dimension: number): number;
  /** What the node would carry had every move away from it completed and none to it begun. */
  leastLoadOfNode(node: number, dimension: number): number;
  loadOfZone(zone: number, dimension: number): number;
  /** Replicas there and on their way there. */
  replicasOnNode(node: number): number;
  replicasInZone(zone: number): number;
  /** What the snapshot measured, before any move: a limit that is broken already is not broken further up to here. */
  readonly measured: MeasuredSums;
}

/** Sums over the replicas of a snapshot; loads are rows of the snapshot's dimensions per node or zone. */
export interface MeasuredSums {
  readonly nodeLoads: Float64Array;
  readonly zoneLoads: Float64Array;
  readonly nodeReplicas: Int32Array;
  readonly zoneReplicas: Int32Array;
}

export interface ViewDimension {
  readonly policy: DimensionPolicy;
  /** Index among the snapshot's dimensions. */
  readonly index: number;
}

export interface FleetHealth {
  /** Nodes that are not alive, those that left on purpose not counted. */
  readonly unhealthy: number;
  /** Nodes that have not left. */
  readonly nodes: number;
}

export interface FleetViewOptions {
  /** Moves of the running plan that completed before the snapshot was taken: they may still be held on their source. */
  readonly completed?: readonly Move[];
}

interface Flight {
  readonly move: Move;
  readonly row: number;
  readonly source: number;
  readonly destination: number;
  /** The snapshot was taken after the transfer: the replica is at the destination already. */
  readonly arrived: boolean;
}

/** The view of a snapshot without any move in flight; a fresh snapshot needs a fresh view, with `begin` repeated. */
export function createFleetView(
  snapshot: Snapshot,
  policy: Policy,
  options: FleetViewOptions = {},
): FleetView {
  const { nodes, shards } = snapshot;
  const width = snapshot.dimensions.length;
  const zoneNames = new Map<string, number>();
  const zoneOfNode = Int32Array.from(nodes, ({ zone }) => {
    const index = zoneNames.get(zone) ?? zoneNames.size;
    zoneNames.set(zone, index);
    return index;
  });
  const nodeIndices = new Map(nodes.map((node, index) => [node.id, index]));
  const dimensions = viewDimensions(snapshot, policy);
  const replicaNodes = Int32Array.from(shards.replicaNodes);
  const sums = sumUp(snapshot, zoneOfNode, zoneNames.size);
  const measured: MeasuredSums = {
    nodeLoads: sums.nodeLoads.slice(),
    zoneLoads: sums.zoneLoads.slice(),
    nodeReplicas: sums.nodeReplicas.slice(),
    zoneReplicas: sums.zoneReplicas.slice(),
  };
  const arriving = new Float64Array(nodes.length * width);
  const departing = new Float64Array(nodes.length * width);
  const held = new Float64Array(nodes.length * width);
  const zoneArriving = new Float64Array(zoneNames.size * width);
  const arrivingReplicas = new Int32Array(nodes.length);
  const zoneArrivingReplicas = new Int32Array(zoneNames.size);
  const counts = createMoveCounts(nodes.length, zoneOfNode, zoneNames.size);
  const flights = new Map<string, Flight>();
  const flightOfShard = new Map<number, Flight>();
  const holdsForPlan = policy.placement.transientHold === 'plan';

  const nodeIndex = (id: string): number => nodeIndices.get(id) ?? -1;
  const shardIndex = (id: string): number => findSorted(shards.ids, id);

  function replicaRow(shard: number, number: number): number {
    if (shard < 0) return -1;
    const end = shards.replicaOffsets[shard + 1] ?? 0;
    for (let row = shards.replicaOffsets[shard] ?? 0; row < end; row++) {
      if (shards.replicaNumbers[row] === number) return row;
    }
    return -1;
  }

  function addTo(loads: Float64Array, at: number, load: readonly number[], sign: number): void {
    if (at < 0) return;
    for (let d = 0; d < width; d++)
      loads[at * width + d] = (loads[at * width + d] ?? 0) + sign * (load[d] ?? 0);
  }

  function addOne(numbers: Int32Array, at: number, change: number): void {
    if (at >= 0) numbers[at] = (numbers[at] ?? 0) + change;
  }

  /** Adds (1) or takes back (-1) what the move puts onto its destination before it has completed. */
  function arrive({ move, source, destination, arrived }: Flight, sign: 1 | -1): void {
    if (arrived) return;
    const zone = zoneOfNode[destination] ?? -1;
    addTo(departing, source, move.load, sign);
    addTo(arriving, destination, move.load, sign);
    addTo(zoneArriving, zone, move.load, sign);
    if (move.kind !== 'relocate') return;
    addOne(arrivingReplicas, destination, sign);
    addOne(zoneArrivingReplicas, zone, sign);
  }

  /** Transient loads of a move that stay on its source although the replica has left it. */
  function hold(move: Move, source: number, sign: 1 | -1): void {
    if (source < 0 || move.kind !== 'relocate') return;
    for (const { policy: dimension, index } of dimensions) {
      if (!dimension.transient) continue;
      held[source * width + index] = (held[source * width + index] ?? 0) + sign * (move.load[index] ?? 0);
    }
  }

  function settle({ move, row, source, destination }: Flight): void {
    const sourceZone = zoneOfNode[source] ?? -1;
    const destinationZone = zoneOfNode[destination] ?? -1;
    addTo(sums.nodeLoads, source, move.load, -1);
    addTo(sums.nodeLoads, destination, move.load, 1);
    addTo(sums.zoneLoads, sourceZone, move.load, -1);
    addTo(sums.zoneLoads, destinationZone, move.load, 1);
    if (move.kind !== 'relocate') return;
    addOne(sums.nodeReplicas, source, -1);
    addOne(sums.nodeReplicas, destination, 1);
    addOne(sums.zoneReplicas, sourceZone, -1);
    addOne(sums.zoneReplicas, destinationZone, 1);
    if (row >= 0) replicaNodes[row] = destination;
  }

  function begin(move: Move): void {
    if (flights.has(move.id)) throw new Error(`move ${move.id} is in flight already`);
    const shard = shardIndex(move.shard);
    const row = replicaRow(shard, move.replica);
    const destination = nodeIndex(move.destination);
    const relocated = move.kind === 'relocate' && row >= 0 && replicaNodes[row] === destination;
    const led =
      move.kind === 'transferLeadership' && leadsNow(shards.replicaLeads, replicaRow(shard, move.successor));
    const flight = { move, row, source: nodeIndex(move.source), destination, arrived: relocated || led };
    flights.set(move.id, flight);
    if (shard >= 0) flightOfShard.set(shard, flight);
    arrive(flight, 1);
    if (flight.arrived) hold(move, flight.source, 1);
    counts.add(flight.source, destination, 1);
  }

  function end(move: Move): Flight {
    const flight = flights.get(move.id);
    if (!flight) throw new Error(`move ${move.id} is not in flight`);
    flights.delete(move.id);
    flightOfShard.delete(shardIndex(move.shard));
    arrive(flight, -1);
    counts.add(flight.source, flight.destination, -1);
    return flight;
  }

  for (const move of holdsForPlan ? (options.completed ?? []) : []) hold(move, nodeIndex(move.source), 1);

  return {
    snapshot,
    dimensions,
    counts,
    measured,
    health: fleetHealth(snapshot),
    totalLoads: sums.totalLoads,
    totalReplicas: replicaCount(shards),
    begin,
    complete(move) {
      const flight = end(move);
      if (!flight.arrived) settle(flight);
      if (flight.arrived && !holdsForPlan) hold(move, flight.source, -1);
      if (!flight.arrived && holdsForPlan) hold(move, flight.source, 1);
    },
    abandon(move) {
      const flight = end(move);
      if (flight.arrived) hold(move, flight.source, -1);
    },
    inFlight: () => Array.from(flights.values(), (flight) => flight.move),
    moveOfShard: (shard) => flightOfShard.get(shard)?.move,
    nodeIndex,
    shardIndex,
    zoneIndex: (node) => zoneOfNode[node] ?? -1,
    replicaRow,
    nodeOfReplica: (row) => replicaNodes[row] ?? -1,
    loadOfNode(node, dimension) {
      const at = node * width + dimension;
      return (sums.nodeLoads[at] ?? 0) + (arriving[at] ?? 0) + (held[at] ?? 0);
    },
    leastLoadOfNode(node, dimension) {
      const at = node * width + dimension;
      return (sums.nodeLoads[at] ?? 0) - (departing[at] ?? 0);
    },
    loadOfZone(zone, dimension) {
      const at = zone * width + dimension;
      return (sums.zoneLoads[at] ?? 0) + (zoneArriving[at] ?? 0);
    },
    replicasOnNode: (node) => (sums.nodeReplicas[node] ?? 0) + (arrivingReplicas[node] ?? 0),
    replicasInZone: (zone) => (sums.zoneReplicas[zone] ?? 0) + (zoneArrivingReplicas[zone] ?? 0),
  };
}

function leadsNow(leads: Uint8Array, row: number): boolean {
  return row >= 0 && leads[row] === 1;
}

/** The dimensions that policy balances and the snapshot measures. */
function viewDimensions(snapshot: Snapshot, policy: Policy): readonly ViewDimension[] {
  return dimensionPolicies(policy, snapshot)
    .map((each) => ({ policy: each, index: snapshot.dimensions.findIndex(({ name }) => name === each.name) }))
    .filter(({ index }) => index >= 0);
}

function fleetHealth(snapshot: Snapshot): FleetHealth {
  const present = snapshot.nodes.filter((node) => node.status !== 'left');
  return { nodes: present.length, unhealthy: present.filter((node) => !isHealthy(node)).length };
}

/** Loads (rows × dimensions) and replicas per node and zone, and totals, as the snapshot has them. */
function sumUp(snapshot: Snapshot, zoneOfNode: Int32Array, zones: number) {
  const { shards, nodes } = snapshot;
  const width = snapshot.dimensions.length;
  const nodeLoads = new Float64Array(nodes.length * width);
  const nodeReplicas = new Int32Array(nodes.length);
  const rows = shards.replicaNodes.length;
  for (let row = 0; row < rows; row++) {
    const node = shards.replicaNodes[row] ?? 0;
    nodeReplicas[node] = (nodeReplicas[node] ?? 0) + 1;
    for (let d = 0; d < width; d++) {
      const at = node * width + d;
      nodeLoads[at] = (nodeLoads[at] ?? 0) + (shards.replicaLoads[row * width + d] ?? 0);
    }
  }
  const zoneLoads = new Float64Array(zones * width);
  const zoneReplicas = new Int32Array(zones);
  const totalLoads = new Float64Array(width);
  for (let node = 0; node < nodes.length; node++) {
    const zone = zoneOfNode[node] ?? 0;
    zoneReplicas[zone] = (zoneReplicas[zone] ?? 0) + (nodeReplicas[node] ?? 0);
    for (let d = 0; d < width; d++) {
      const load = nodeLoads[node * width + d] ?? 0;
      zoneLoads[zone * width + d] = (zoneLoads[zone * width + d] ?? 0) + load;
      totalLoads[d] = (totalLoads[d] ?? 0) + load;
    }
  }
  return { nodeLoads, nodeReplicas, zoneLoads, zoneReplicas, totalLoads };
}

/** Index of the text among texts sorted by code unit, -1 when it is not there. */
function findSorted(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const candidate = sorted[middle] ?? '';
    if (candidate === text) return middle;
    if (candidate < text) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
