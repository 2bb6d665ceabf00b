/** Nodes up to which the different sizes of nodes are taken into account, and replicas up to which all are. */
const maxNodesTold = 64;
const maxReplicasTold = 10_000;

/** Sizes looked at where nodes are told apart. */
const maxRanks = 256;

/** Replicas per node that are counted where nodes are not told apart: each further one can show less. */
const maxPerNode = 8;

/** Room for sizes at first: it doubles, which costs less than counting them in a pass of its own. */
const leastKept = 1_024;

/** Bisection of a level: doubles have no more digits. */
const maxHalvings = 50;

/** The sizes of replicas: one dimension of rows. */
export interface ReplicaSizes {
  /** replicas × width. */
  readonly loads: Float64Array;
  readonly width: number;
  readonly d: number;
  /** The largest of them. */
  readonly most: number;
}

/**
 * The least peak utilisation by counting: of the m largest replicas, each at least as large as the m-th, a node filled to
 * λ × capacity holds at most ⌊λ × capacity / size⌋ (Coffman, Garey, Johnson, "Approximation algorithms for bin packing";
 * with equal nodes: of the k × nodes + 1 largest, some node has k + 1). Bounds of at most `floor` are not looked for.
 *
 * @param capacities of the nodes that may take them, greater than 0
 */
export function countingBound(sizes: ReplicaSizes, capacities: Float64Array, floor: number): number {
  const nodes = capacities.length;
  const largest = capacities.reduce((most, capacity) => Math.max(most, capacity), 0);
  const replicas = sizes.loads.length / sizes.width;
  if (nodes > maxNodesTold || replicas > maxReplicasTold) {
    // A size matters only when perNode + 1 of it are more than the floor.
    const perNode = Math.min(maxPerNode, Math.ceil(replicas / nodes));
    const sorted = largestFirst(sizes, (floor * largest) / (perNode + 1));
    let bound = floor;
    for (let full = 1; full <= perNode && full * nodes < sorted.length; full++) {
      bound = Math.max(bound, ((full + 1) * sorted[full * nodes]) / largest);
    }
    return bound;
  }
  const sorted = largestFirst(sizes, 0);
  const stride = Math.max(1, Math.ceil(sorted.length / maxRanks));
  let bound = floor;
  for (let rank = 0; rank < sorted.length; rank += stride) {
    bound = levelHolding(sorted[rank], rank + 1, capacities, bound);
  }
  return bound;
}

function largestFirst({ loads, width, d, most }: ReplicaSizes, above: number): Float64Array {
  if (most <= above) return new Float64Array(0);
  let kept = new Float64Array(leastKept);
  let count = 0;
  for (let at = d; at < loads.length; at += width) {
    if (!(loads[at] > above)) continue;
    if (count === kept.length) {
      const more = new Float64Array(2 * count);
      more.set(kept);
      kept = more;
    }
    kept[count++] = loads[at];
  }
  return kept.subarray(0, count).sort().reverse();
}

/** The level below which nodes do not hold so many replicas of the size; `floor` when they do there already. */
function levelHolding(size: number, count: number, capacities: Float64Array, floor: number): number {
  const holds = (level: number): boolean => {
    let room = 0;
    for (const capacity of capacities) {
      // A hair more than fits, so that rounding never claims that something does not.
      room += Math.floor(((level * capacity) / size) * (1 + 1e-12));
      if (room >= count) return true;
    }
    return false;
  };
  if (holds(floor)) return floor;
  let low = floor;
  let high = (size * count) / capacities.reduce((most, capacity) => Math.max(most, capacity), 0);
  for (let halving = 0; halving < maxHalvings && high - low > low * 1e-12; halving++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return low;
}
