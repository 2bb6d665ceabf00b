import { err, ok, type Result } from '../base/result.ts';
import type { AdminState } from '../domain/node.ts';
import type { Policy } from '../domain/policy.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { digestSnapshot } from '../domain/snapshot-digest.ts';
import { freezeNodes } from './freeze-nodes.ts';
import { chooseShards, freezeLoads, freezeReplicas, freezeShards, layOutRows } from './freeze-rows.ts';
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
  const { cluster, namespace, now, shards } = input;
  const oldest = now - input.policy.telemetry.maxAgeMs;
  const frozen = freezeNodes(input, oldest);
  const table = shards.columns();
  const chosen = chooseShards(shards, table, frozen.indexBySlot);
  if (frozen.nodes.length === 0 || chosen.ids.length === 0) return err([emptiness(input)]);

  const layout = layOutRows(table, chosen);
  const isAlive = Uint8Array.from(frozen.nodes, (node) => (node.status === 'alive' ? 1 : 0));
  const columns = { ...freezeShards(table, chosen), ...freezeReplicas(table, layout, frozen.indexBySlot) };
  const loads = freezeLoads(frozen.columns, layout, columns.replicaNodes, isAlive, oldest);
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
  forgetTheGone(input, table, oldest);
  return ok({ ...content, digest: digestSnapshot(content) });
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
 * A node that gossip does not name for so many times the age at which samples are stale is no longer one of the fleet's,
 * though it never said that it left: machines are replaced.
 */
const agesUntilGone = 4;

/**
 * Forgets nodes that hold nothing and left or vanished, and names that only replicas since gone used, so that a fleet
 * whose nodes come and go stays bounded, and whole by the measure of its completeness.
 *
 * @param oldest what was observed before is stale, milliseconds since the epoch
 */
function forgetTheGone(input: FreezeInput, table: ShardColumns, oldest: number): void {
  const { nodes, queues, now } = input;
  const { slots } = input.shards.sorted();
  // While gossip as a whole is silent, so is every node.
  const isHeard = input.sources.some((each) => each.source === 'peers' && each.newestAt >= oldest);
  const vanishedBefore = isHeard ? now - agesUntilGone * (now - oldest) : Number.NEGATIVE_INFINITY;
  const candidates: number[] = [];
  for (let slot = 0, end = nodes.slotEnd(); slot < end; slot++) {
    const sample = nodes.sample(slot);
    const goneBefore = sample?.status === 'left' ? oldest : vanishedBefore;
    const isGone = sample === undefined || sample.observedAt < goneBefore;
    if (isGone && nodes.name(slot) !== undefined) candidates.push(slot);
  }
  if (candidates.length > 0) {
    const holds = new Uint8Array(nodes.slotEnd());
    for (let s = 0, count = slots.length; s < count; s++) {
      const end = table.rowStarts[slots[s]] + table.rowCounts[slots[s]];
      for (let row = table.rowStarts[slots[s]]; row < end; row++) holds[table.nodes[row]] = 1;
    }
    for (const slot of candidates) {
      if (holds[slot] === 1) continue;
      queues.forget(nodes.name(slot) ?? '');
      nodes.forget(slot);
    }
  }
  for (const name of queues.nodes()) {
    if (nodes.slotOf(name) === undefined && queues.coverageOf(name, oldest).fresh === 0) queues.forget(name);
  }
}
