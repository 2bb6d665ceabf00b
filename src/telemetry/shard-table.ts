import type { ReplicaSet } from '../domain/telemetry-sample.ts';
import { growFloat64, growInt32, growUint8 } from './growable.ts';
import type { LoadColumn } from './load-column.ts';
import { createRowBlocks } from './row-blocks.ts';
import { createShardOrder } from './shard-order.ts';

/**
 * The shards and replicas of a namespace as columns. A shard is a slot, a replica a row; the rows of a shard are one
 * block, sorted by replica number. Everything is found by id in constant time and kept in place, so that a change
 * costs what it changes.
 */
export interface ShardTable {
  /** Slot of a shard; undefined when it is not held. */
  slotOf(shard: string): number | undefined;
  /** Row of a replica, -1 when the shard does not have it. */
  rowOf(slot: number, replica: number): number;
  /**
   * Adds the shard or replaces what is held of it; replicas keep their loads by number. Where another one of them leads
   * than before, the two exchange their loads: work follows leadership.
   *
   * @param changedAt when the registry made it so, by our clock at the latest
   */
  upsert(set: ReplicaSet, nodeSlots: Int32Array, status: number, changedAt: number): void;
  /** When leadership last passed from one of the shard's replicas to another; 0 when that was never seen. */
  leadershipPassedAt(slot: number): number;
  remove(shard: string): boolean;
  /** Marks what a listing does not touch, for `removeUntouched`. */
  beginListing(): void;
  /** Removes every shard that no `upsert` touched since `beginListing`; answers how many. */
  removeUntouched(): number;
  /** Adds a dimension's column; it grows with the table from then on. */
  addColumn(column: LoadColumn): void;
  shardCount(): number;
  replicaCount(): number;
  version(slot: number): number;
  updatedAt(slot: number): number;
  /** Slots in the order of their shards' ids, and the ids; the same arrays as long as no shard comes or goes. */
  sorted(): { readonly slots: Int32Array; readonly ids: readonly string[] };
  /** Valid until the next change. */
  columns(): ShardColumns;
}

export interface ShardColumns {
  readonly versions: Float64Array;
  readonly statuses: Uint8Array;
  /** Index into `groupNames`, -1 for none. */
  readonly groups: Int32Array;
  readonly groupNames: readonly string[];
  readonly rowStarts: Int32Array;
  readonly rowCounts: Int32Array;
  readonly numbers: Int32Array;
  /** Slot of the node table. */
  readonly nodes: Int32Array;
  readonly leads: Uint8Array;
  readonly bytes: Float64Array;
}

