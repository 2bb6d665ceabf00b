import type { Move } from '../domain/move.ts';
import { isHealthy } from '../domain/node.ts';
import type { DimensionPolicy, Policy } from '../domain/policy.ts';
import { dimensionPolicies } from '../domain/policy-dimensions.ts';
import { replicaCount, type Snapshot } from '../domain/snapshot.ts';
import {
  addAtNode,
  addAtZone,
  copySums,
  emptySums,
  type FleetSums,
  measureSums,
  totalLoads,
  type ZoneTable,
  zonesOf,
} from './fleet-sums.ts';
import { createMoveCounts, type MoveCounts } from './move-counts.ts';
import { createReplicaPlaces, type ReplicaPlaces } from './replica-places.ts';

/**
 * A namespace's fleet as measured, plus the influence of the moves in flight: what the guardrails judge a move
 * against. Costs O(replicas) once and O(dimensions + replicas of the shard + log shards) per move afterwards.
 *
 * Loads count at the worst: from `begin` on, a move's load stands on its destination as well as (still) on its
 * source, in every dimension, because nobody knows at which moment it changes sides. `complete` takes it off the
 * source; where `placement.transientHold` is `plan`, transient dimensions stay held on the source for the life of the
 * view.
 */
export interface FleetView extends ReplicaPlaces {
  readonly snapshot: Snapshot;
  readonly dimensions: readonly ViewDimension[];
  readonly health: FleetHealth;
  readonly counts: MoveCounts;
  /** What the snapshot measured, before any move: a limit that is broken already is not broken further up to here. */
  readonly measured: FleetSums;
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

