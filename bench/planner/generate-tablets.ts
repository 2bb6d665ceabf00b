import { createRandom } from '../../src/base/random.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { benchNode, buildFleet, evenOffsets, firstLeads } from './build-fleet.ts';
import { drawLoads } from './draw-loads.ts';
import { totalsOf } from './fleet-sums.ts';
import { zonesOf } from './generate-fleet.ts';
import { placeReplicas } from './place-replicas.ts';

/** Tablets on the cores of a few large machines: a core is a bin, copies lie in distinct racks. */
export interface TabletShape {
  readonly tablets: number;
  readonly copies: number;
  readonly machines: number;
  readonly coresPerMachine: number;
  readonly racks: number;
  readonly seed: number;
}

const utilization = 0.5;

/** Sizes are normal with mean 1 and deviation 0.5, the copies of a tablet equal; placed at random in distinct racks. */
export function generateTablets(shape: TabletShape): Snapshot {
  const random = createRandom(`${shape.seed}/${shape.tablets}`);
  const bins = shape.machines * shape.coresPerMachine;
  const rackOf = zonesOf(bins, shape.racks);
  const replicaOffsets = evenOffsets(shape.tablets * shape.copies, shape.copies);
  const replicaLeads = firstLeads(replicaOffsets);
  const replicaNodes = placeReplicas(
    replicaOffsets,
    rackOf,
    new Float64Array(bins).fill(1),
    random.fork('places'),
  );
  const dimensions = ['size'];
  const replicaLoads = drawLoads(
    { shape: 'truncatedNormal', dimensions, replicaOffsets, replicaLeads },
    random.fork('loads'),
  );
  const [total] = totalsOf(replicaLoads, 1);
  const capacity = [total / bins / utilization];
  return buildFleet({
    namespace: 'tablets',
    dimensions,
    nodes: Array.from({ length: bins }, (_, bin) => ({
      ...benchNode(bin, 'z0', capacity),
      id: `n${String(Math.floor(bin / shape.coresPerMachine)).padStart(3, '0')}-c${String(bin % shape.coresPerMachine).padStart(4, '0')}`,
      rack: `k${rackOf[bin]}`,
    })),
    replicaOffsets,
    replicaNodes,
    replicaLeads,
    replicaLoads,
  });
}
