import { err, ok, type Result } from '../base/result.ts';
import type { AdminState } from '../domain/node.ts';
import type { Policy } from '../domain/policy.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot, ShardTable as SnapshotTable } from '../domain/snapshot.ts';
import { digestSnapshot } from '../domain/snapshot-digest.ts';
import { freezeNodes } from './freeze-nodes.ts';
import type { LoadColumn } from './load-column.ts';
import type { LoadTable } from './load-table.ts';
import type { NodeTable } from './node-table.ts';
import { measureQuality } from './quality.ts';
import type { QueueTable } from './queue-table.ts';
import type { ShardColumns, ShardTable } from './shard-table.ts';
import type { SourceState } from './source-state.ts';

export interface FreezeInput {
  readonly cluster: string;
  readonly namespace: string;
  readonly now: number;
  readonly policy: Policy;
  readonly adminStates: ReadonlyMap<string, AdminState>;
  readonly shards: ShardTable;
  readonly refusedShards: number;
  readonly loads: LoadTable;
  readonly nodes: NodeTable;
  readonly queues: QueueTable;
  readonly sources: readonly SourceState[];
}

/**
 * Copies the tables into an immutable snapshot. Its columns are valid by construction: every sample was checked when it
 * was accepted, and a shard that names a node without a peer sample is left out and lowers the completeness.
 */
export function freezeSnapshot(input: FreezeInput): Result<Snapshot, readonly Problem[]> {
  const { cluster, namespace, now, shards, nodes } = input;
  const oldest = now - input.policy.telemetry.maxAgeMs;
  const frozen = freezeNodes(input, oldest);
  const table = shards.columns();
  const chosen = chooseShards(shards, table, frozen.indexBySlot);
  if (frozen.nodes.length === 0 || chosen.ids.length === 0) return err([emptiness(input)]);

  const layout = layOutRows(table, chosen);
  const isAlive = Uint8Array.from(frozen.nodes, (node) => (node.status === 'alive' ? 1 : 0));
  const columns = freezeColumns(table, chosen, layout, frozen.indexBySlot);
  const loads = freezeLoads(frozen.columns, layout.rows, columns.replicaNodes, isAlive, oldest);
  const quality = measureQuality({
    now,
    oldest,
    sources: input.sources,
    shards: { expected: shards.shardCount() + input.refusedShards, covered: chosen.ids.length },
    loads: { expected: loads.expected, covered: frozen.columns.length === 0 ? 0 : loads.fresh },
    peers: frozen.peers,
    backpressure: frozen.queues,
  });
  const content = {
    cluster,
    namespace,
    takenAt: now,
    dimensions: frozen.columns.map(({ name, unit }) => ({ name, unit })),
    nodes: frozen.nodes,
    shards: { ...columns, ids: chosen.ids, replicaOffsets: layout.offsets, replicaLoads: loads.values },
    quality,
  };
  forgetTheGone(nodes, table, shards.sorted().slots, input.queues, oldest);
  return ok({ ...content, digest: digestSnapshot(content) });
}

interface ChosenShards {
  readonly slots: Int32Array;
  readonly ids: readonly string[];
}

/** The shards whose replicas are all on known nodes, in order; the table's own arrays when that is every one. */
function chooseShards(shards: ShardTable, table: ShardColumns, indexBySlot: Int32Array): ChosenShards {
  const all = shards.sorted();
  const { rowStarts, rowCounts, nodes } = table;
  const left = new Set<number>();
  for (const slot of all.slots) {
    const end = rowStarts[slot] + rowCounts[slot];
    for (let row = rowStarts[slot]; row < end; row++) if (indexBySlot[nodes[row]] < 0) left.add(slot);
  }
  if (left.size === 0) return all;
  return {
    slots: all.slots.filter((slot) => !left.has(slot)),
    ids: all.ids.filter((_, index) => !left.has(all.slots[index])),
  };
}

interface RowLayout {
  /** Per replica of the snapshot its row in the table. */
  readonly rows: Int32Array;
  /** shards + 1 entries. */
  readonly offsets: Int32Array;
}

function layOutRows(table: ShardColumns, chosen: ChosenShards): RowLayout {
  const offsets = new Int32Array(chosen.slots.length + 1);
  for (let s = 0; s < chosen.slots.length; s++)
    offsets[s + 1] = offsets[s] + table.rowCounts[chosen.slots[s]];
  const rows = new Int32Array(offsets[chosen.slots.length]);
  for (let s = 0; s < chosen.slots.length; s++) {
    const start = table.rowStarts[chosen.slots[s]];
    for (let at = offsets[s], row = start; at < offsets[s + 1]; at++, row++) rows[at] = row;
  }
  return { rows, offsets };
}

type FrozenColumns = Omit<SnapshotTable, 'ids' | 'replicaOffsets' | 'replicaLoads'>;

