import { createRandom, type Random } from '../../src/base/random.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { benchNode, buildFleet, evenOffsets, firstLeads } from './build-fleet.ts';
import { drawLoads } from './draw-loads.ts';
import { settleLoads } from './fleet-sums.ts';
import { zonesOf } from './generate-fleet.ts';
import { placeReplicas } from './place-replicas.ts';

/** A fleet that is in order but for a known number of replicas, each of which one move puts right. */
export interface BrokenFleetShape {
  readonly name: string;
  readonly replicas: number;
  readonly nodes: number;
  /** The last one only has a limit: the policy gives it no weight. */
  readonly dimensions: readonly string[];
  readonly copies: number;
  readonly zones: number;
  /** Shards with two copies in one zone. */
  readonly crowded: number;
  /** Nodes that are being drained, and what each of them still holds. */
  readonly draining: number;
  readonly leftOnDraining: number;
  /** Nodes above their hard limit in the last dimension, by less than any one of their larger replicas. */
  readonly overfull: number;
  readonly seed: number;
}

/** Mean load over capacity of the balanced dimensions, and of the one that is only limited. */
const utilization = 0.5;
const limitedUtilization = 0.85;

/** Nodes differ by so much from the mean: within any tolerance, and not nothing. */
const wobble = 0.008;

/** Nodes that were added lately have room for whatever has to move; the others are full as far as balance goes. */
const roomyShare = 0.03;
const roomyLoad = 0.85;

/** Load of an overfull node over its limit; a replica has about 1/64 of a node. */
const overfull = 1.003;

/** Places for `crowded + draining × leftOnDraining + overfull` repairs, no two of them on one shard or node. */
export function generateBrokenFleet(shape: BrokenFleetShape): Snapshot {
  const { nodes: nodeCount, dimensions } = shape;
  const random = createRandom(`${shape.seed}/${shape.replicas}/${nodeCount}`);
  const zoneOf = zonesOf(nodeCount, shape.zones);
  const replicaOffsets = evenOffsets(shape.replicas, shape.copies);
  const replicaLeads = firstLeads(replicaOffsets);
  const picked = pickNodes(shape, random.fork('nodes'));
  const weights = new Float64Array(nodeCount).fill(1);
  for (const node of picked.draining) weights[node] = 0;
  const replicaNodes = placeReplicas(replicaOffsets, zoneOf, weights, random.fork('places'));
  breakPlaces(shape, { replicaOffsets, replicaNodes, zoneOf, picked }, random.fork('broken'));
  const replicaLoads = drawLoads(
    { shape: 'logNormal', dimensions, replicaOffsets, replicaLeads },
    random.fork('loads'),
  );
  const noise = random.fork('noise');
  const fillOf = (node: number): number => {
    if (picked.draining.has(node)) return shape.leftOnDraining / (shape.replicas / nodeCount);
    return picked.roomy.has(node) ? roomyLoad : 1;
  };
  const last = dimensions.length - 1;
  settleLoads(replicaNodes, replicaLoads, nodeCount, (node, d) => {
    if (d === last && picked.overfull.has(node)) return overfull;
    const share = 1 + wobble * (2 * noise.next() - 1);
    return share * fillOf(node) * (d === last ? limitedUtilization : utilization);
  });
  const capacity = dimensions.map(() => 1);
  return buildFleet({
    namespace: shape.name,
    dimensions,
    nodes: Array.from({ length: nodeCount }, (_, n) => ({
      ...benchNode(n, `z${zoneOf[n]}`, capacity),
      adminState: picked.draining.has(n) ? 'draining' : 'active',
    })),
    replicaOffsets,
    replicaNodes,
    replicaLeads,
    replicaLoads,
  });
}

interface PickedNodes {
  readonly draining: ReadonlySet<number>;
  readonly overfull: ReadonlySet<number>;
  readonly roomy: ReadonlySet<number>;
}

function pickNodes(shape: BrokenFleetShape, random: Random): PickedNodes {
  const taken = new Set<number>();
  const pick = (count: number): ReadonlySet<number> => {
    const found = new Set<number>();
    while (found.size < count) {
      const node = random.integer(shape.nodes);
      if (taken.has(node)) continue;
      taken.add(node);
      found.add(node);
    }
    return found;
  };
  return {
    draining: pick(shape.draining),
    overfull: pick(shape.overfull),
    roomy: pick(Math.ceil(roomyShare * shape.nodes)),
  };
}

interface Places {
  readonly replicaOffsets: Int32Array;
  readonly replicaNodes: Int32Array;
  readonly zoneOf: Int32Array;
  readonly picked: PickedNodes;
}

/** Moves one replica each of distinct shards onto draining nodes, and beside a copy of its shard. */
function breakPlaces(shape: BrokenFleetShape, places: Places, random: Random): void {
  const { replicaOffsets, replicaNodes, zoneOf, picked } = places;
  const used = new Set<number>();
  const isSpecial = (node: number): boolean => picked.draining.has(node) || picked.overfull.has(node);
  /** A shard with all its copies that nothing was done to, and that has nothing on a special node. */
  const pickShard = (): number => {
    for (;;) {
      const shard = random.integer(replicaOffsets.length - 1);
      const nodes = replicaNodes.subarray(replicaOffsets[shard], replicaOffsets[shard + 1]);
      if (used.has(shard) || nodes.length < shape.copies || nodes.some(isSpecial)) continue;
      used.add(shard);
      return shard;
    }
  };
  for (const node of picked.draining) {
    for (let left = shape.leftOnDraining; left > 0; ) {
      const first = replicaOffsets[pickShard()];
      const siblings = replicaNodes.subarray(first + 1, first + shape.copies);
      if (siblings.some((sibling) => zoneOf[sibling] === zoneOf[node])) continue;
      replicaNodes[first] = node;
      left -= 1;
    }
  }
  for (let crowded = 0; crowded < shape.crowded; crowded++) {
    const first = replicaOffsets[pickShard()];
    const beside = replicaNodes[first];
    let node = beside;
    do node = random.integer(zoneOf.length);
    while (node === beside || zoneOf[node] !== zoneOf[beside] || isSpecial(node));
    replicaNodes[first + 1] = node;
  }
}
