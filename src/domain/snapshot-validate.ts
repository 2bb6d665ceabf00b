import type { ErrorCode } from './error-codes.ts';
import type { Problem } from './problem.ts';
import { replicaCount, type ShardTable, type SnapshotContent, shardStatuses } from './snapshot.ts';

/** Problems named of one snapshot: enough to see what is wrong, few enough for an answer and a log line. */
export const maxSnapshotProblems = 100;

/** Loads and capacities beyond it mean nothing, and sums of their squares would be infinite. */
export const maxLoad = 1e100;

/** A capacity below it that is not 0 is lost against any load: the utilisation would be infinite. */
export const minCapacity = 1e-100;

/** Nodes of one fleet do not differ more; a larger weight would make capacities infinite. */
export const maxWeight = 1_000_000;

/** Where sorted rows came from, so that problems name fields by their place in the input that people wrote. */
export interface SnapshotOrigins {
  /** Index in the input per node of the snapshot. */
  readonly nodes: Int32Array;
  /** Index in the input per shard of the snapshot. */
  readonly shards: Int32Array;
  /** Index within its shard of the input per replica row. */
  readonly replicas: Int32Array;
  /** Node id in the input per replica row whose node does not exist (its column has -1). */
  readonly unknownNodes: ReadonlyMap<number, string>;
}

/**
 * Everything that is wrong with a snapshot, at most `maxSnapshotProblems`, in time linear in its rows: codes
 * SNAPSHOT_EMPTY, _MALFORMED, _UNSORTED, _NODE_DUPLICATE, _NODE_UNKNOWN, _SHARD_DUPLICATE, _SHARD_WITHOUT_REPLICA,
 * _REPLICA_DUPLICATE, _REPLICA_TWICE_ON_NODE, _TWO_LEADERS, _LOAD_INVALID, _CAPACITY_INVALID, _DIMENSION_MISMATCH.
 * Rows are not looked at when the columns do not fit together.
 */
export function validateSnapshot(content: SnapshotContent, origins?: SnapshotOrigins): Problem[] {
  const found = createCollector();
  checkHead(content, found);
  checkDimensions(content, found);
  checkNodes(content, origins, found);
  if (columnsFit(content, found)) checkShards(content, origins, found);
  return found.problems;
}

interface Collector {
  readonly problems: Problem[];
  isFull(): boolean;
  add(
    code: ErrorCode,
    message: string,
    field: string,
    rest?: Omit<Problem, 'code' | 'message' | 'field'>,
  ): void;
}

function createCollector(): Collector {
  const problems: Problem[] = [];
  return {
    problems,
    isFull: () => problems.length >= maxSnapshotProblems,
    add(code, message, field, rest) {
      if (problems.length < maxSnapshotProblems) problems.push({ code, message, field, ...rest });
    },
  };
}

function checkHead(content: SnapshotContent, found: Collector): void {
  for (const field of ['cluster', 'namespace'] as const) {
    if (content[field] !== '') continue;
    found.add('SNAPSHOT_MALFORMED', `the snapshot does not say of which ${field} it is`, field, {
      value: '',
      limit: 'not empty',
      remedy: `Name the ${field}.`,
    });
  }
  const range = (field: string, value: number, limit: string, fits: boolean): void => {
    if (fits) return;
    found.add('SNAPSHOT_MALFORMED', `${field} is ${value}`, field, {
      value,
      limit,
      remedy: `Use a value of ${limit}.`,
    });
  };
  const { takenAt, quality } = content;
  range('takenAt', takenAt, '0 or more milliseconds since the epoch', isAmount(takenAt));
  range('quality.completeness', quality.completeness, '0 to 1', isShare(quality.completeness));
  range('quality.stalenessMs', quality.stalenessMs, '0 or more milliseconds', isAmount(quality.stalenessMs));
  for (const [i, source] of quality.sources.entries()) {
    range(`quality.sources[${i}].coverage`, source.coverage, '0 to 1', isShare(source.coverage));
    range(`quality.sources[${i}].newestAt`, source.newestAt, '0 or more', isAmount(source.newestAt));
  }
  if (content.nodes.length === 0) {
    found.add('SNAPSHOT_EMPTY', 'the snapshot has no node', 'nodes', { value: 0, limit: 1 });
  }
  if (content.shards.ids.length === 0) {
    found.add('SNAPSHOT_EMPTY', 'the snapshot has no shard', 'shards', { value: 0, limit: 1 });
  }
}

