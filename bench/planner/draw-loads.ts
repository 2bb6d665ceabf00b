import type { Random } from '../../src/base/random.ts';

/** How the loads of shards are distributed. */
export type LoadShape = 'uniform' | 'logNormal' | 'zipf' | 'truncatedNormal';

/**
 * Deviations of the logarithm of a load. Most of a shard's size is common to its dimensions (a large tenant is large
 * in all of them, correlation about 0.7); copies differ by little. Together the coefficient of variation is 0.66.
 */
const commonDeviation = 0.5;
const ownDeviation = 0.3;
const copyDeviation = 0.1;

/**
 * Exponent of Zipf's law: the largest of n shards has 1 / (2 √n) of all load, nearly that of a whole node where there
 * are a hundred replicas per node and a thousand nodes. Its leader does not do more, or no node could hold it.
 */
const zipfExponent = 0.5;

/** Sizes of tablets: normal with mean 1, and none smaller than a twentieth of it. */
const tabletDeviation = 0.5;
const smallestTablet = 0.05;

/** What a leader does more of than its followers: writes and most reads go through it. Mean 1 over three copies. */
const leaderFactor = 1.5;
const followerFactor = 0.75;
const ledDimensions: ReadonlySet<string> = new Set(['cpu', 'requests', 'network']);

export interface LoadTable {
  readonly shape: LoadShape;
  readonly dimensions: readonly string[];
  /** shards + 1 entries. */
  readonly replicaOffsets: Int32Array;
  readonly replicaLeads: Uint8Array;
}

/** Loads of all replicas, mean about 1: replicas × dimensions, row per replica. */
export function drawLoads(table: LoadTable, random: Random): Float64Array {
  const { dimensions, replicaOffsets, replicaLeads, shape } = table;
  const width = dimensions.length;
  const shards = replicaOffsets.length - 1;
  const loads = new Float64Array(replicaLeads.length * width);
  const isLed = dimensions.map(
    (name) => (shape === 'uniform' || shape === 'logNormal') && ledDimensions.has(name),
  );
  const ranks = shape === 'zipf' ? zipfRanks(shards, random) : null;
  const sizes = new Float64Array(width);
  for (let s = 0; s < shards; s++) {
    drawShard(shape, ranks ? ranks[s] : 0, sizes, random);
    for (let r = replicaOffsets[s]; r < replicaOffsets[s + 1]; r++) {
      const role = replicaLeads[r] === 1 ? leaderFactor : followerFactor;
      for (let d = 0; d < width; d++) {
        const copy = shape === 'truncatedNormal' ? 1 : 1 + copyDeviation * (2 * random.next() - 1);
        loads[r * width + d] = sizes[d] * copy * (isLed[d] ? role : 1);
      }
    }
  }
  return loads;
}

/** Writes a shard's size per dimension. */
function drawShard(shape: LoadShape, rank: number, sizes: Float64Array, random: Random): void {
  switch (shape) {
    case 'uniform':
      for (let d = 0; d < sizes.length; d++) sizes[d] = 0.5 + random.next();
      return;
    case 'logNormal': {
      const common = random.normal(0, commonDeviation);
      for (let d = 0; d < sizes.length; d++) sizes[d] = Math.exp(common + random.normal(0, ownDeviation));
      return;
    }
    case 'zipf':
      for (let d = 0; d < sizes.length; d++) sizes[d] = rank ** -zipfExponent * (0.95 + 0.1 * random.next());
      return;
    case 'truncatedNormal':
      for (let d = 0; d < sizes.length; d++) {
        do sizes[d] = random.normal(1, tabletDeviation);
        while (sizes[d] < smallestTablet);
      }
  }
}

/** Rank of each shard, from 1, in random order: neighbours by name are not alike. */
function zipfRanks(shards: number, random: Random): Float64Array {
  const ranks = Float64Array.from({ length: shards }, (_, index) => index + 1);
  for (let last = shards - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [ranks[last], ranks[other]] = [ranks[other], ranks[last]];
  }
  return ranks;
}
