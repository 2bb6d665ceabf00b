import { type CallOptions, ConnectError } from '@connectrpc/connect';
import type { Clock } from '../base/clock.ts';
import type { BackpressureSample, LoadBatch, PeerSample, ReplicaSet } from '../domain/telemetry-sample.ts';
import type { Acknowledgement } from '../gen/meshkit/rebalancer/v1/telemetry_service_pb.ts';
import { lastAcceptedHeader } from '../wire/header-names.ts';
import {
  loadsToMessage,
  originToMessage,
  peersToMessage,
  queuesToMessage,
  shardsToMessage,
} from '../wire/telemetry-codec.ts';
import { clientErrorOf, type MeshClientError } from './client-error.ts';
import type { MeshClient } from './mesh-client.ts';
import { answerUnlessSilent } from './unless-silent.ts';
import { createUpcoming } from './upcoming.ts';

export interface PushOptions {
  readonly client: MeshClient;
  /** For error messages. */
  readonly address: string;
  readonly clock: Clock;
  /** The agent's id, the same after a restart. */
  readonly source: string;
  /** Greater after every restart, for instance the start in milliseconds since the epoch. */
  readonly incarnation: number;
  readonly signal: AbortSignal;
  /** Called whenever the service has taken everything that was sent so far. */
  readonly onAcknowledged?: (acknowledgement: Acknowledgement) => void;
  /** Called when the connection was lost or the service had no room, with the wait before it is tried again. */
  readonly onRetry?: (waitMs: number) => void;
}

/** Shards of a namespace, as part of a listing of all of them or as what changed. */
export interface ShardPush {
  readonly namespace: string;
  readonly shards: readonly ReplicaSet[];
  /** As they were last known. */
  readonly removed?: readonly ReplicaSet[];
  /** Given for a listing's parts, in order; `begins` and `ends` both when there is only one. */
  readonly listing?: { readonly begins: boolean; readonly ends: boolean };
}

/** Batches sent and not acknowledged: they are kept to be sent again. */
const maxUnacknowledged = 64;
/** A stream ends, to be acknowledged, when nothing new came for so long. */
const lingerMs = 500;
/**
 * A stream of which the service takes nothing for so long, and which it does not answer, is lost: the deadline of calls that answer
 * once, since what was taken may have to be worked on first.
 */
const silenceMs = 60_000;
/** First and longest wait before what was lost is sent again, and how often in a row it is tried. */
const firstWaitMs = 250;
const longestWaitMs = 30_000;
const maxAttempts = 30;

/**
 * Pushes batches of shards: numbered, in order, across lost connections, no faster than the service takes them. Resolves
 * when the iterable has ended and everything is acknowledged, or when the signal aborts.
 *
 * @throws MeshClientError when the service refuses, or does not answer `maxAttempts` times in a row
 */
export function pushShards(options: PushOptions, batches: AsyncIterable<ShardPush>): Promise<void> {
  let firstSequence = 0;
  return pushBatches(options, batches, {
    encode({ namespace, shards, removed = [], listing }, sequence) {
      if (listing?.begins) firstSequence = sequence;
      const part = listing && { listing: { firstSequence, lastSequence: listing.ends ? sequence : 0 } };
      return shardsToMessage(originOf(options, sequence), { namespace, shards, removed, ...part });
    },
    send: options.client.telemetry.pushShards,
  });
}

/** The same for loads; at most 20 000 rows in a batch. */
export function pushLoads(options: PushOptions, batches: AsyncIterable<LoadBatch>): Promise<void> {
  return pushBatches(options, batches, {
    encode: (batch, sequence) => loadsToMessage(originOf(options, sequence), batch),
    send: options.client.telemetry.pushLoads,
  });
}

/** The same for peers; at most 5000 in a batch. */
export function pushPeers(
  options: PushOptions,
  batches: AsyncIterable<readonly PeerSample[]>,
): Promise<void> {
  return pushBatches(options, batches, {
    encode: (peers, sequence) => peersToMessage(originOf(options, sequence), peers),
    send: options.client.telemetry.pushPeers,
  });
}

/** The same for queues; at most 5000 in a batch. */
export function pushBackpressure(
  options: PushOptions,
  batches: AsyncIterable<readonly BackpressureSample[]>,
): Promise<void> {
  return pushBatches(options, batches, {
    encode: (queues, sequence) => queuesToMessage(originOf(options, sequence), queues),
    send: options.client.telemetry.pushBackpressure,
  });
}