function checkDimensions(content: SnapshotContent, found: Collector): void {
  const seen = new Set<string>();
  for (const [d, { name }] of content.dimensions.entries()) {
    const field = `dimensions[${d}].name`;
    if (name === '') {
      found.add('SNAPSHOT_MALFORMED', `dimension ${d} has no name`, field, { value: '', limit: 'not empty' });
    } else if (seen.has(name)) {
      const remedy = 'Name every dimension once.';
      found.add('SNAPSHOT_DIMENSION_MISMATCH', `the dimension ${name} occurs twice`, field, {
        value: name,
        remedy,
      });
    }
    seen.add(name);
  }
}

function checkNodes(content: SnapshotContent, origins: SnapshotOrigins | undefined, found: Collector): void {
  const width = content.dimensions.length;
  let previous: string | undefined;
  for (const [index, node] of content.nodes.entries()) {
    if (found.isFull()) return;
    const path = `nodes[${origins?.nodes[index] ?? index}]`;
    const subject = `node/${node.id}`;
    checkOrder('node', node.id, previous, path, found);
    previous = node.id;
    for (const [name, row] of [
      ['capacity', node.capacity],
      ['target', node.target],
    ] as const) {
      if (row === undefined) continue;
      if (row.length !== width) {
        const message = `node ${node.id} has ${row.length} values of ${name} for ${width} dimensions`;
        const remedy = 'Give one value per dimension of the snapshot, in its order.';
        const rest = { value: row.length, limit: width, subject, remedy };
        found.add('SNAPSHOT_DIMENSION_MISMATCH', message, `${path}.${name}`, rest);
      }
      for (const [d, value] of row.entries()) {
        if (isLoad(value) && (value === 0 || value >= minCapacity)) continue;
        const message = `the ${name} of node ${node.id} in ${content.dimensions[d]?.name ?? d} is ${value}`;
        found.add('SNAPSHOT_CAPACITY_INVALID', message, `${path}.${name}[${d}]`, loadRest(value, subject));
      }
    }
    if (!(node.weight > 0 && node.weight <= maxWeight)) {
      const rest = {
        value: node.weight,
        limit: `greater than 0, up to ${maxWeight}`,
        subject,
        remedy: 'Use 1 for a normal node.',
      };
      found.add(
        'SNAPSHOT_MALFORMED',
        `the weight of node ${node.id} is ${node.weight}`,
        `${path}.weight`,
        rest,
      );
    }
    for (const [name, value] of Object.entries(node.signals)) {
      if (Number.isFinite(value)) continue;
      const remedy = 'Leave a signal out that is not known.';
      const rest = { value, limit: 'a finite number', subject, remedy };
      found.add(
        'SNAPSHOT_LOAD_INVALID',
        `the signal ${name} of node ${node.id} is ${value}`,
        `${path}.signals.${name}`,
        rest,
      );
    }
  }
}

/** Ids present, unique and rising by code unit. */
function checkOrder(
  kind: 'node' | 'shard',
  id: string,
  previous: string | undefined,
  path: string,
  found: Collector,
): void {
  const rest = { value: id, subject: `${kind}/${id}` };
  if (id === '') {
    found.add('SNAPSHOT_MALFORMED', `a ${kind} has no id`, `${path}.id`, { value: '', limit: 'not empty' });
  } else if (id === previous) {
    const code = kind === 'node' ? 'SNAPSHOT_NODE_DUPLICATE' : 'SNAPSHOT_SHARD_DUPLICATE';
    found.add(code, `the ${kind} ${id} occurs twice`, `${path}.id`, { ...rest, limit: 1 });
  } else if (previous !== undefined && id < previous) {
    const message = `the ${kind} ${id} stands after ${previous}`;
    found.add('SNAPSHOT_UNSORTED', message, `${path}.id`, { ...rest, limit: `after ${previous}` });
  }
}

