import type { AdminState, Node } from '../domain/node.ts';
import type { DimensionPolicy, Policy } from '../domain/policy.ts';
import { defaultDimensionPolicy } from '../domain/policy-dimensions.ts';
import type { PeerSample } from '../domain/telemetry-sample.ts';
import type { LoadColumn } from './load-column.ts';
import type { LoadTable } from './load-table.ts';
import type { NodeTable } from './node-table.ts';
import type { Coverage } from './quality.ts';
import type { QueueTable } from './queue-table.ts';

/** Nodes of a snapshot, and what of them is fresh. */
export interface FrozenNodes {
  readonly nodes: readonly Node[];
  /** Per slot of the node table its index in `nodes`, -1 for none. */
  readonly indexBySlot: Int32Array;
  /** Columns of the dimensions that the snapshot has: those in which some node has a capacity. */
  readonly columns: readonly LoadColumn[];
  readonly peers: Coverage;
  readonly queues: Coverage;
}

/**
 * The nodes with a peer sample, sorted by id. A node's status is what gossip said last, however long ago: judging
 * silence is gossip's work. Signals older than `oldest` are dropped, so that nothing is scored on them. A node that
 * is dead or left owes no samples.
 */
export function freezeNodes(
  input: {
    readonly nodes: NodeTable;
    readonly queues: QueueTable;
    readonly loads: LoadTable;
    readonly policy: Policy;
    readonly adminStates: ReadonlyMap<string, AdminState>;
  },
  oldest: number,
): FrozenNodes {
  const slots = input.nodes.sorted();
  const samples: PeerSample[] = [];
  const indexBySlot = new Int32Array(input.nodes.slotEnd()).fill(-1);
  for (const slot of slots) {
    const sample = input.nodes.sample(slot);
    if (!sample) continue;
    indexBySlot[slot] = samples.length;
    samples.push(sample);
  }
  const columns = input.loads
    .columns()
    .filter((column) => samples.some((each) => column.name in each.capacity));
  const targets = new Map(input.policy.dimensions.map((dimension) => [dimension.name, dimension]));
  const peers = { expected: 0, covered: 0 };
  const queues = { expected: 0, covered: 0 };
  const nodes = samples.map((sample) => {
    const isFresh = sample.observedAt >= oldest;
    if (sample.status === 'alive' || sample.status === 'suspect') {
      peers.expected++;
      if (isFresh) peers.covered++;
    }
    if (sample.status === 'alive') {
      const coverage = input.queues.coverageOf(sample.node, oldest);
      queues.expected += coverage.queues;
      queues.covered += coverage.fresh;
    }
    return freezeNode(sample, {
      columns,
      targets,
      adminState: input.adminStates.get(sample.node) ?? 'active',
      signals: { ...(isFresh ? sample.signals : {}), ...input.queues.signalsOf(sample.node, oldest) },
    });
  });
  return { nodes, indexBySlot, columns, peers, queues };
}

function freezeNode(
  sample: PeerSample,
  context: {
    readonly columns: readonly LoadColumn[];
    readonly targets: ReadonlyMap<string, DimensionPolicy>;
    readonly adminState: AdminState;
    readonly signals: Readonly<Record<string, number>>;
  },
): Node {
  const { columns, targets, adminState, signals } = context;
  // A capacity that is not stated is none: such a node is not the place for that load.
  const capacity = columns.map((column) => sample.capacity[column.name] ?? 0);
  const hasTarget = columns.some((column) => column.name in sample.target);
  const { node: id, region, zone, rack, labels, weight, status } = sample;
  const node = { id, region, zone, rack, labels, weight, status, adminState, capacity, signals };
  if (!hasTarget) return node;
  const target = columns.map(({ name }, d) => {
    const wanted = targets.get(name) ?? defaultDimensionPolicy(name);
    return sample.target[name] ?? capacity[d] * wanted.targetUtilization;
  });
  return { ...node, target };
}
