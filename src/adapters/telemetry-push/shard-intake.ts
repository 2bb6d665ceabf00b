import type { Clock } from '../../base/clock.ts';
import { nextTurn } from '../../base/next-turn.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { createWakeUps } from '../../base/wake-ups.ts';
import { type Problem, ProblemError } from '../../domain/problem.ts';
import type { ReplicaSet, ShardChange } from '../../domain/telemetry-sample.ts';
import type { ShardPage } from '../../ports/shard-registry.ts';
import {
  type BatchOrigin,
  noCounts,
  type PushCounts,
  type PushedSamples,
} from '../../ports/telemetry-intake.ts';
import { maxWaiting } from './push-queue.ts';
import { createPushedShards, type ShardOutcome } from './pushed-shards.ts';
import { createShardListings } from './shard-listing.ts';
import { silence, silenceError, unlisted } from './silence.ts';
import { isSkewed } from './skew.ts';

/** The shards of one namespace: agents push into it, the registry's port reads from it. */
export interface ShardIntake {
  /**
   * Takes the batch if `isNew` says so when it is its turn. Batches are taken one after another, and readers follow
   * before the next one, so that they never fall behind what is retained.
   *
   * @returns undefined when too many wait for their turn
   */
  take(
    origin: BatchOrigin,
    samples: PushedShardSamples,
    isNew: () => boolean,
  ): Promise<PushCounts | undefined>;
  /** Whether no listing was whole yet. */
  wantsListing(): boolean;
  /** Begins when a first listing is whole. */
  list(signal: AbortSignal): AsyncIterable<ShardPage>;
  /** RESUME_TOKEN_INVALID; FLEET_UNREACHABLE when no agent has pushed for a minute. */
  watch(position: number, signal: AbortSignal): AsyncIterable<ShardChange>;
  /** SHARD_NOT_FOUND; FLEET_UNREACHABLE as in `watch`, and before a first listing is whole. */
  get(shard: string): Result<ReplicaSet, Problem>;
}

type PushedShardSamples = Extract<PushedSamples, { kind: 'shards' }>;

/** An agent pushes an empty batch when nothing changes; a minute without any is an agent that is gone. */
const silenceMs = 60_000;
const pageSize = 1_000;

export function createShardIntake(namespace: string, clock: Clock): ShardIntake {
  const shards = createPushedShards();
  const listings = createShardListings();
  const changes = createWakeUps(clock);
  const what = `shards of ${namespace}`;
  let isListed = false;
  let turn = Promise.resolve();
  let waiting = 0;
  let lastAt = clock.now();

  function apply(origin: BatchOrigin, { shards: present, removed, listing }: PushedShardSamples): PushCounts {
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
    if (shards.position() !== began || generation !== undefined) changes.wake();
    return counts;
  }

  return {
    async take(origin, samples, isNew) {
      if (waiting >= maxWaiting) return undefined;
      waiting++;
      const taken = turn.then(async () => {
        const counts = isNew() ? apply(origin, samples) : noCounts;
        await nextTurn();
        waiting--;
        return counts;
      });
      turn = taken.then(() => {});
      return taken;
    },
    wantsListing: () => !isListed,
    async *list(signal) {
      while (!isListed && !signal.aborted) await changes.next(signal, silenceMs);
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
        await changes.next(signal, leftMs);
      }
    },
    get(shard) {
      // A shard that nobody has told yet, after a start, must not be taken for one that is gone.
      if (!isListed) return err(unlisted(namespace));
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
