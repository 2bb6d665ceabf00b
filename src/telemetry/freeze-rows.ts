import type { ShardTable as SnapshotTable } from '../domain/snapshot.ts';
import type { LoadColumn } from './load-column.ts';
import type { ShardColumns, ShardTable } from './shard-table.ts';

/** Shards of a snapshot, in order. */
export interface ChosenShards {
  /** Slots of the shard table. */
  readonly slots: Int32Array;
  readonly ids: readonly string[];
}

/** The shards whose replicas are all on known nodes, in order; the table's own arrays when that is every one. */
export function chooseShards(shards: ShardTable, table: ShardColumns, indexBySlot: Int32Array): ChosenShards {
  const all = shards.sorted();
  // Usually every node has a sample, and no row needs to be looked at.
  if (!indexBySlot.includes(-1)) return all;
  const { rowStarts, rowCounts, nodes } = table;
  const left = new Set<number>();
  for (let s = 0, count = all.slots.length; s < count; s++) {
    const slot = all.slots[s];
    const end = rowStarts[slot] + rowCounts[slot];
    for (let row = rowStarts[slot]; row < end; row++) if (indexBySlot[nodes[row]] < 0) left.add(slot);
  }
  if (left.size === 0) return all;
  return {
    slots: all.slots.filter((slot) => !left.has(slot)),
    ids: all.ids.filter((_, index) => !left.has(all.slots[index])),
  };
}

/**
 * Where the replicas of a snapshot are in the table, as runs of neighbouring rows: shards that were listed in order
 * stand in order, so that a million replicas are a few runs, and runs are copied as a whole.
 */
export interface RowLayout {
  /** First row of each run. */
  readonly runStarts: readonly number[];
  /** Place in the snapshot at which each run begins; one more entry than runs, the last is the number of replicas. */
  readonly runPlaces: readonly number[];
  /** shards + 1 entries. */
  readonly offsets: Int32Array;
}

export function layOutRows(table: ShardColumns, chosen: ChosenShards): RowLayout {
  const { rowStarts, rowCounts } = table;
  const count = chosen.slots.length;
  const offsets = new Int32Array(count + 1);
  const runStarts: number[] = [];
  const runPlaces: number[] = [];
  let expected = -1;
  for (let s = 0; s < count; s++) {
    const slot = chosen.slots[s];
    const start = rowStarts[slot];
    if (start !== expected) {
      runStarts.push(start);
      runPlaces.push(offsets[s]);
    }
    expected = start + rowCounts[slot];
    offsets[s + 1] = offsets[s] + rowCounts[slot];
  }
  runPlaces.push(offsets[count]);
  return { runStarts, runPlaces, offsets };
}

export function freezeShards(
  table: ShardColumns,
  chosen: ChosenShards,
): Pick<SnapshotTable, 'versions' | 'statuses' | 'groups' | 'groupNames'> {
  const count = chosen.slots.length;
  const versions = new Float64Array(count);
  const statuses = new Uint8Array(count);
  const groups = new Int32Array(count);
  const isUsed = new Uint8Array(table.groupNames.length);
  for (let s = 0; s < count; s++) {
    const slot = chosen.slots[s];
    versions[s] = table.versions[slot];
    statuses[s] = table.statuses[slot];
    groups[s] = table.groups[slot];
    if (groups[s] >= 0) isUsed[groups[s]] = 1;
  }
  const groupNames = table.groupNames.filter((_, group) => isUsed[group] === 1).sort();
  const order = new Map(groupNames.map((name, index) => [name, index]));
  const groupIndex = Int32Array.from(table.groupNames, (name) => order.get(name) ?? -1);
  for (let s = 0; s < count; s++) if (groups[s] >= 0) groups[s] = groupIndex[groups[s]];
  return { versions, statuses, groups, groupNames };
}

export function freezeReplicas(
  table: ShardColumns,
  layout: RowLayout,
  indexBySlot: Int32Array,
): Pick<SnapshotTable, 'replicaNumbers' | 'replicaNodes' | 'replicaLeads' | 'replicaBytes'> {
  const { runStarts, runPlaces } = layout;
  const total = runPlaces[runStarts.length];
  const replicaNumbers = new Int32Array(total);
  const replicaNodes = new Int32Array(total);
  const replicaLeads = new Uint8Array(total);
  const replicaBytes = new Float64Array(total);
  for (let run = 0; run < runStarts.length; run++) {
    const place = runPlaces[run];
    const start = runStarts[run];
    const end = start + runPlaces[run + 1] - place;
    replicaNumbers.set(table.numbers.subarray(start, end), place);
    replicaNodes.set(table.nodes.subarray(start, end), place);
    replicaLeads.set(table.leads.subarray(start, end), place);
    replicaBytes.set(table.bytes.subarray(start, end), place);
  }
  for (let at = 0; at < total; at++) replicaNodes[at] = indexBySlot[replicaNodes[at]];
  return { replicaNumbers, replicaNodes, replicaLeads, replicaBytes };
}

export interface FrozenLoads {
  /** replicas × dimensions, row per replica. */
  readonly values: Float64Array;
  /** Replicas on nodes that are alive: those on others cannot be measured. */
  readonly expected: number;
  /** Of these the ones with a sample since `oldest` in every dimension. */
  readonly fresh: number;
}

/** @param isAlive 1 per node of the snapshot that is alive */
export function freezeLoads(
  columns: readonly LoadColumn[],
  layout: RowLayout,
  replicaNodes: Int32Array,
  isAlive: Uint8Array,
  oldest: number,
): FrozenLoads {
  const total = replicaNodes.length;
  const width = columns.length;
  const values = new Float64Array(total * width);
  const isStale = new Uint8Array(total);
  // A row without a sample has the time 0, which is before any limit.
  const limit = Math.max(oldest, Number.MIN_VALUE);
  for (let d = 0; d < width; d++) {
    const smoothed = columns[d].smoothed();
    const newest = columns[d].newestAt();
    for (let run = 0; run < layout.runStarts.length; run++) {
      const end = layout.runPlaces[run + 1];
      const shift = layout.runStarts[run] - layout.runPlaces[run];
      for (let at = layout.runPlaces[run]; at < end; at++) {
        values[at * width + d] = smoothed[at + shift];
        if (newest[at + shift] < limit) isStale[at] = 1;
      }
    }
  }
  let expected = 0;
  let fresh = 0;
  for (let at = 0; at < total; at++) {
    if (isAlive[replicaNodes[at]] === 0) continue;
    expected++;
    fresh += 1 - isStale[at];
  }
  return { values, expected, fresh };
}
