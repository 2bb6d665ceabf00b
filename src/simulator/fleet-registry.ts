import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import { shardStatuses } from '../domain/snapshot.ts';
import type { ReplicaSet, ShardChange } from '../domain/telemetry-sample.ts';
import { type FleetState, rowsOf } from './fleet-state.ts';
import type { FleetTime } from './fleet-time.ts';
import type { ShardHistory } from './shard-history.ts';

/** Who owns which shard, in which version, and how that changed. */
export interface FleetRegistry {
  readonly size: number;
  /** Position of the newest change. */
  head(): number;
  /** Position after which every change is retained. */
  oldest(): number;
  version(shard: number): number;
  replicaSet(shard: number): ReplicaSet;
  changeTicket(shard: number): string;
  /** Applies `change` to the state and records it: the version and the position rise. Answers the new version. */
  record(shard: number, history: Omit<ShardHistory, 'previousOwner'>, change: () => void): number;
  /**
   * At most `limit` changes after the position. RESUME_TOKEN_INVALID when it is from the future or no longer
   * retained: list again.
   */
  changesAfter(position: number, limit: number): Result<readonly RegistryChange[], Problem>;
  /** Calls the listener after every change; returns how to stop. */
  onChange(listener: () => void): () => void;
}

export interface RegistryChange extends ShardChange {
  readonly previous: ReplicaSet;
  readonly history: ShardHistory;
}

/** Changes that a watcher may be behind. */
export const maxRetainedChanges = 100_000;

export function createFleetRegistry(state: FleetState, time: FleetTime): FleetRegistry {
  const { shards, namespace } = state.blueprint;
  const versions = Float64Array.from(shards.versions, (version) => Math.max(1, version));
  const updatedAt = new Float64Array(shards.ids.length).fill(time.stamp());
  const tickets = new Map<number, string>();
  const listeners = new Set<() => void>();
  // Positions of a fleet that was started anew lie after those of the one before, so that a stale token is noticed.
  const start = Math.trunc(time.stamp());
  const log: RegistryChange[] = [];
  let dropped = 0;

  function replicaSet(shard: number): ReplicaSet {
    const [first, end] = rowsOf(state, shard);
    const replicas = [];
    for (let row = first; row < end; row++) {
      replicas.push({
        number: shards.replicaNumbers[row] ?? 0,
        node: state.blueprint.nodes[state.replicaNodes[row] ?? 0]?.id ?? '',
        leads: state.replicaLeads[row] === 1,
        bytes: shards.replicaBytes[row] ?? 0,
      });
    }
    return {
      namespace,
      shard: shards.ids[shard] ?? '',
      version: versions[shard] ?? 1,
      status: shardStatuses[shards.statuses[shard] ?? 0] ?? 'unspecified',
      group: shards.groupNames[shards.groups[shard] ?? -1] ?? '',
      replicas,
      updatedAt: updatedAt[shard] ?? 0,
    };
  }

  const head = (): number => start + dropped + log.length;

  const oldest = (): number => start + dropped;

  return {
    size: shards.ids.length,
    head,
    oldest,
    version: (shard) => versions[shard] ?? 1,
    replicaSet,
    changeTicket: (shard) => tickets.get(shard) ?? '',
    record(shard, history, change) {
      const previous = replicaSet(shard);
      change();
      const version = (versions[shard] ?? 1) + 1;
      versions[shard] = version;
      updatedAt[shard] = time.stamp();
      if (history.changeTicket !== '') tickets.set(shard, history.changeTicket);
      const before = owner(previous);
      const current = replicaSet(shard);
      const previousOwner = before === owner(current) ? '' : before;
      log.push({
        position: head() + 1,
        current,
        removed: false,
        previous,
        history: { ...history, previousOwner },
      });
      if (log.length > maxRetainedChanges * 2)
        dropped += log.splice(0, log.length - maxRetainedChanges).length;
      for (const listener of [...listeners]) listener();
      return version;
    },
    changesAfter(position, limit) {
      if (position < oldest() || position > head()) {
        return err({
          code: 'RESUME_TOKEN_INVALID',
          message: `the registry retains changes after ${oldest()} up to ${head()}, not after ${position}`,
          value: position,
          limit: `${oldest()}..${head()}`,
          remedy: 'List the shards again and watch from the position of that listing.',
        });
      }
      return ok(log.slice(position - oldest(), position - oldest() + limit));
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function owner(set: ReplicaSet): string {
  return (set.replicas.find((each) => each.leads) ?? set.replicas[0])?.node ?? '';
}
