import { describe, expect, test } from 'bun:test';
import { Code, ConnectError, createRouterTransport, type HandlerContext } from '@connectrpc/connect';
import { nextTurn } from '../base/next-turn.ts';
import { createVirtualClock } from '../base/virtual-clock.ts';
import type { LoadBatch } from '../domain/telemetry-sample.ts';
import {
  type Acknowledgement,
  type ShardListing,
  TelemetryService,
} from '../gen/meshkit/rebalancer/v1/telemetry_service_pb.ts';
import { loadBatch, shard, start } from '../telemetry/telemetry.testing.ts';
import { problemsToConnectError } from '../wire/problem-status.ts';
import type { MeshClientError } from './client-error.ts';
import { createMeshClient } from './mesh-client.ts';
import { type PushOptions, pushLoads, pushShards, type ShardPush } from './push-telemetry.ts';

/** How the nth stream goes: how many batches it takes, and what comes then; without an end it takes all there are. */
interface Stream {
  readonly takes?: number;
  readonly end?: ConnectError | 'silence';
  readonly waitMs?: number;
}

const gone = () => new ConnectError('connection reset', Code.Unavailable);
const full = (lastAccepted: number) => {
  const error = problemsToConnectError([{ code: 'TELEMETRY_OVERLOADED', message: 'full' }]);
  error.metadata.set('retry-after', '2');
  error.metadata.set('meshkit-last-accepted-sequence', String(lastAccepted));
  return error;
};

/** A service whose streams go as told, the last one again and again; it remembers what came. */
function service(streams: readonly Stream[]) {
  const came: number[][] = [];
  const listings: (ShardListing | undefined)[] = [];
  const ended = async (end: ConnectError | 'silence', signal: AbortSignal): Promise<void> => {
    if (end !== 'silence') throw end;
    await new Promise<void>((done) => signal.addEventListener('abort', () => done()));
  };
  async function take(
    requests: AsyncIterable<{ batch?: { origin?: { sequence: bigint } } }>,
    { signal }: Pick<HandlerContext, 'signal'>,
  ) {
    const stream = streams[Math.min(came.length, streams.length - 1)];
    const sequences: number[] = [];
    came.push(sequences);
    if (stream?.end && stream.takes === 0) await ended(stream.end, signal);
    for await (const { batch } of requests) {
      sequences.push(Number(batch?.origin?.sequence));
      if (stream?.end && sequences.length >= (stream.takes ?? Number.POSITIVE_INFINITY))
        await ended(stream.end, signal);
    }
    const lastAcceptedSequence = BigInt(sequences.at(-1) ?? 0);
    return {
      acknowledgement: { source: 'agent', lastAcceptedSequence, waitMs: BigInt(stream?.waitMs ?? 0) },
    };
  }
  const transport = createRouterTransport((router) => {
    router.service(TelemetryService, {
      pushLoads: take,
      async pushShards(requests, context) {
        return take(
          (async function* () {
            for await (const request of requests) {
              listings.push(request.batch?.listing);
              yield request;
            }
          })(),
          context,
        );
      },
    });
  });
  return { came, listings, client: createMeshClient({ address: 'http://mesh', rpcTransport: transport }) };
}

