import type { Clock } from '../../base/clock.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type Problem, ProblemError } from '../../domain/problem.ts';
import type { ReplicaSet, ShardChange } from '../../domain/telemetry-sample.ts';
import type { ShardPage } from '../../ports/shard-registry.ts';
import {
  type BatchOrigin,
  noCounts,
  type PushCounts,
  type PushedSamples,
} from '../../ports/telemetry-intake.ts';
import { createPushedShards, type ShardOutcome } from './pushed-shards.ts';
import { createShardListings } from './shard-listing.ts';
import { silence, silenceError } from './silence.ts';
import { isSkewed } from './skew.ts';

/** The shards of one namespace: agents push into it, the registry's port reads from it. */
export interface ShardIntake {
  /** Takes a batch that was not taken before. */
  take(origin: BatchOrigin, samples: Extract<PushedSamples, { kind: 'shards' }>): PushCounts;
  /** Begins when a first listing is whole. */
  list(signal: AbortSignal): AsyncIterable<ShardPage>;
  /** RESUME_TOKEN_INVALID; FLEET_UNREACHABLE when no agent has pushed for a minute. */
  watch(position: number, signal: AbortSignal): AsyncIterable<ShardChange>;
  /** SHARD_NOT_FOUND; FLEET_UNREACHABLE as in `watch`. */
  get(shard: string): Result<ReplicaSet, Problem>;
}

/** An agent pushes an empty batch when nothing changes; a minute without any is an agent that is gone. */
const silenceMs = 60_000;
const pageSize = 1_000;

export function createShardIntake(namespace: string, clock: Clock): ShardIntake {
  const shards = createPushedShards();
  const listings = createShardListings();
  const wakeUps = new Set<() => void>();
  const what = `shards of ${namespace}`;
  let isListed = false;
  let lastAt = clock.now();

  function wake(): void {
    for (const each of [...wakeUps]) each();
  }

  /** Resolves when something was pushed, the time is over or the signal aborts. */
  function nextPush(signal: AbortSignal, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const cancel = clock.schedule(withinMs, done);
      function done(): void {
        cancel();
        wakeUps.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      }
      wakeUps.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  return {
    take(origin, { shards: present, removed, listing }) {
      const counts = { ...noCounts };
      const began = shards.position();
      const count = (set: ReplicaSet, apply: (set: ReplicaSet) => ShardOutcome): void => {
        const outcome = set.namespace === namespace ? apply(set) : 'foreign';
        if (outcome === 'known') counts.duplicate++;
        else counts[outcome]++;
        if (outcome === 'accepted' && isSkewed(set.updatedAt, clock)) counts.skewed++;
      };
      // The listing's generation begins before its first shards are named.
      const generation = listing ? listings.take(origin, listing, shards.beginGeneration) : undefined;
      for (const set of present) count(set, shards.put);
      for (const set of removed) count(set, shards.remove);
      if (generation !== undefined) {
        shards.removeUnnamedSince(generation);
        isListed = true;
      }
      lastAt = clock.now();
      // Also for an empty batch: readers see that agents are there.
      if (shards.position() !== began || generation !== undefined || present.length === 0) wake();
      return counts;
    },
    async *list(signal) {
      while (!isListed && !signal.aborted) await nextPush(signal, silenceMs);
      if (signal.aborted) return;
      const position = shards.position();
      let page: ReplicaSet[] = [];
      for (const set of shards.all()) {
        page.push(set);
        if (page.length < pageSize) continue;
        yield { shards: page, position };
        page = [];
      }
      yield { shards: page, position };
    },
    async *watch(from, signal) {
      let position = from;
      while (!signal.aborted) {
        const change = shards.changeAfter(position);
        if (change === 'lost') throw new ProblemError(lostPosition(position));
        if (change !== 'none') {
          yield change;
          position = change.position;
          continue;
        }
        const leftMs = lastAt + silenceMs - clock.now();
        if (leftMs <= 0) throw silenceError(what, silenceMs);
        await nextPush(signal, leftMs);
      }
    },
    get(shard) {
      if (lastAt + silenceMs <= clock.now()) return err(silence(what, silenceMs));
      const set = shards.get(shard);
      if (set) return ok(set);
      return err({
        code: 'SHARD_NOT_FOUND',
        message: `no agent has pushed a shard ${shard} of ${namespace}`,
        subject: `shard/${shard}`,
      });
    },
  };
}

function lostPosition(position: number): Problem {
  return {
    code: 'RESUME_TOKEN_INVALID',
    message: `position ${position} is not one of the changes that are retained`,
    value: position,
  };
}