/** Whether every column has the length that the others imply. */
function columnsFit(content: SnapshotContent, found: Collector): boolean {
  const table = content.shards;
  const shards = table.ids.length;
  const rows = replicaCount(table);
  const expected: readonly [keyof ShardTable, number][] = [
    ['versions', shards],
    ['statuses', shards],
    ['groups', shards],
    ['replicaOffsets', shards + 1],
    ['replicaNumbers', rows],
    ['replicaLeads', rows],
    ['replicaBytes', rows],
    ['replicaLoads', rows * content.dimensions.length],
  ];
  let fits = true;
  for (const [name, length] of expected) {
    if (table[name].length === length) continue;
    fits = false;
    const message = `the column ${name} has ${table[name].length} entries instead of ${length}`;
    found.add('SNAPSHOT_MALFORMED', message, `shards.${name}`, { value: table[name].length, limit: length });
  }
  if (!fits) return false;
  const { replicaOffsets: offsets } = table;
  let rises = offsets[0] === 0 && offsets[shards] === rows;
  for (let s = 0; rises && s < shards; s++) rises = (offsets[s] ?? 0) <= (offsets[s + 1] ?? 0);
  if (!rises) {
    const message = `the column replicaOffsets does not rise from 0 to ${rows}`;
    found.add('SNAPSHOT_MALFORMED', message, 'shards.replicaOffsets', { limit: rows });
  }
  return rises;
}

function checkShards(content: SnapshotContent, origins: SnapshotOrigins | undefined, found: Collector): void {
  const table = content.shards;
  // Shard + 1 that was last seen on each node: tells a second replica on a node without looking back.
  const lastShardOnNode = new Int32Array(content.nodes.length);
  let previous: string | undefined;
  for (let s = 0; s < table.ids.length && !found.isFull(); s++) {
    const id = table.ids[s] ?? '';
    const path = `shards[${origins?.shards[s] ?? s}]`;
    checkOrder('shard', id, previous, path, found);
    previous = id;
    checkShardFields(table, s, id, path, found);
    checkReplicas(content, origins, s, path, lastShardOnNode, found);
  }
}

function checkShardFields(table: ShardTable, s: number, id: string, path: string, found: Collector): void {
  const subject = `shard/${id}`;
  const version = table.versions[s] ?? 0;
  if (!(Number.isSafeInteger(version) && version >= 0)) {
    const rest = { value: version, limit: 'an integer from 0 to 2^53 - 1', subject };
    found.add('SNAPSHOT_MALFORMED', `the version of shard ${id} is ${version}`, `${path}.version`, rest);
  }
  const status = table.statuses[s] ?? 0;
  if (status >= shardStatuses.length) {
    const rest = { value: status, limit: shardStatuses.length - 1, subject };
    found.add('SNAPSHOT_MALFORMED', `shard ${id} has the unknown status ${status}`, `${path}.status`, rest);
  }
  const group = table.groups[s] ?? -1;
  if (group < -1 || group >= table.groupNames.length) {
    const rest = { value: group, limit: table.groupNames.length - 1, subject };
    found.add('SNAPSHOT_MALFORMED', `shard ${id} is of the unknown group ${group}`, `${path}.group`, rest);
  }
}

