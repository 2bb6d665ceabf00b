import type { ReplicaSet, ShardChange } from '../../domain/telemetry-sample.ts';
import { maxShards } from '../../telemetry/fleet-telemetry.ts';
import { isSoundReplicaSet, maxReplicasPerShard } from '../../telemetry/sample-checks.ts';

/**
 * The shards of one namespace as agents have pushed them: of every shard the newest version, whoever told it, and the
 * latest changes by position.
 */
export interface PushedShards {
  /** Takes what is newer than what is held. */
  put(set: ReplicaSet): ShardOutcome;
  /** Takes out the shard as it was last known; one that has a newer version by now stays. */
  remove(set: ReplicaSet): ShardOutcome;
  /** From now on a new generation begins; its number. */
  beginGeneration(): number;
  /** Removes every shard that no `put` named since the generation began. */
  removeUnnamedSince(generation: number): void;
  get(shard: string): ReplicaSet | undefined;
  /** Live: goes on correctly while shards come and go. */
  all(): IterableIterator<ReplicaSet>;
  /** Of the newest change. */
  position(): number;
  /** The change after `position`; 'none' when it is the newest, 'lost' when it is not one that is retained. */
  changeAfter(position: number): ShardChange | 'none' | 'lost';
}

export type ShardOutcome = 'accepted' | 'known' | 'invalid' | 'overLimit';

/** Changes that a reader can be behind before it must list anew. */
export const maxRetainedChanges = 65_536;
/** Removed shards whose version is remembered, so that older news of them, overtaken on the way, does not bring them back. */
const maxRemembered = 65_536;

interface Entry {
  set: ReplicaSet;
  named: number;
}

export function createPushedShards(): PushedShards {
  const entries = new Map<string, Entry>();
  const removed = new Map<string, ReplicaSet>();
  const ring: (ShardChange | undefined)[] = [];
  let position = 0;
  let generation = 0;

  function record(current: ReplicaSet, isRemoval: boolean): void {
    position++;
    ring[position % maxRetainedChanges] = { position, current, removed: isRemoval };
  }

  function forget(set: ReplicaSet): void {
    entries.delete(set.shard);
    removed.delete(set.shard);
    const [oldest] = removed.keys();
    if (removed.size >= maxRemembered && oldest !== undefined) removed.delete(oldest);
    removed.set(set.shard, set);
    record(set, true);
  }

  return {
    put(set) {
      if (!isSoundReplicaSet(set)) {
        // Readers are told: a shard that cannot be read makes the picture less complete.
        if (set.replicas.length <= maxReplicasPerShard) record(set, false);
        return 'invalid';
      }
      const entry = entries.get(set.shard);
      if (entry) {
        entry.named = generation;
        if (!isNewer(set, entry.set)) return 'known';
        entry.set = set;
      } else {
        const before = removed.get(set.shard);
        if (before && set.version <= before.version && set.updatedAt <= before.updatedAt) return 'known';
        if (entries.size >= maxShards) return 'overLimit';
        removed.delete(set.shard);
        entries.set(set.shard, { set, named: generation });
      }
      record(set, false);
      return 'accepted';
    },
    remove(set) {
      if (!isSoundReplicaSet(set)) return 'invalid';
      const held = entries.get(set.shard)?.set;
      if (held && held.version > set.version) return 'known';
      if (held) {
        forget(set.updatedAt >= held.updatedAt ? set : held);
        return 'accepted';
      }
      const before = removed.get(set.shard);
      if (before && !isNewer(set, before)) return 'known';
      // Overtook the news of the shard itself: remembered for when that comes.
      forget(set);
      return 'accepted';
    },
    beginGeneration: () => ++generation,
    removeUnnamedSince(since) {
      for (const entry of entries.values()) if (entry.named < since) forget(entry.set);
    },
    get: (shard) => entries.get(shard)?.set,
    *all() {
      for (const entry of entries.values()) yield entry.set;
    },
    position: () => position,
    changeAfter(after) {
      if (after === position) return 'none';
      const change = ring[(after + 1) % maxRetainedChanges];
      return change?.position === after + 1 ? change : 'lost';
    },
  };
}

function isNewer(left: ReplicaSet, right: ReplicaSet): boolean {
  return (left.version - right.version || left.updatedAt - right.updatedAt) > 0;
}
