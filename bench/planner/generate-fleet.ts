import { createRandom, type Random } from '../../src/base/random.ts';
import type { Node } from '../../src/domain/node.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { benchNode, buildFleet, evenOffsets, firstLeads } from './build-fleet.ts';
import { drawLoads, type LoadShape } from './draw-loads.ts';
import { totalsOf } from './fleet-sums.ts';
import { drawHeat, type HeatShape, heatNodes } from './node-heat.ts';
import { placeReplicas } from './place-replicas.ts';
import { createWeightedChoice } from './weighted-choice.ts';

/** A fleet in numbers. Equal shapes give equal fleets. */
export interface FleetShape {
  readonly name: string;
  readonly replicas: number;
  readonly nodes: number;
  readonly dimensions: readonly string[];
  /** Replicas per shard; the last shard has what is left. */
  readonly copies: number;
  readonly zones: number;
  /** Zones, the last ones, that hold nothing yet. */
  readonly emptyZones?: number;
  readonly loads: LoadShape;
  readonly heat: HeatShape;
  /** Mean load over capacity. */
  readonly utilization: number;
  /** Kinds of nodes: their share of the fleet and their capacity per dimension, 1 for the usual. */
  readonly kinds?: readonly NodeKind[];
  readonly seed: number;
}

export interface NodeKind {
  readonly share: number;
  readonly capacity: readonly number[];
}

/** A fleet from a seed, as columns: copies of a shard in distinct zones, nodes hot as the shape says. */
export function generateFleet(shape: FleetShape): Snapshot {
  const { nodes: nodeCount, dimensions, zones } = shape;
  const width = dimensions.length;
  // Not of the name: cases that differ in one thing have all else in common.
  const random = createRandom(`${shape.seed}/${shape.replicas}/${nodeCount}`);
  const zoneOf = zonesOf(nodeCount, zones);
  const heat = drawHeat(shape.heat, nodeCount, width, random.fork('heat'));
  for (let n = 0; n < nodeCount; n++) {
    if (zoneOf[n] >= zones - (shape.emptyZones ?? 0)) heat.weights[n] = 0;
  }
  const replicaOffsets = evenOffsets(shape.replicas, shape.copies);
  const replicaLeads = firstLeads(replicaOffsets);
  const replicaNodes = placeReplicas(replicaOffsets, zoneOf, heat.weights, random.fork('places'));
  const replicaLoads = drawLoads(
    { shape: shape.loads, dimensions, replicaOffsets, replicaLeads },
    random.fork('loads'),
  );
  heatNodes(replicaNodes, replicaLoads, nodeCount, heat.hot);
  const capacities = drawCapacities(shape, totalsOf(replicaLoads, width), random.fork('kinds'));
  return buildFleet({
    namespace: shape.name,
    dimensions,
    nodes: Array.from({ length: nodeCount }, (_, n) => benchNode(n, `z${zoneOf[n]}`, capacities(n))),
    replicaOffsets,
    replicaNodes,
    replicaLeads,
    replicaLoads,
  });
}

/** Zone per node: blocks of equal size. */
export function zonesOf(nodeCount: number, zones: number): Int32Array {
  return Int32Array.from({ length: nodeCount }, (_, n) => Math.floor((n * zones) / nodeCount));
}

/** Capacity of each node, such that the fleet's mean load over capacity is the shape's. */
function drawCapacities(
  shape: FleetShape,
  totals: Float64Array,
  random: Random,
): (node: number) => readonly number[] {
  const kinds = shape.kinds ?? [{ share: 1, capacity: Array.from(totals, () => 1) }];
  const choose = createWeightedChoice(Float64Array.from(kinds, (kind) => kind.share));
  const kindOf = Array.from({ length: shape.nodes }, () => choose(random));
  const units = Array.from(totals, (total, d) => {
    const relative = kindOf.reduce((sum, kind) => sum + kinds[kind].capacity[d], 0);
    return total / shape.utilization / relative;
  });
  const capacities = kinds.map((kind) => kind.capacity.map((relative, d) => relative * units[d]));
  return (node) => capacities[kindOf[node]];
}

/** The fleet with nodes replaced, the rest shared. */
export function withNodes(snapshot: Snapshot, change: (node: Node, index: number) => Node): Snapshot {
  return { ...snapshot, nodes: snapshot.nodes.map(change) };
}