async function* each<T>(...items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const batches = (count: number): AsyncIterable<LoadBatch> =>
  each(...Array.from({ length: count }, (_, at) => loadBatch(start + at, [['s1', 0, 1]])));

async function run(streams: readonly Stream[], push: (options: PushOptions) => Promise<void>) {
  const clock = createVirtualClock(start);
  const stopping = new AbortController();
  const { came, listings, client } = service(streams);
  const acknowledged: number[] = [];
  const waits: number[] = [];
  let thrown: MeshClientError | undefined;
  let over = false;
  const pushing = push({
    client,
    address: 'http://mesh',
    clock,
    source: 'agent',
    incarnation: 7,
    signal: stopping.signal,
    onAcknowledged: (each: Acknowledgement) => acknowledged.push(Number(each.lastAcceptedSequence)),
    onRetry: (waitMs) => waits.push(waitMs),
  })
    .catch((error: MeshClientError) => {
      thrown = error;
    })
    .finally(() => {
      over = true;
    });
  for (let passed = 0; passed < 1_000_000 && !over; passed += 250) await clock.advance(250);
  const tookMs = clock.now() - start;
  stopping.abort();
  await pushing;
  await nextTurn();
  return { came, listings, acknowledged, waits, thrown, tookMs, timers: clock.pendingTimers() };
}

describe('pushing telemetry', () => {
  test('numbers batches from 1 and ends when everything is acknowledged', async () => {
    const { came, acknowledged, timers } = await run([{}], (options) => pushLoads(options, batches(5)));
    expect(came).toEqual([[1, 2, 3, 4, 5]]);
    expect(acknowledged).toEqual([5]);
    expect(timers).toBe(0);
  });

  test('goes on after a lost connection with everything that was not acknowledged', async () => {
    const streams = [{ takes: 2, end: gone() }, { takes: 0, end: gone() }, {}];
    const { came, acknowledged, waits } = await run(streams, (options) => pushLoads(options, batches(4)));
    expect(came.slice(0, 2)).toEqual([[1, 2], []]);
    expect(came.at(-1)).toEqual([1, 2, 3, 4]);
    expect(acknowledged).toEqual([4]);
    expect(waits).toEqual([250, 500]);
  });

  test('goes on where nothing was taken or answered for a minute', async () => {
    const streams = [{ takes: 2, end: 'silence' as const }, { takes: 0, end: 'silence' as const }, {}];
    const { came, acknowledged, waits, thrown, timers } = await run(streams, (options) =>
      pushLoads(options, batches(4)),
    );
    expect(thrown).toBeUndefined();
    expect(came.slice(0, 2)).toEqual([[1, 2], []]);
    expect(came.at(-1)).toEqual([1, 2, 3, 4]);
    expect(acknowledged).toEqual([4]);
    expect(waits).toEqual([250, 500]);
    expect(timers).toBe(0);
  });

  test('waits as long as a full service says and goes on after the last accepted batch', async () => {
    const streams = [{ takes: 3, end: full(2) }, {}];
    const { came, waits, thrown } = await run(streams, (options) => pushLoads(options, batches(4)));
    expect(thrown).toBeUndefined();
    expect(came).toEqual([
      [1, 2, 3],
      [3, 4],
    ]);
    expect(waits).toEqual([2_000]);
  });

  test('slows down when an acknowledgement asks for it', async () => {
    const { came, tookMs } = await run([{ waitMs: 5_000 }], (options) => pushLoads(options, batches(130)));
    expect(came.map((sequences) => sequences.length)).toEqual([64, 64, 2]);
    expect(tookMs).toBeGreaterThanOrEqual(10_000);
  });

  test('has what came acknowledged when nothing more comes for a while', async () => {
    async function* slow(options: PushOptions): AsyncGenerator<LoadBatch> {
      yield loadBatch(start, [['s1', 0, 1]]);
      await options.clock.sleep(60_000, options.signal);
      yield loadBatch(start + 1, [['s1', 0, 1]]);
    }
    const { came, acknowledged } = await run([{}], (options) => pushLoads(options, slow(options)));
    expect(came).toEqual([[1], [2]]);
    expect(acknowledged).toEqual([1, 2]);
  });

  test('says in every part of a listing where it began, and in the last where it ends', async () => {
    const part = (begins: boolean, ends: boolean): ShardPush => ({
      namespace: 'orders',
      shards: [shard('s1', ['n1'])],
      listing: { begins, ends },
    });
    const change: ShardPush = { namespace: 'orders', shards: [shard('s1', ['n2'], { version: 2 })] };
    const { listings } = await run([{}], (options) =>
      pushShards(options, each(change, part(true, false), part(false, false), part(false, true), change)),
    );
    const numbers = listings.map((each) => each && [Number(each.firstSequence), Number(each.lastSequence)]);
    expect(numbers).toEqual([undefined, [2, 0], [2, 0], [2, 4], undefined]);
  });

  test('gives up when it is refused, and when nobody answers for long', async () => {
    const refused = problemsToConnectError([{ code: 'TELEMETRY_NOT_PUSHED', message: 'fetched' }]);
    const one = await run([{ takes: 1, end: refused }], (options) => pushLoads(options, batches(2)));
    expect(one.thrown?.problems[0].code).toBe('TELEMETRY_NOT_PUSHED');
    const other = await run([{ takes: 0, end: gone() }], (options) => pushLoads(options, batches(2)));
    expect(other.thrown?.unreachable).toBe(true);
    expect(other.waits.length).toBeGreaterThan(20);
  });
});