export function createShardTable(): ShardTable {
  const slots = new Map<string, number>();
  const groupSlots = new Map<string, number>();
  const groupNames: string[] = [];
  const order = createShardOrder();
  const blocks = createRowBlocks();
  const columns: LoadColumn[] = [];
  let replicas = 0;
  let listing = 0;
  let versions = new Float64Array(0);
  let updates = new Float64Array(0);
  let touched = new Float64Array(0);
  let passedAt = new Float64Array(0);
  let statuses = new Uint8Array(0);
  let groups = new Int32Array(0);
  let rowStarts = new Int32Array(0);
  let rowCounts = new Int32Array(0);
  let numbers = new Int32Array(0);
  let nodes = new Int32Array(0);
  let leads = new Uint8Array(0);
  let bytes = new Float64Array(0);

  function ensureSlot(slot: number): void {
    if (slot < versions.length) return;
    versions = growFloat64(versions, slot + 1);
    updates = growFloat64(updates, versions.length);
    touched = growFloat64(touched, versions.length);
    passedAt = growFloat64(passedAt, versions.length);
    statuses = growUint8(statuses, versions.length);
    groups = growInt32(groups, versions.length);
    rowStarts = growInt32(rowStarts, versions.length);
    rowCounts = growInt32(rowCounts, versions.length);
  }

  function ensureRows(rows: number): void {
    if (rows > numbers.length) {
      numbers = growInt32(numbers, rows);
      nodes = growInt32(nodes, numbers.length);
      leads = growUint8(leads, numbers.length);
      bytes = growFloat64(bytes, numbers.length);
    }
    for (const column of columns) column.ensureRows(rows);
  }

  function groupSlot(group: string): number {
    if (group === '') return -1;
    const known = groupSlots.get(group);
    if (known !== undefined) return known;
    groupNames.push(group);
    groupSlots.set(group, groupNames.length - 1);
    return groupNames.length - 1;
  }

  function rowOf(slot: number, replica: number): number {
    const start = rowStarts[slot];
    const end = start + rowCounts[slot];
    for (let row = start; row < end; row++) if (numbers[row] === replica) return row;
    return -1;
  }

  /** Gives the shard a block of other rows, in the order of `sequence`, and carries the loads over. */
  function layOut(slot: number, set: ReplicaSet, sequence: readonly number[]): void {
    const start = blocks.take(sequence.length);
    ensureRows(blocks.end());
    for (const [offset, index] of sequence.entries()) {
      const number = set.replicas[index]?.number ?? 0;
      const before = rowCounts[slot] === 0 ? -1 : rowOf(slot, number);
      for (const column of columns) {
        if (before >= 0) column.copyRow(before, start + offset);
        else column.clearRow(start + offset);
      }
      numbers[start + offset] = number;
    }
    if (rowCounts[slot] > 0) blocks.give(rowStarts[slot], rowCounts[slot]);
    replicas += sequence.length - rowCounts[slot];
    rowStarts[slot] = start;
    rowCounts[slot] = sequence.length;
  }

  function leaderOf(slot: number): number {
    const end = rowStarts[slot] + rowCounts[slot];
    for (let row = rowStarts[slot]; row < end; row++) if (leads[row] === 1) return numbers[row];
    return -1;
  }

  /** What the old leader carried is what the new one carries. @param before number of the replica that led, -1 for none */
  function passLeadership(slot: number, before: number, changedAt: number): void {
    const after = leaderOf(slot);
    const from = rowOf(slot, before);
    if (after < 0 || before < 0 || after === before || from < 0) return;
    const to = rowOf(slot, after);
    for (const column of columns) column.exchangeRows(from, to);
    passedAt[slot] = changedAt;
  }

  function removeSlot(shard: string, slot: number): void {
    slots.delete(shard);
    order.remove(slot);
    blocks.give(rowStarts[slot], rowCounts[slot]);
    replicas -= rowCounts[slot];
    rowCounts[slot] = 0;
  }

  return {
    slotOf: (shard) => slots.get(shard),
    rowOf,
    upsert(set, nodeSlots, status, changedAt) {
      let slot = slots.get(set.shard);
      if (slot === undefined) {
        slot = order.add(set.shard);
        ensureSlot(slot);
        rowCounts[slot] = 0;
        passedAt[slot] = 0;
        slots.set(set.shard, slot);
      }
      const ledBefore = leaderOf(slot);
      const sequence = byNumber(set);
      if (!hasNumbers(slot, set, sequence)) layOut(slot, set, sequence);
      let row = rowStarts[slot];
      for (const index of sequence) {
        const replica = set.replicas[index];
        nodes[row] = nodeSlots[index];
        leads[row] = replica?.leads ? 1 : 0;
        bytes[row] = replica?.bytes ?? 0;
        row++;
      }
      passLeadership(slot, ledBefore, changedAt);
      versions[slot] = set.version;
      updates[slot] = set.updatedAt;
      touched[slot] = listing;
      statuses[slot] = status;
      groups[slot] = groupSlot(set.group);
    },
    remove(shard) {
      const slot = slots.get(shard);
      if (slot === undefined) return false;
      removeSlot(shard, slot);
      return true;
    },
    beginListing() {
      listing++;
    },
    removeUntouched() {
      const before = slots.size;
      for (const [shard, slot] of slots) if (touched[slot] !== listing) removeSlot(shard, slot);
      return before - slots.size;
    },
    addColumn(column) {
      column.ensureRows(blocks.end());
      columns.push(column);
    },
    shardCount: () => slots.size,
    replicaCount: () => replicas,
    version: (slot) => versions[slot],
    updatedAt: (slot) => updates[slot],
    leadershipPassedAt: (slot) => passedAt[slot],
    sorted: () => order.sorted(),
    columns: () => ({
      versions,
      statuses,
      groups,
      groupNames,
      rowStarts,
      rowCounts,
      numbers,
      nodes,
      leads,
      bytes,
    }),
  };

  function hasNumbers(slot: number, set: ReplicaSet, sequence: readonly number[]): boolean {
    if (rowCounts[slot] !== sequence.length) return false;
    const start = rowStarts[slot];
    for (const [offset, index] of sequence.entries()) {
      if (numbers[start + offset] !== set.replicas[index]?.number) return false;
    }
    return true;
  }
}

/** Indices of the set's replicas in the order of their numbers. */
function byNumber(set: ReplicaSet): readonly number[] {
  const sequence = set.replicas.map((_, index) => index);
  const isSorted = set.replicas.every((each, index) => index === 0 || numberAt(set, index - 1) < each.number);
  return isSorted ? sequence : sequence.sort((left, right) => numberAt(set, left) - numberAt(set, right));
}

function numberAt(set: ReplicaSet, index: number): number {
  return set.replicas[index]?.number ?? 0;
}
