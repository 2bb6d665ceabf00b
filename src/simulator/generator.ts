import { createRandom, type Random } from '../base/random.ts';
import type { Node } from '../domain/node.ts';
import type { ShardTable } from '../domain/snapshot.ts';
import {
  defaultBehaviour,
  type FleetBehaviour,
  type FleetBlueprint,
  type FleetDimension,
} from './fleet-blueprint.ts';

/** What a generated fleet is like; the same options give the same fleet. */
export interface GeneratorOptions {
  readonly seed: number | string;
  readonly cluster: string;
  readonly namespace: string;
  readonly nodes: number;
  readonly zones: number;
  /** Regions that the zones belong to, at least 1; 1 when absent. */
  readonly regions?: number;
  readonly shards: number;
  /** Replicas of each shard, at most the number of nodes. */
  readonly replicas: number;
  readonly profile: LoadProfile;
  /** Largest over mean utilisation that the initial placement aims at, at least 1; 1.6 when absent. */
  readonly peakToMean?: number;
  readonly behaviour?: Partial<FleetBehaviour>;
}

/** How unequal the shards' loads are: all alike within a factor of two, log-normal (sigma 1), Zipf (exponent 0.8). */
export type LoadProfile = 'uniform' | 'lognormal' | 'zipf';

export const loadProfiles: readonly LoadProfile[] = ['uniform', 'lognormal', 'zipf'];

export const generatedDimensions: readonly FleetDimension[] = [
  { name: 'cpu', unit: 'cores', elastic: true, transient: false },
  { name: 'memory', unit: 'GiB', elastic: false, transient: true },
  { name: 'disk', unit: 'GiB', elastic: false, transient: true },
  { name: 'requests', unit: 'req/s', elastic: true, transient: false },
];

/** Load of an average leader per dimension; what a follower carries of it. */
const averageLeader = [0.5, 0.5, 2, 200];
const followerShare = [0.4, 1, 1, 0.25];

const defaultPeakToMean = 1.6;
/** Utilisation of the fleet as a whole, lower where its hottest nodes would exceed their capacity. */
const meanUtilization = 0.5;
const maxInitialUtilization = 0.85;
/** Share of the nodes that the skewed placement loads up to the peak. */
const hotShare = 0.1;
/** Nodes looked at for each replica: with 8 choices the fullest node is within a few percent of its aim. */
const placementChoices = 8;
const gib = 2 ** 30;

/** A fleet of its options. Shards are named `s000042`, nodes `n0007`, zones `z1`, regions `r1`. */
export function generateFleet(options: GeneratorOptions): FleetBlueprint {
  const random = createRandom(options.seed);
  const peak = options.peakToMean ?? defaultPeakToMean;
  const sizes = shardSizes(options, random.fork('sizes'));
  const rows = options.shards * options.replicas;
  const loads = replicaLoads(options, sizes, random.fork('loads'));
  const nodes = makeNodes(options, loads, peak);
  const aims = nodeAims(options, peak, random.fork('aims'));
  const replicaNodes = place(options, loads, aims, nodes, random.fork('placement'));
  const shards: ShardTable = {
    ids: Array.from({ length: options.shards }, (_, shard) => `s${String(shard).padStart(6, '0')}`),
    versions: new Float64Array(options.shards).fill(1),
    statuses: new Uint8Array(options.shards).fill(1),
    groups: new Int32Array(options.shards).fill(-1),
    groupNames: [],
    replicaOffsets: Int32Array.from({ length: options.shards + 1 }, (_, shard) => shard * options.replicas),
    replicaNumbers: Int32Array.from({ length: rows }, (_, row) => row % options.replicas),
    replicaNodes,
    replicaLeads: Uint8Array.from({ length: rows }, (_, row) => (row % options.replicas === 0 ? 1 : 0)),
    replicaLoads: loads,
    replicaBytes: Float64Array.from({ length: rows }, (_, row) =>
      Math.round((loads[row * generatedDimensions.length + 2] ?? 0) * gib),
    ),
  };
  return {
    cluster: options.cluster,
    namespace: options.namespace,
    dimensions: generatedDimensions,
    nodes,
    shards,
    behaviour: { ...defaultBehaviour, ...options.behaviour },
  };
}

/** Relative sizes with mean 1. */
function shardSizes(options: GeneratorOptions, random: Random): Float64Array {
  const sizes = new Float64Array(options.shards);
  for (let shard = 0; shard < sizes.length; shard++) sizes[shard] = sizeOf(options.profile, random, shard);
  if (options.profile === 'zipf') shuffle(sizes, random);
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  return sizes.map((size) => size / mean);
}

function sizeOf(profile: LoadProfile, random: Random, shard: number): number {
  switch (profile) {
    case 'uniform':
      return 0.7 + 0.6 * random.next();
    case 'lognormal':
      return Math.exp(random.normal(0, 1));
    case 'zipf':
      return (shard + 10) ** -0.8;
  }
}