  zoneIndex(node: number): number;
  /** Measured and completed, plus what is on its way to the node, plus what is held; `dimension` of the snapshot. */
  loadOfNode(node: number, dimension: number): number;
  /** What the node would carry had every move away from it completed and none to it begun. */
  leastLoadOfNode(node: number, dimension: number): number;
  loadOfZone(zone: number, dimension: number): number;
  /** Replicas there and on their way there. */
  replicasOnNode(node: number): number;
  replicasInZone(zone: number): number;
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

/** The view of a snapshot without any move in flight; a fresh snapshot needs a fresh view, with `begin` repeated. */
export function createFleetView(
  snapshot: Snapshot,
  policy: Policy,
  options: FleetViewOptions = {},
): FleetView {
  const zones = zonesOf(snapshot);
  const measured = measureSums(snapshot, zones);
  const width = snapshot.dimensions.length;
  const empty = (): FleetSums => emptySums(snapshot.nodes.length, zones.count, width);
  const places = createReplicaPlaces(snapshot);
  const parts: ViewParts = {
    zones,
    places,
    dimensions: viewDimensions(snapshot, policy),
    settled: copySums(measured),
    arriving: empty(),
    departing: empty(),
    held: empty(),
    counts: createMoveCounts(snapshot.nodes.length, zones.ofNode, zones.count),
    holdsForPlan: policy.placement.transientHold === 'plan',
  };
  if (parts.holdsForPlan) {
    for (const move of options.completed ?? []) hold(parts, move, places.nodeIndex(move.source), 1);
  }
  const { settled, arriving, departing, held, counts } = parts;
  return {
    ...places,
    ...createFlights(parts),
    snapshot,
    measured,
    counts,
    dimensions: parts.dimensions,
    health: fleetHealth(snapshot),
    totalLoads: totalLoads(measured, width),
    totalReplicas: replicaCount(snapshot.shards),
    zoneIndex: (node) => zones.ofNode[node] ?? -1,
    loadOfNode(node, dimension) {
      const at = node * width + dimension;
      return node < 0 ? 0 : settled.nodeLoads[at] + arriving.nodeLoads[at] + held.nodeLoads[at];
    },
    leastLoadOfNode(node, dimension) {
      const at = node * width + dimension;
      return node < 0 ? 0 : settled.nodeLoads[at] - departing.nodeLoads[at];
    },
    loadOfZone(zone, dimension) {
      const at = zone * width + dimension;
      return zone < 0 ? 0 : settled.zoneLoads[at] + arriving.zoneLoads[at];
    },
    replicasOnNode: (node) => (node < 0 ? 0 : settled.nodeReplicas[node] + arriving.nodeReplicas[node]),
    replicasInZone: (zone) => (zone < 0 ? 0 : settled.zoneReplicas[zone] + arriving.zoneReplicas[zone]),
  };
}

interface ViewParts {
  readonly zones: ZoneTable;
  readonly places: ReplicaPlaces;
  readonly dimensions: readonly ViewDimension[];
  /** Measured, with completed moves applied. */
  readonly settled: FleetSums;
  readonly arriving: FleetSums;
  readonly departing: FleetSums;
  /** Transient loads of replicas that have left, still held on their source. */
  readonly held: FleetSums;
  readonly counts: MoveCounts;
  readonly holdsForPlan: boolean;
}

interface Flight {
  readonly move: Move;
  readonly shard: number;
  readonly source: number;
  readonly destination: number;
  /** The snapshot was taken after the transfer: its effect is in the measured sums already. */
  readonly arrived: boolean;
}

type Flights = Pick<FleetView, 'begin' | 'complete' | 'abandon' | 'inFlight' | 'moveOfShard'>;

function createFlights(parts: ViewParts): Flights {
  const { zones, places, settled, arriving, departing, counts, holdsForPlan } = parts;
  const flights = new Map<string, Flight>();
  const ofShard = new Map<number, Flight>();

  function weigh({ move, source, destination, arrived }: Flight, sign: 1 | -1): void {
    counts.add(source, destination, sign);
    if (arrived) return;
    const replicas = move.kind === 'relocate' ? 1 : 0;
    addAtNode(departing, source, move.load, replicas, sign);
    addAtNode(arriving, destination, move.load, replicas, sign);
    // Within a zone nothing arrives that is not there already.
    const zone = zones.ofNode[destination] ?? -1;
    if (zone !== zones.ofNode[source]) addAtZone(arriving, zone, move.load, replicas, sign);
  }

  function end(move: Move): Flight {
    const flight = flights.get(move.id);
    if (!flight) throw new Error(`move ${move.id} is not in flight`);
    flights.delete(move.id);
    ofShard.delete(flight.shard);
    weigh(flight, -1);
    return flight;
  }

  return {
    begin(move) {
      if (flights.has(move.id)) throw new Error(`move ${move.id} is in flight already`);
      const shard = places.shardIndex(move.shard);
      const source = places.nodeIndex(move.source);
      const destination = places.nodeIndex(move.destination);
      const flight = { move, shard, source, destination, arrived: places.showsEffect(move) };
      flights.set(move.id, flight);
      if (shard >= 0) ofShard.set(shard, flight);
      weigh(flight, 1);
      if (flight.arrived) hold(parts, move, source, 1);
    },
    complete(move) {
      const { source, destination, arrived } = end(move);
      if (arrived) {
        if (!holdsForPlan) hold(parts, move, source, -1);
        return;
      }
      const replicas = move.kind === 'relocate' ? 1 : 0;
      for (const [node, sign] of [
        [source, -1],
        [destination, 1],
      ] as const) {
        addAtNode(settled, node, move.load, replicas, sign);
        addAtZone(settled, zones.ofNode[node] ?? -1, move.load, replicas, sign);
      }
      places.apply(move);
      if (holdsForPlan) hold(parts, move, source, 1);
    },
    abandon(move) {
      const { source, arrived } = end(move);
      if (arrived) hold(parts, move, source, -1);
    },
    inFlight: () => Array.from(flights.values(), (flight) => flight.move),
    moveOfShard: (shard) => ofShard.get(shard)?.move,
  };
}

/** Holds (1) or frees (-1) the transient loads of a replica on the node that it has left. */
function hold({ dimensions, held }: ViewParts, move: Move, source: number, sign: 1 | -1): void {
  if (source < 0 || move.kind !== 'relocate') return;
  const width = held.nodeLoads.length / held.nodeReplicas.length;
  for (const { policy, index } of dimensions) {
    if (policy.transient) held.nodeLoads[source * width + index] += sign * (move.load[index] ?? 0);
  }
}

/** The dimensions that policy balances and the snapshot measures. */
function viewDimensions(snapshot: Snapshot, policy: Policy): readonly ViewDimension[] {
  return dimensionPolicies(policy, snapshot)
    .map((each) => ({ policy: each, index: snapshot.dimensions.findIndex(({ name }) => name === each.name) }))
    .filter(({ index }) => index >= 0);
}

/** Health as far as the mass-failure rule asks. */
export function fleetHealth(snapshot: Snapshot): FleetHealth {
  const present = snapshot.nodes.filter((node) => node.status !== 'left');
  return { nodes: present.length, unhealthy: present.filter((node) => !isHealthy(node)).length };
}