function checkReplicas(
  content: SnapshotContent,
  origins: SnapshotOrigins | undefined,
  s: number,
  shardPath: string,
  lastShardOnNode: Int32Array,
  found: Collector,
): void {
  const table = content.shards;
  const id = table.ids[s] ?? '';
  const subject = `shard/${id}`;
  const first = table.replicaOffsets[s] ?? 0;
  const end = table.replicaOffsets[s + 1] ?? 0;
  if (first === end) {
    const rest = { value: 0, limit: 1, subject };
    found.add('SNAPSHOT_SHARD_WITHOUT_REPLICA', `shard ${id} has no replica`, `${shardPath}.replicas`, rest);
  }
  let leader = -1;
  for (let row = first; row < end; row++) {
    const path = `${shardPath}.replicas[${origins?.replicas[row] ?? row - first}]`;
    const number = table.replicaNumbers[row] ?? 0;
    checkNumber(table, row, first, id, path, found);
    checkAmounts(content, row, id, path, found);
    const node = table.replicaNodes[row] ?? -1;
    if (node < 0 || node >= content.nodes.length) {
      const value = origins?.unknownNodes.get(row) ?? node;
      const message = `replica ${number} of shard ${id} lives on the unknown node ${value}`;
      found.add('SNAPSHOT_NODE_UNKNOWN', message, `${path}.node`, { value, subject });
    } else {
      if (lastShardOnNode[node] === s + 1) {
        const nodeId = content.nodes[node]?.id ?? '';
        const rest = { value: nodeId, limit: 'another node per replica', subject };
        const message = `shard ${id} has two replicas on node ${nodeId}`;
        found.add('SNAPSHOT_REPLICA_TWICE_ON_NODE', message, `${path}.node`, rest);
      }
      lastShardOnNode[node] = s + 1;
    }
    if (table.replicaLeads[row] === 0) continue;
    if (leader >= 0) {
      const message = `shard ${id} has two leaders, the replicas ${leader} and ${number}`;
      found.add('SNAPSHOT_TWO_LEADERS', message, `${path}.leads`, {
        value: true,
        limit: '1 leader',
        subject,
      });
    }
    leader = number;
  }
}

function checkNumber(
  table: ShardTable,
  row: number,
  first: number,
  shard: string,
  path: string,
  found: Collector,
): void {
  const number = table.replicaNumbers[row] ?? 0;
  const before = row > first ? (table.replicaNumbers[row - 1] ?? 0) : -1;
  const rest = { value: number, subject: `shard/${shard}` };
  if (number < 0) {
    const message = `a replica of shard ${shard} has a number outside 0 to 2147483647`;
    found.add('SNAPSHOT_MALFORMED', message, `${path}.number`, {
      ...rest,
      limit: 'an integer from 0 to 2147483647',
    });
  } else if (number === before) {
    const message = `shard ${shard} has two replicas with the number ${number}`;
    found.add('SNAPSHOT_REPLICA_DUPLICATE', message, `${path}.number`, { ...rest, limit: 1 });
  } else if (number < before) {
    const message = `replica ${number} of shard ${shard} stands after ${before}`;
    found.add('SNAPSHOT_UNSORTED', message, `${path}.number`, { ...rest, limit: `after ${before}` });
  }
}

function checkAmounts(
  content: SnapshotContent,
  row: number,
  shard: string,
  path: string,
  found: Collector,
): void {
  const table = content.shards;
  const width = content.dimensions.length;
  const subject = `shard/${shard}`;
  const bytes = table.replicaBytes[row] ?? 0;
  if (!isAmount(bytes)) {
    const message = `a replica of shard ${shard} has a size of ${bytes} bytes`;
    found.add('SNAPSHOT_LOAD_INVALID', message, `${path}.bytes`, amountRest(bytes, subject));
  }
  for (let d = 0; d < width; d++) {
    const load = table.replicaLoads[row * width + d] ?? 0;
    if (isLoad(load)) continue;
    const message = `a replica of shard ${shard} has a load of ${load} in ${content.dimensions[d]?.name ?? d}`;
    found.add('SNAPSHOT_LOAD_INVALID', message, `${path}.loads[${d}]`, loadRest(load, subject));
  }
}

function amountRest(value: number, subject: string): Omit<Problem, 'code' | 'message' | 'field'> {
  return { value, limit: 'a finite number of at least 0', subject };
}

function isAmount(value: number): boolean {
  return value >= 0 && value < Number.POSITIVE_INFINITY;
}

function loadRest(value: number, subject: string): Omit<Problem, 'code' | 'message' | 'field'> {
  return { value, limit: `0, or a number up to ${maxLoad}`, subject, remedy: remedyFor(value) };
}

function remedyFor(value: number): string {
  if (value > maxLoad) return 'Measure in a larger unit.';
  return value > 0
    ? `Measure in a smaller unit: from ${minCapacity} on.`
    : 'Report 0 where nothing is known.';
}

function isLoad(value: number): boolean {
  return value >= 0 && value <= maxLoad;
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}