interface Kind<B, M> {
  encode(batch: B, sequence: number): M;
  send(
    requests: AsyncIterable<{ readonly batch: M }>,
    options: CallOptions,
  ): Promise<{ readonly acknowledgement?: Acknowledgement }>;
}

interface Sent<M> {
  readonly sequence: number;
  readonly batch: M;
}

function originOf({ source, incarnation }: PushOptions, sequence: number) {
  return originToMessage({ source, incarnation, sequence });
}

async function pushBatches<B, M>(
  options: PushOptions,
  batches: AsyncIterable<B>,
  kind: Kind<B, M>,
): Promise<void> {
  const { clock, signal } = options;
  const upcoming = createUpcoming(batches, clock);
  let unacknowledged: readonly Sent<M>[] = [];
  let sequence = 0;
  let isOver = false;
  let failures = 0;

  /** Takes the next batch; answers whether there was one in time. */
  async function take(withinMs: number): Promise<boolean> {
    if (isOver || unacknowledged.length >= maxUnacknowledged) return false;
    const next = await upcoming.next(withinMs, signal);
    if (next === 'later') return false;
    isOver = next === undefined;
    if (!next) return false;
    sequence++;
    unacknowledged = [...unacknowledged, { sequence, batch: kind.encode(next.item, sequence) }];
    return true;
  }

  /** What was not acknowledged, then what comes while it comes without a pause. */
  async function* requests(
    sent: { upTo: number },
    onTaken: () => void,
  ): AsyncGenerator<{ readonly batch: M }> {
    do {
      for (const each of unacknowledged.filter(({ sequence }) => sequence > sent.upTo)) {
        sent.upTo = each.sequence;
        yield { batch: each.batch };
        onTaken();
      }
    } while (await take(lingerMs));
  }

  try {
    while (!signal.aborted && !(isOver && unacknowledged.length === 0)) {
      // A stream is opened when there is something to send.
      if (unacknowledged.length === 0 && !(await take(longestWaitMs))) continue;
      const sent = { upTo: 0 };
      let waitMs = 0;
      try {
        const { acknowledgement } = await answerUnlessSilent(
          (either, onTaken) => kind.send(requests(sent, onTaken), { signal: either, timeoutMs: 0 }),
          { ...options, silenceMs },
        );
        failures = 0;
        unacknowledged = unacknowledged.filter((each) => each.sequence > sent.upTo);
        waitMs = Number(acknowledgement?.waitMs ?? 0n);
        if (acknowledgement?.source) options.onAcknowledged?.(acknowledgement);
      } catch (thrown) {
        if (signal.aborted) return;
        const lost = lossOf(thrown, options.address);
        failures = lost.isFull ? 0 : failures + 1;
        if (failures >= maxAttempts) throw lost.error;
        unacknowledged = unacknowledged.filter((each) => each.sequence > lost.lastAcceptedSequence);
        waitMs = lost.waitMs || Math.min(longestWaitMs, firstWaitMs * 2 ** Math.max(0, failures - 1));
        options.onRetry?.(waitMs);
      }
      if (waitMs > 0) await clock.sleep(waitMs, signal);
    }
  } finally {
    upcoming.leave();
  }
}

interface Loss {
  readonly error: MeshClientError;
  readonly isFull: boolean;
  /** 0 where the service did not say. */
  readonly waitMs: number;
  readonly lastAcceptedSequence: number;
}

/** What to make of a stream that broke. Throws what sending it again does not heal. */
function lossOf(thrown: unknown, address: string): Loss {
  const error = clientErrorOf(thrown, address);
  const [{ code }] = error.problems;
  const isFull = code === 'TELEMETRY_OVERLOADED' || code === 'RATE_LIMITED';
  if (!error.unreachable && !isFull && code !== 'SERVICE_STOPPING') throw error;
  const metadata = thrown instanceof ConnectError ? thrown.metadata : new Headers();
  return {
    error,
    isFull,
    waitMs: Number(metadata.get('retry-after') ?? 0) * 1_000,
    lastAcceptedSequence: Number(metadata.get(lastAcceptedHeader) ?? 0),
  };
}
