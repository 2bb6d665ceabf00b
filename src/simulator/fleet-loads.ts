import type { Random } from '../base/random.ts';
import type { FleetState } from './fleet-state.ts';
import type { FleetTime } from './fleet-time.ts';

/** Loads as they are now: base × daily curve × hot spot × noise, computed once per measurement and when asked for. */
export interface FleetLoads {
  /** Computes anew when the measurement is over or `invalidate` was called. */
  refresh(): void;
  invalidate(): void;
  /** Adds (sign 1) or takes away (sign -1) a replica's load at a node between two measurements. */
  shift(row: number, node: number, sign: 1 | -1, part: 'all' | 'transient'): void;
  /** Whether the node holds more than its capacity in any dimension. */
  exceedsCapacity(node: number): boolean;
  /** Load of a replica in a dimension, in the dimension's unit. */
  ofReplica(row: number, dimension: number): number;
  /** nodes × dimensions, row per node: what is assigned to the node and what moves in flight hold there. */
  readonly nodeLoads: Float64Array;
  /** Largest load over capacity of the node's dimensions; of its elastic ones only. */
  utilization(node: number): number;
  elasticUtilization(node: number): number;
}

export function createFleetLoads(state: FleetState, time: FleetTime, random: Random): FleetLoads {
  const { blueprint } = state;
  const { behaviour, dimensions } = blueprint;
  const dims = dimensions.length;
  const phases = Float64Array.from(blueprint.shards.ids, () => random.next());
  const noiseSeed = random.integer(2 ** 32);
  const factors = new Float64Array(blueprint.shards.ids.length).fill(1);
  const nodeLoads = new Float64Array(blueprint.nodes.length * dims);
  const elastic = dimensions.map((each) => each.elastic);
  const transient = dimensions.map((each) => each.transient);
  let measured = -1;

  function refreshFactors(measurement: number): void {
    const day = (measurement * behaviour.measureMs) / behaviour.dayMs;
    for (let shard = 0; shard < factors.length; shard++) {
      const curve = 1 + behaviour.dailyAmplitude * Math.sin(2 * Math.PI * (day + (phases[shard] ?? 0)));
      const deviation =
        behaviour.noise === 0 ? 0 : behaviour.noise * signedNoise(noiseSeed, shard, measurement);
      factors[shard] = curve * (1 + deviation) * (state.hotFactors[shard] ?? 1);
    }
  }

  function ofReplica(row: number, dimension: number): number {
    const base = state.baseLoads[row * dims + dimension] ?? 0;
    return elastic[dimension] ? base * (factors[state.replicaShards[row] ?? 0] ?? 1) : base;
  }

  function refreshNodes(): void {
    nodeLoads.fill(0);
    for (let row = 0; row < state.replicaNodes.length; row++) {
      const at = (state.replicaNodes[row] ?? 0) * dims;
      for (let d = 0; d < dims; d++) nodeLoads[at + d] = (nodeLoads[at + d] ?? 0) + ofReplica(row, d);
    }
    for (const hold of state.holds) {
      const at = hold.node * dims;
      for (let d = 0; d < dims; d++) {
        if (transient[d]) nodeLoads[at + d] = (nodeLoads[at + d] ?? 0) + ofReplica(hold.row, d);
      }
    }
  }

  function worst(node: number, counts: (dimension: number) => boolean): number {
    const capacity = blueprint.nodes[node]?.capacity;
    let most = 0;
    for (let d = 0; d < dims; d++) {
      const size = capacity?.[d] ?? 0;
      if (size > 0 && counts(d)) most = Math.max(most, (nodeLoads[node * dims + d] ?? 0) / size);
    }
    return most;
  }

  return {
    refresh() {
      const measurement = Math.floor(time.now() / behaviour.measureMs);
      if (measurement === measured) return;
      measured = measurement;
      refreshFactors(measurement);
      refreshNodes();
    },
    invalidate() {
      measured = -1;
    },
    shift(row, node, sign, part) {
      for (let d = 0; d < dims; d++) {
        if (part === 'transient' && !transient[d]) continue;
        nodeLoads[node * dims + d] = (nodeLoads[node * dims + d] ?? 0) + sign * ofReplica(row, d);
      }
    },
    exceedsCapacity: (node) => worst(node, () => true) > 1 + roundingSlack,
    ofReplica,
    nodeLoads,
    utilization: (node) => worst(node, () => true),
    elasticUtilization: (node) => worst(node, (d) => elastic[d] === true),
  };
}

/** Sums of many loads in another order differ by this much at most, relative to the capacity. */
const roundingSlack = 1e-9;

/** A number in [-1, 1) that depends on nothing but its arguments (murmur3's final avalanche). */
function signedNoise(seed: number, shard: number, measurement: number): number {
  let h = Math.imul(shard + 1, 0x9e3779b1) ^ Math.imul((measurement % 0x7fffffff) + 1, 0x85ebca77) ^ seed;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) / 2_147_483_648;
}
