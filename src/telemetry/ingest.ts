import { ProblemError } from '../domain/problem.ts';
import type { ShardRegistry } from '../ports/shard-registry.ts';
import type { BackpressureSource, LoadSource, PeerSource } from '../ports/telemetry-sources.ts';
import type { TelemetrySource } from './counters.ts';
import { keepSubscribed, type SourceTransition, type SubscriptionContext } from './subscription.ts';

export interface IngestOptions extends Omit<SubscriptionContext, 'onTransition'> {
  readonly registry: ShardRegistry;
  readonly loads: LoadSource;
  readonly peers: PeerSource;
  readonly backpressure: BackpressureSource;
  /** Told when a source is lost and when it is back. */
  readonly onTransition?: (transition: SourceTransition) => void;
}

export interface Ingest {
  /** How far every source is behind. */
  lags(): readonly SourceLag[];
  /** Resolves when the signal has aborted and every subscription has ended; never rejects. */
  readonly done: Promise<void>;
}

export interface SourceLag {
  readonly source: TelemetrySource;
  readonly connected: boolean;
  /** Milliseconds since its newest sample; for a connected registry 0, Infinity when it never delivered. */
  readonly lagMs: number;
}

/**
 * A stream that has neither failed nor delivered for so long counts as connected: a fleet without queues has no
 * backpressure to tell.
 */
const settleMs = 5_000;

/**
 * Keeps every source subscribed until the signal aborts. Shards are listed, then watched from the listing's position;
 * after a lost connection the watch resumes where it was, and only when the registry no longer has that position are
 * they listed again. Loads begin after the first listing, because a load of a shard that is not known yet is lost.
 */
export function startIngest(options: IngestOptions): Ingest {
  const { telemetry, clock, signal } = options;
  const context = { ...options, onTransition: options.onTransition ?? (() => {}) };
  const listed = createGate(signal);
  const { namespace } = telemetry;

  const subscriptions = [
    keepSubscribed('shards', context, shardSession(options, listed.open)),
    keepSubscribed('loads', context, async (alive) => {
      await listed.opened;
      await readSamples(context, options.loads.watch(namespace, signal), alive, telemetry.acceptLoads);
    }),
    keepSubscribed('peers', context, (alive) =>
      readSamples(context, options.peers.watch(signal), alive, telemetry.acceptPeers),
    ),
    keepSubscribed('backpressure', context, (alive) =>
      readSamples(context, options.backpressure.watch(signal), alive, telemetry.acceptBackpressure),
    ),
  ];

  return {
    lags: () =>
      telemetry.sources().map(({ source, connected, newestAt }) => {
        const isCurrent = source === 'shards' && connected && newestAt > 0;
        const age = newestAt === 0 ? Number.POSITIVE_INFINITY : Math.max(0, clock.now() - newestAt);
        return { source, connected, lagMs: isCurrent ? 0 : age };
      }),
    done: Promise.all(subscriptions).then(() => {}),
  };
}

/** List, then watch; on the next call probe and resume. */
function shardSession(
  { telemetry, registry, signal }: IngestOptions,
  onListed: () => void,
): (alive: () => void) => Promise<void> {
  const { namespace } = telemetry;
  let position: number | undefined;
  let lastShard = '';

  async function list(): Promise<number> {
    let listedAt = 0;
    telemetry.beginShardListing();
    try {
      for await (const page of registry.list(namespace, signal)) {
        telemetry.acceptShardPage(page);
        listedAt = page.position;
        lastShard = page.shards.at(-1)?.shard ?? lastShard;
      }
      if (!signal.aborted) telemetry.endShardListing();
    } finally {
      telemetry.abandonShardListing();
    }
    return listedAt;
  }

  /** A watch is silent while nothing changes, and so is one that never got through: ask something first. */
  async function probe(): Promise<void> {
    const answer = await registry.get(namespace, lastShard, signal);
    if (!answer.ok && answer.error.code !== 'SHARD_NOT_FOUND') throw new ProblemError(answer.error);
  }

  async function watch(from: number): Promise<void> {
    try {
      for await (const change of registry.watch(namespace, from, signal)) {
        telemetry.acceptShardChange(change);
        position = change.position;
      }
    } catch (error) {
      // The registry forgot where we were, or is another one than before.
      if (isTooOld(error)) position = undefined;
      throw error;
    }
  }

  return async (alive) => {
    if (position !== undefined) {
      await probe();
      alive();
      try {
        await watch(position);
        return;
      } catch (error) {
        if (!isTooOld(error)) throw error;
      }
    }
    position = await list();
    if (signal.aborted) return;
    alive();
    onListed();
    await watch(position);
  };
}

function isTooOld(error: unknown): boolean {
  return error instanceof ProblemError && error.problems[0].code === 'RESUME_TOKEN_INVALID';
}

async function readSamples<T>(
  { clock }: SubscriptionContext,
  samples: AsyncIterable<T>,
  alive: () => void,
  accept: (sample: T) => void,
): Promise<void> {
  const cancel = clock.schedule(settleMs, alive);
  try {
    for await (const sample of samples) {
      alive();
      accept(sample);
    }
  } finally {
    cancel();
  }
}

/** A promise that opens once; it opens as well when the signal aborts, so that nobody waits for ever. */
function createGate(signal: AbortSignal): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  return { opened, open };
}
