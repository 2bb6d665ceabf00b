import type { Snapshot } from '../domain/snapshot.ts';

/** Sums over the replicas of a fleet; loads are rows of the snapshot's dimensions, per node or per zone. */
export interface FleetSums {
  readonly nodeLoads: Float64Array;
  readonly zoneLoads: Float64Array;
  readonly nodeReplicas: Int32Array;
  readonly zoneReplicas: Int32Array;
}

/** The nodes of a fleet by zone. */
export interface ZoneTable {
  readonly ofNode: Int32Array;
  readonly count: number;
}

export function zonesOf(snapshot: Snapshot): ZoneTable {
  const indices = new Map<string, number>();
  const ofNode = Int32Array.from(snapshot.nodes, ({ zone }) => {
    const index = indices.get(zone) ?? indices.size;
    indices.set(zone, index);
    return index;
  });
  return { ofNode, count: indices.size };
}

export function emptySums(nodes: number, zones: number, width: number): FleetSums {
  return {
    nodeLoads: new Float64Array(nodes * width),
    zoneLoads: new Float64Array(zones * width),
    nodeReplicas: new Int32Array(nodes),
    zoneReplicas: new Int32Array(zones),
  };
}

export function copySums(sums: FleetSums): FleetSums {
  return {
    nodeLoads: sums.nodeLoads.slice(),
    zoneLoads: sums.zoneLoads.slice(),
    nodeReplicas: sums.nodeReplicas.slice(),
    zoneReplicas: sums.zoneReplicas.slice(),
  };
}

/** The sums as the snapshot measured them, in O(replicas × dimensions). */
export function measureSums(snapshot: Snapshot, zones: ZoneTable): FleetSums {
  const { shards, nodes, dimensions } = snapshot;
  const width = dimensions.length;
  const sums = emptySums(nodes.length, zones.count, width);
  const rows = shards.replicaNodes.length;
  for (let row = 0; row < rows; row++) {
    const node = shards.replicaNodes[row];
    sums.nodeReplicas[node] += 1;
    for (let d = 0; d < width; d++) sums.nodeLoads[node * width + d] += shards.replicaLoads[row * width + d];
  }
  for (let node = 0; node < nodes.length; node++) {
    const zone = zones.ofNode[node];
    sums.zoneReplicas[zone] += sums.nodeReplicas[node];
    for (let d = 0; d < width; d++) sums.zoneLoads[zone * width + d] += sums.nodeLoads[node * width + d];
  }
  return sums;
}

/** Adds (1) or takes away (-1) a load, and as many replicas, at a node; -1 is nowhere. */
export function addAtNode(
  sums: FleetSums,
  node: number,
  load: readonly number[],
  replicas: 0 | 1,
  sign: 1 | -1,
): void {
  if (node < 0) return;
  const width = sums.nodeLoads.length / sums.nodeReplicas.length;
  for (let d = 0; d < width; d++) sums.nodeLoads[node * width + d] += sign * (load[d] ?? 0);
  sums.nodeReplicas[node] += sign * replicas;
}

/** The same for a zone. */
export function addAtZone(
  sums: FleetSums,
  zone: number,
  load: readonly number[],
  replicas: 0 | 1,
  sign: 1 | -1,
): void {
  if (zone < 0) return;
  const width = sums.nodeLoads.length / sums.nodeReplicas.length;
  for (let d = 0; d < width; d++) sums.zoneLoads[zone * width + d] += sign * (load[d] ?? 0);
  sums.zoneReplicas[zone] += sign * replicas;
}

/** Totals per dimension. */
export function totalLoads(sums: FleetSums, width: number): Float64Array {
  const totals = new Float64Array(width);
  for (let at = 0; at < sums.nodeLoads.length; at++) totals[at % width] += sums.nodeLoads[at];
  return totals;
}