function shuffle(values: Float64Array, random: Random): void {
  for (let last = values.length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    const value = values[last] ?? 0;
    values[last] = values[other] ?? 0;
    values[other] = value;
  }
}

/** replicas × dimensions; the dimensions of a shard follow its size, each with a deviation of its own. */
function replicaLoads(options: GeneratorOptions, sizes: Float64Array, random: Random): Float64Array {
  const dims = generatedDimensions.length;
  const loads = new Float64Array(options.shards * options.replicas * dims);
  for (let shard = 0; shard < options.shards; shard++) {
    for (let d = 0; d < dims; d++) {
      const leader = (averageLeader[d] ?? 1) * (sizes[shard] ?? 1) * (0.8 + 0.4 * random.next());
      for (let replica = 0; replica < options.replicas; replica++) {
        const row = shard * options.replicas + replica;
        loads[row * dims + d] = replica === 0 ? leader : leader * (followerShare[d] ?? 1);
      }
    }
  }
  return loads;
}

function makeNodes(options: GeneratorOptions, loads: Float64Array, peak: number): Node[] {
  const dims = generatedDimensions.length;
  const totals = new Array<number>(dims).fill(0);
  loads.forEach((load, at) => {
    totals[at % dims] = (totals[at % dims] ?? 0) + load;
  });
  const utilization = Math.min(meanUtilization, maxInitialUtilization / peak);
  const capacity = totals.map((total) => total / options.nodes / utilization);
  const regions = options.regions ?? 1;
  const width = Math.max(4, String(options.nodes - 1).length);
  return Array.from({ length: options.nodes }, (_, index) => {
    const zone = index % options.zones;
    return {
      id: `n${String(index).padStart(width, '0')}`,
      region: `r${(zone % regions) + 1}`,
      zone: `z${zone + 1}`,
      rack: `z${zone + 1}-k${(Math.floor(index / options.zones) % 4) + 1}`,
      labels: { disk: index % 2 === 0 ? 'ssd' : 'nvme' },
      weight: 1,
      status: 'alive' as const,
      adminState: 'active' as const,
      capacity,
      signals: {},
    };
  });
}

/** Share of the mean load that each node should get, with mean 1: `peak` on the hot ones. */
function nodeAims(options: GeneratorOptions, peak: number, random: Random): Float64Array {
  const hot = Math.max(1, Math.round(options.nodes * hotShare));
  const cold = Math.max(0.05, (options.nodes - hot * peak) / Math.max(1, options.nodes - hot));
  const aims = new Float64Array(options.nodes).fill(cold);
  aims.fill(peak, 0, hot);
  shuffle(aims, random);
  return aims;
}

/** Greedy: the largest shards first, each replica to the emptiest for its aim among a few allowed nodes. */
function place(
  options: GeneratorOptions,
  loads: Float64Array,
  aims: Float64Array,
  nodes: readonly Node[],
  random: Random,
): Int32Array {
  const dims = generatedDimensions.length;
  const order = Array.from({ length: options.shards }, (_, shard) => shard);
  const leaderLoad = (shard: number): number => loads[shard * options.replicas * dims] ?? 0;
  order.sort((left, right) => leaderLoad(right) - leaderLoad(left) || left - right);
  const filled = new Float64Array(options.nodes);
  const placement = new Int32Array(options.shards * options.replicas).fill(-1);
  for (const shard of order) {
    for (let replica = 0; replica < options.replicas; replica++) {
      const row = shard * options.replicas + replica;
      const taken = placement.subarray(shard * options.replicas, row);
      const load = loads[row * dims] ?? 0;
      const node = chooseNode(
        options,
        taken,
        nodes,
        random,
        (each) => (filled[each] ?? 0) / (aims[each] ?? 1),
      );
      placement[row] = node;
      filled[node] = (filled[node] ?? 0) + load;
    }
  }
  return placement;
}

/** Never a node that the shard has; another zone than the shard's other replicas while there is one. */
function chooseNode(
  options: GeneratorOptions,
  taken: Int32Array,
  nodes: readonly Node[],
  random: Random,
  fullness: (node: number) => number,
): number {
  const zones = new Set(Array.from(taken, (node) => nodes[node]?.zone));
  const allowed = (node: number): boolean =>
    !taken.includes(node) && (zones.size >= options.zones || !zones.has(nodes[node]?.zone));
  const candidates = new Set<number>();
  for (let drawn = 0; drawn < placementChoices * 2 && candidates.size < placementChoices; drawn++) {
    const node = random.integer(options.nodes);
    if (allowed(node)) candidates.add(node);
  }
  for (let node = 0; node < options.nodes && candidates.size === 0; node++) {
    if (allowed(node) || (!taken.includes(node) && node === options.nodes - 1)) candidates.add(node);
  }
  let best = -1;
  for (const node of candidates) if (best < 0 || fullness(node) < fullness(best)) best = node;
  return best >= 0 ? best : nodes.findIndex((_, node) => !taken.includes(node));
}