function freezeColumns(
  table: ShardColumns,
  chosen: ChosenShards,
  layout: RowLayout,
  indexBySlot: Int32Array,
): FrozenColumns {
  const shardTotal = chosen.slots.length;
  const versions = new Float64Array(shardTotal);
  const statuses = new Uint8Array(shardTotal);
  const groups = new Int32Array(shardTotal);
  const isUsed = new Uint8Array(table.groupNames.length);
  for (let s = 0; s < shardTotal; s++) {
    const slot = chosen.slots[s];
    versions[s] = table.versions[slot];
    statuses[s] = table.statuses[slot];
    groups[s] = table.groups[slot];
    if (groups[s] >= 0) isUsed[groups[s]] = 1;
  }
  const groupNames = table.groupNames.filter((_, group) => isUsed[group] === 1).sort();
  const groupOrder = new Map(groupNames.map((name, index) => [name, index]));
  const groupIndex = Int32Array.from(table.groupNames, (name) => groupOrder.get(name) ?? -1);
  for (let s = 0; s < shardTotal; s++) if (groups[s] >= 0) groups[s] = groupIndex[groups[s]];

  const { rows } = layout;
  const replicaNumbers = new Int32Array(rows.length);
  const replicaNodes = new Int32Array(rows.length);
  const replicaLeads = new Uint8Array(rows.length);
  const replicaBytes = new Float64Array(rows.length);
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at];
    replicaNumbers[at] = table.numbers[row];
    replicaNodes[at] = indexBySlot[table.nodes[row]];
    replicaLeads[at] = table.leads[row];
    replicaBytes[at] = table.bytes[row];
  }
  return { versions, statuses, groups, groupNames, replicaNumbers, replicaNodes, replicaLeads, replicaBytes };
}

interface FrozenLoads {
  /** replicas × dimensions, row per replica. */
  readonly values: Float64Array;
  /** Replicas on nodes that are alive: those on others cannot be measured. */
  readonly expected: number;
  /** Of these the ones with a sample since `oldest` in every dimension. */
  readonly fresh: number;
}

function freezeLoads(
  columns: readonly LoadColumn[],
  rows: Int32Array,
  replicaNodes: Int32Array,
  isAlive: Uint8Array,
  oldest: number,
): FrozenLoads {
  const width = columns.length;
  const values = new Float64Array(rows.length * width);
  const isStale = new Uint8Array(rows.length);
  for (const [d, column] of columns.entries()) {
    const smoothed = column.smoothed();
    const newest = column.newestAt();
    for (let at = 0, out = d; at < rows.length; at++, out += width) {
      values[out] = smoothed[rows[at]];
      if (newest[rows[at]] === 0 || newest[rows[at]] < oldest) isStale[at] = 1;
    }
  }
  let expected = 0;
  let fresh = 0;
  for (let at = 0; at < rows.length; at++) {
    if (isAlive[replicaNodes[at]] === 0) continue;
    expected++;
    fresh += 1 - isStale[at];
  }
  return { values, expected, fresh };
}

/** Which source is to blame for there being nothing to make a snapshot of. */
function emptiness(input: FreezeInput): Problem {
  const silent = input.sources.filter((each) => each.newestAt === 0);
  const unreachable = silent.find((each) => each.problem?.code === 'FLEET_UNREACHABLE');
  const names = silent.map((each) => each.source).join(', ');
  const subject = `namespace/${input.namespace}`;
  if (unreachable?.problem) {
    const message = `no snapshot of ${input.namespace}: ${names} never delivered; ${unreachable.problem.message}`;
    return { ...unreachable.problem, message, subject };
  }
  const missing = input.shards.shardCount() === 0 ? 'has no shard' : 'has no shard whose nodes are all known';
  const reason =
    silent.length > 0 ? `${names} never delivered` : `the telemetry of ${input.namespace} ${missing}`;
  return {
    code: 'SNAPSHOT_EMPTY',
    message: `no snapshot of ${input.namespace}: ${reason}`,
    subject,
    remedy: 'Check that the sources named are configured, reachable, and know the namespace.',
  };
}

/**
 * Forgets nodes that left, hold nothing and were not heard of since `oldest`, and names that only replicas since gone
 * used, so that a fleet whose nodes come and go stays bounded.
 */
function forgetTheGone(
  nodes: NodeTable,
  table: ShardColumns,
  slots: Int32Array,
  queues: QueueTable,
  oldest: number,
): void {
  const holds = new Uint8Array(nodes.slotEnd());
  for (const slot of slots) {
    const end = table.rowStarts[slot] + table.rowCounts[slot];
    for (let row = table.rowStarts[slot]; row < end; row++) holds[table.nodes[row]] = 1;
  }
  for (let slot = 0; slot < holds.length; slot++) {
    const name = nodes.name(slot);
    if (name === undefined || holds[slot] === 1) continue;
    const sample = nodes.sample(slot);
    if (sample && (sample.status !== 'left' || sample.observedAt >= oldest)) continue;
    nodes.forget(slot);
    queues.forget(name);
  }
  for (const name of queues.nodes()) {
    if (nodes.slotOf(name) === undefined && queues.coverageOf(name, oldest).fresh === 0) queues.forget(name);
  }
}
