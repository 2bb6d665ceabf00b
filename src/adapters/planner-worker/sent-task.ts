import type { ShardTable, Snapshot } from '../../domain/snapshot.ts';
import { type PlannerTask, policyOf } from './planner-task.ts';
import { shareColumns } from './share-columns.ts';

/** A task in the form in which it goes to threads, however many: posting it takes little of the caller's time. */
export interface SentTask {
  /** Its snapshot has no shard ids. */
  readonly task: PlannerTask;
  /** JSON of them: a third of a million texts one by one take a tenth of a second to post, a single one no time. */
  readonly shardIds: string;
}

/**
 * The snapshot's columns go into shared memory, unless the policy names extensions. The planner never writes to a snapshot;
 * an extension might, by mistake. So its threads get copies of their own: what one lane does is not to change what
 * another one finds.
 */
export function sendTask(task: PlannerTask): SentTask {
  const { shards } = snapshotOf(task);
  const columns = policyOf(task).placement.extensions.length > 0 ? shards : shareColumns(shards);
  return { task: withShards(task, { ...columns, ids: [] }), shardIds: JSON.stringify(shards.ids) };
}

/** The task as it was before `sendTask`. */
export function receiveTask({ task, shardIds }: SentTask): PlannerTask {
  // Ours: nothing else posts orders.
  const ids = JSON.parse(shardIds) as readonly string[];
  return withShards(task, { ...snapshotOf(task).shards, ids });
}

function snapshotOf(task: PlannerTask): Snapshot {
  return task.kind === 'plan' ? task.request.snapshot : task.request.planning.snapshot;
}

function withShards(task: PlannerTask, shards: ShardTable): PlannerTask {
  const snapshot = { ...snapshotOf(task), shards };
  if (task.kind === 'plan') return { kind: 'plan', request: { ...task.request, snapshot } };
  const planning = { ...task.request.planning, snapshot };
  return { kind: 'explain', request: { ...task.request, planning } };
}
