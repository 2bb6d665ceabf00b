import { createRandom } from '../../src/base/random.ts';
import type { Node } from '../../src/domain/node.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';

export interface FleetShape {
  readonly replicas: number;
  readonly nodes: number;
  readonly dimensions: readonly string[];
  readonly copies: number;
  readonly zones: number;
  /** How loads of shards are drawn. */
  readonly loads: 'uniform' | 'logNormal' | 'zipf';
  /** Exponent that makes some nodes more likely owners than others; 0 for an even placement. */
  readonly skew: number;
  readonly seed: number;
}

const bytesPerReplica = 100_000_000;

/** Mean load over capacity. */
const utilization = 0.5;

/** A fleet from a seed, as columns: replicas of a shard in distinct zones, hot nodes by skew. */
export function generateFleet(shape: FleetShape): Snapshot {
  const random = createRandom(`${shape.seed}/${shape.replicas}/${shape.nodes}`);
  const shards = Math.floor(shape.replicas / shape.copies);
  const replicas = shards * shape.copies;
  const width = shape.dimensions.length;
  const perZone = Math.floor(shape.nodes / shape.zones);
  const replicaNodes = new Int32Array(replicas);
  const replicaLoads = new Float64Array(replicas * width);
  const replicaLeads = new Uint8Array(replicas);
  for (let s = 0; s < shards; s++) {
    const firstZone = random.integer(shape.zones);
    for (let c = 0; c < shape.copies; c++) {
      const row = s * shape.copies + c;
      const zone = (firstZone + c) % shape.zones;
      const position = Math.min(perZone - 1, Math.floor(perZone * random.next() ** (1 + shape.skew)));
      replicaNodes[row] = zone * perZone + position;
      replicaLeads[row] = c === 0 ? 1 : 0;
      for (let d = 0; d < width; d++) replicaLoads[row * width + d] = drawLoad(shape, random, s, shards);
    }
  }
  const total = new Float64Array(width);
  for (let at = 0; at < replicaLoads.length; at++) total[at % width] += replicaLoads[at];
  const capacity = Array.from(total, (sum) => sum / shape.nodes / utilization);
  return {
    cluster: 'bench',
    namespace: `${shape.loads}-${shape.replicas}`,
    takenAt: 0,
    dimensions: shape.dimensions.map((name) => ({ name, unit: 'units' })),
    nodes: Array.from({ length: shape.nodes }, (_, n) =>
      benchNode(n, Math.min(shape.zones - 1, Math.floor(n / perZone)), capacity),
    ),
    shards: {
      ids: Array.from({ length: shards }, (_, s) => `s${String(s).padStart(8, '0')}`),
      versions: new Float64Array(shards).fill(1),
      statuses: new Uint8Array(shards).fill(1),
      groups: new Int32Array(shards).fill(-1),
      groupNames: [],
      replicaOffsets: Int32Array.from({ length: shards + 1 }, (_, s) => s * shape.copies),
      replicaNumbers: Int32Array.from({ length: replicas }, (_, r) => r % shape.copies),
      replicaNodes,
      replicaLeads,
      replicaLoads,
      replicaBytes: new Float64Array(replicas).fill(bytesPerReplica),
    },
    quality: { completeness: 1, stalenessMs: 0, sources: [] },
    digest: `sha256:${'0'.repeat(64)}`,
  };
}

function drawLoad(
  shape: FleetShape,
  random: ReturnType<typeof createRandom>,
  shard: number,
  shards: number,
): number {
  switch (shape.loads) {
    case 'uniform':
      return 0.5 + random.next();
    case 'logNormal':
      return Math.exp(random.normal(0, 0.75));
    case 'zipf':
      // Rank by a fixed scramble of the shard's index, so that neighbours are not alike; exponent 0.6.
      return ((((shard + 1) * 2_654_435_761) % shards) + 1) ** -0.6 * (0.5 + random.next());
  }
}

function benchNode(index: number, zone: number, capacity: readonly number[]): Node {
  return {
    id: `n${String(index).padStart(6, '0')}`,
    region: 'r0',
    zone: `z${zone}`,
    rack: `k${index >> 4}`,
    labels: {},
    weight: 1,
    status: 'alive',
    adminState: 'active',
    capacity,
    signals: {},
  };
}
