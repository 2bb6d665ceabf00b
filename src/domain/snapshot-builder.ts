import { err, ok, type Result } from '../base/result.ts';
import type { Dimension } from './dimension.ts';
import type { Node } from './node.ts';
import type { Problem } from './problem.ts';
import {
  type ShardStatus,
  type ShardTable,
  type Snapshot,
  type SnapshotContent,
  type SnapshotQuality,
  shardStatuses,
} from './snapshot.ts';
import { digestSnapshot } from './snapshot-digest.ts';
import { maxSnapshotProblems, type SnapshotOrigins, validateSnapshot } from './snapshot-validate.ts';

/** A fleet as people and files write it: one object per shard and replica, in any order. */
export interface SnapshotInput {
  readonly cluster: string;
  readonly namespace: string;
  /** Milliseconds since the epoch. */
  readonly takenAt: number;
  readonly dimensions: readonly Dimension[];
  readonly nodes: readonly Node[];
  readonly shards: readonly ShardInput[];
  readonly quality: SnapshotQuality;
}

export interface ShardInput {
  readonly id: string;
  readonly version: number;
  readonly status: ShardStatus;
  /** Empty for none. */
  readonly group: string;
  readonly replicas: readonly ReplicaInput[];
}

export interface ReplicaInput {
  readonly number: number;
  /** Node id. */
  readonly node: string;
  readonly leads: boolean;
  readonly bytes: number;
  /** One per dimension, in the dimension's unit. */
  readonly loads: readonly number[];
}

/**
 * Sorts, checks and digests a fleet. Problems (at most `maxSnapshotProblems`) name fields by their place in the
 * input: `shards[17].replicas[2].node`. Codes: SNAPSHOT_*, see `validateSnapshot`.
 */
export function buildSnapshot(input: SnapshotInput): Result<Snapshot, readonly Problem[]> {
  const problems = rowProblems(input);
  const { content, origins } = toColumns(input);
  for (const problem of validateSnapshot(content, origins)) {
    if (problems.length < maxSnapshotProblems) problems.push(problem);
  }
  if (problems.length > 0) return err(problems);
  return ok({ ...content, digest: digestSnapshot(content) });
}

/** What columns cannot express: rows whose loads are more or fewer than the dimensions, and unknown statuses. */
function rowProblems(input: SnapshotInput): Problem[] {
  const problems: Problem[] = [];
  const width = input.dimensions.length;
  for (const [s, shard] of input.shards.entries()) {
    if (!shardStatuses.includes(shard.status)) {
      problems.push({
        code: 'SNAPSHOT_MALFORMED',
        message: `shard ${shard.id} has the status "${shard.status}", which does not exist`,
        field: `shards[${s}].status`,
        value: shard.status,
        limit: shardStatuses.join(', '),
        subject: `shard/${shard.id}`,
        remedy: `Use one of ${shardStatuses.join(', ')}.`,
      });
    }
    for (const [r, replica] of shard.replicas.entries()) {
      if (replica.loads.length === width) continue;
      problems.push({
        code: 'SNAPSHOT_DIMENSION_MISMATCH',
        message: `replica ${replica.number} of shard ${shard.id} has ${replica.loads.length} loads for ${width} dimensions`,
        field: `shards[${s}].replicas[${r}].loads`,
        value: replica.loads.length,
        limit: width,
        subject: `shard/${shard.id}`,
        remedy: 'Give one load per dimension of the snapshot, in its order.',
      });
    }
    if (problems.length >= maxSnapshotProblems) return problems.slice(0, maxSnapshotProblems);
  }
  return problems;
}

function toColumns(input: SnapshotInput): { content: SnapshotContent; origins: SnapshotOrigins } {
  const nodeOrder = orderBy(input.nodes, (left, right) => compareText(left.id, right.id));
  const nodes = Array.from(nodeOrder, (index) => input.nodes[index]).filter((node) => node !== undefined);
  const nodeIndex = new Map(nodes.map((node, index) => [node.id, index]));
  const shardOrder = orderBy(input.shards, (left, right) => compareText(left.id, right.id));
  const groupNames = [...new Set(input.shards.map((shard) => shard.group))]
    .filter((name) => name !== '')
    .sort();
  const groupIndex = new Map(groupNames.map((name, index) => [name, index]));
  const replicas = input.shards.reduce((sum, shard) => sum + shard.replicas.length, 0);
  const table = emptyTable(input.shards.length, replicas, input.dimensions.length, groupNames);
  const replicaOrigins = new Int32Array(replicas);
  const unknownNodes = new Map<number, string>();

  let row = 0;
  for (let s = 0; s < shardOrder.length; s++) {
    const shard = input.shards[shardOrder[s] ?? -1];
    if (!shard) continue;
    table.ids.push(shard.id);
    table.versions[s] = shard.version;
    table.statuses[s] = Math.max(0, shardStatuses.indexOf(shard.status));
    table.groups[s] = groupIndex.get(shard.group) ?? -1;
    for (const origin of orderBy(shard.replicas, (left, right) => left.number - right.number)) {
      const replica = shard.replicas[origin];
      if (!replica) continue;
      const node = nodeIndex.get(replica.node);
      if (node === undefined && unknownNodes.size < maxSnapshotProblems) unknownNodes.set(row, replica.node);
      fillRow(table, row, replica, node ?? -1);
      replicaOrigins[row] = origin;
      row += 1;
    }
    table.replicaOffsets[s + 1] = row;
  }
  const { cluster, namespace, takenAt, dimensions, quality } = input;
  return {
    content: { cluster, namespace, takenAt, dimensions, nodes, shards: table, quality },
    origins: { nodes: nodeOrder, shards: shardOrder, replicas: replicaOrigins, unknownNodes },
  };
}

function emptyTable(shards: number, replicas: number, dimensions: number, groupNames: readonly string[]) {
  return {
    ids: [] as string[],
    versions: new Float64Array(shards),
    statuses: new Uint8Array(shards),
    groups: new Int32Array(shards),
    groupNames,
    replicaOffsets: new Int32Array(shards + 1),
    replicaNumbers: new Int32Array(replicas),
    replicaNodes: new Int32Array(replicas),
    replicaLeads: new Uint8Array(replicas),
    replicaLoads: new Float64Array(replicas * dimensions),
    replicaBytes: new Float64Array(replicas),
  } satisfies ShardTable;
}

function fillRow(table: ShardTable, row: number, replica: ReplicaInput, node: number): void {
  // A number that is no integer would be truncated by its column; -1 is refused by the check instead.
  table.replicaNumbers[row] =
    Number.isInteger(replica.number) && replica.number <= 2_147_483_647 ? replica.number : -1;
  table.replicaNodes[row] = node;
  table.replicaLeads[row] = replica.leads ? 1 : 0;
  table.replicaBytes[row] = replica.bytes;
  const width = table.replicaNodes.length === 0 ? 0 : table.replicaLoads.length / table.replicaNodes.length;
  for (let d = 0; d < width; d++) table.replicaLoads[row * width + d] = replica.loads[d] ?? 0;
}

/** The indices of the items in sorted order; stable, so that duplicates stay in the order of the input. */
function orderBy<T>(items: readonly T[], compare: (left: T, right: T) => number): Int32Array {
  const order = items.map((_, index) => index);
  order.sort((left, right) => {
    const a = items[left];
    const b = items[right];
    return a === undefined || b === undefined ? 0 : compare(a, b);
  });
  return Int32Array.from(order);
}

/** By UTF-16 code unit, the same on every machine. */
function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
