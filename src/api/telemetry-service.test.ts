import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { type Client, Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { collect } from '../adapters/telemetry-push/push-hub.testing.ts';
import { createPushHub, type PushHub } from '../adapters/telemetry-push/push-hub.ts';
import { maxWaitMs } from '../adapters/telemetry-push/push-queue.ts';
import { maxQueuedSamples } from '../adapters/telemetry-push/sample-intakes.ts';
import { createMeshClient } from '../client/mesh-client.ts';
import { pushLoads } from '../client/push-telemetry.ts';
import { namespace } from '../controller/rebalancer.testing.ts';
import { PeerStatus } from '../gen/meshkit/peers/v1/peer_health_pb.ts';
import { TelemetryService } from '../gen/meshkit/rebalancer/v1/telemetry_service_pb.ts';
import { loadBatch, peer, queue, shard } from '../telemetry/telemetry.testing.ts';
import {
  loadsToMessage,
  originToMessage,
  peersToMessage,
  queuesToMessage,
  shardsToMessage,
} from '../wire/telemetry-codec.ts';
import { type ApiBench, createApiBench, everybodyIs, refusal } from './api.testing.ts';
import { createApiHandler } from './api-handler.ts';
import { ask } from './http.testing.ts';

let bench: ApiBench;
let hub: PushHub;
let client: Client<typeof TelemetryService>;
beforeEach(async () => {
  bench = await createApiBench();
  hub = createPushHub({ namespaces: [namespace, 'billing'], clock: bench.clock });
  client = createClient(TelemetryService, bench.transport({ telemetry: hub }));
});
afterEach(() => bench.stop());

const origin = (sequence: number, source = 'agent') => originToMessage({ source, incarnation: 1, sequence });
const loads = (sequence: number, rows: [string, number, number][] = [['s1', 0, 1]]) =>
  loadsToMessage(origin(sequence), loadBatch(bench.clock.now(), rows));
const limitedTo = (...namespaces: string[]): Transport =>
  bench.transport({ telemetry: hub, authenticator: everybodyIs(['mesh.telemetry'], namespaces) });

async function* each<T>(...items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

describe('pushing', () => {
  test('a stream ends with what became of all its batches', async () => {
    const batches = [loads(1), loads(3), loads(2), loads(1)].map((batch) => ({ batch }));
    const { acknowledgement } = await client.pushLoads(each(...batches));
    expect(acknowledgement).toMatchObject({
      source: 'agent',
      incarnation: 1n,
      lastAcceptedSequence: 3n,
      missingBatches: 0n,
      accepted: 3n,
      outOfOrder: 1n,
      duplicate: 1n,
      waitMs: 0n,
    });
  });

  test('every kind goes by a stream and batch by batch', async () => {
    const listing = { firstSequence: 1, lastSequence: 1 };
    const shards = shardsToMessage(origin(1), {
      namespace,
      shards: [shard('s1', ['n1'])],
      removed: [],
      listing,
    });
    const peers = peersToMessage(origin(1), [peer('n1')]);
    const queues = queuesToMessage(origin(1), [queue('n1', 'q')]);
    const single = [
      await client.ingestShards({ batch: shards }),
      await client.ingestLoads({ batch: loads(1) }),
      await client.ingestPeers({ batch: peers }),
      await client.ingestBackpressure({ batch: queues }),
    ];
    for (const { acknowledgement } of single) expect(acknowledgement).toMatchObject({ accepted: 1n });
    const streamed = [
      await client.pushShards(each({ batch: shards })),
      await client.pushLoads(each({ batch: loads(1) })),
      await client.pushPeers(each({ batch: peers })),
      await client.pushBackpressure(each({ batch: queues })),
    ];
    for (const { acknowledgement } of streamed) {
      expect(acknowledgement).toMatchObject({ accepted: 0n, duplicate: 1n, lastAcceptedSequence: 1n });
    }
  });

  test('an empty stream is acknowledged as nothing', async () => {
    const { acknowledgement } = await client.pushPeers(each());
    expect(acknowledgement).toMatchObject({ source: '', lastAcceptedSequence: 0n, accepted: 0n });
  });

  test('what came before a stream broke is in', async () => {
    async function* broken() {
      yield { batch: loads(1) };
      yield { batch: loads(2) };
      throw new Error('the cable was cut');
    }
    await expect(client.pushLoads(broken())).rejects.toThrow();
    expect((await client.ingestLoads({ batch: loads(3) })).acknowledgement).toMatchObject({
      lastAcceptedSequence: 3n,
      missingBatches: 0n,
    });
    expect(hub.totals().loads.accepted).toBe(3);
  });

  test('samples that cannot be read are counted, the others are taken', async () => {
    const batch = peersToMessage(origin(1), [peer('n1'), peer('n2'), peer('n3')]);
    const [, second, third] = batch.peers;
    if (second) second.status = PeerStatus.UNSPECIFIED;
    if (third) third.sequence = 2n ** 60n;
    const { acknowledgement } = await client.ingestPeers({ batch });
    expect(acknowledgement).toMatchObject({ accepted: 1n, invalid: 2n });
  });
});

test('a client whose streams are cut again and again has everything taken, and nothing twice', async () => {
  const whole = bench.transport({ telemetry: hub });
  let streams = 0;
  const cut: Transport = {
    unary: whole.unary,
    stream(method, signal, timeoutMs, header, input, values) {
      streams++;
      const passes = streams % 4 === 0 ? Number.POSITIVE_INFINITY : streams * 3;
      async function* some() {
        let passed = 0;
        for await (const message of input) {
          yield message;
          if (++passed >= passes) throw new ConnectError('connection reset', Code.Unavailable);
        }
      }
      return whole.stream(method, signal, timeoutMs, header, some(), values);
    },
  };
  const stopping = new AbortController();
  const observed = Array.from({ length: 150 }, (_, at) => bench.clock.now() + at);
  let isDone = false;
  const pushing = pushLoads(
    {
      client: createMeshClient({ address: 'http://mesh', rpcTransport: cut }),
      address: 'http://mesh',
      clock: bench.clock,
      source: 'agent',
      incarnation: 1,
      signal: stopping.signal,
    },
    each(...observed.map((at) => loadBatch(at, [['s1', 0, 1]]))),
  ).then(() => {
    isDone = true;
  });
  await bench.clock.advanceUntil(() => isDone, 60_000);
  await pushing;
  const reading = collect((signal) => hub.loads.watch(namespace, signal));
  await bench.clock.advance(0);
  expect(reading.items.map((batch) => batch.observedAt)).toEqual(observed);
  await reading.stop();
  expect(streams).toBeGreaterThan(4);
  expect(hub.totals().loads).toMatchObject({ accepted: 150, outOfOrder: 0 });
  expect(hub.totals().loads.duplicate).toBeGreaterThan(0);
});

describe('over REST', () => {
  const batch = (sequence: number) => ({
    origin: { source: 'agent', incarnation: 1, sequence },
    namespace,
    observedAt: new Date(bench.clock.now()).toISOString(),
    dimensions: [{ name: 'cpu', unit: 'cores' }],
    shards: ['s1', 's2'],
    replicas: [0, 0],
    loads: [1.5, 0.25],
  });

  test('a batch is a POST of JSON, answered with its acknowledgement', async () => {
    const handler = createApiHandler(bench.deps({ telemetry: hub }), new AbortController().signal);
    const answer = await ask(handler, '/meshkit/telemetry/loads', { body: { batch: batch(1) } });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({
      acknowledgement: { source: 'agent', lastAcceptedSequence: '1', accepted: '2' },
    });
  });

  test('a kind that is fetched, a full service and a broken batch are problems with their statuses', async () => {
    const intake: Pick<PushHub, 'push'> = {
      push: async () => ({
        ok: false,
        error: {
          problem: { code: 'TELEMETRY_OVERLOADED', message: 'full' },
          lastAcceptedSequence: 7,
          missingBatches: 0,
          waitMs: 1_000,
          wantsListing: false,
        },
      }),
    };
    const full = createApiHandler(
      bench.deps({ telemetry: { ...hub, ...intake } }),
      new AbortController().signal,
    );
    const refused = await ask(full, '/meshkit/telemetry/loads', { body: { batch: batch(8) } });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('meshkit-last-accepted-sequence')).toBe('7');
    const broken = await ask(full, '/meshkit/telemetry/loads', {
      body: { batch: { ...batch(9), loads: [1] } },
    });
    expect(broken.status).toBe(400);
    expect(broken.json()).toMatchObject({ code: 'FIELD_INVALID', field: 'batch.loads' });
  });
});

describe('a push is refused', () => {
  test.each([
    ['batch.replicas', { replicas: [1, 2] }],
    ['batch.loads', { loads: [] }],
    ['batch.shardIndices[0]', { shardIndices: [7] }],
  ])('when the column %s does not fit', async (field, change) => {
    const batch = { ...loads(1), ...change };
    expect(await refusal(client.ingestLoads({ batch }))).toMatchObject({
      status: 'InvalidArgument',
      codes: ['FIELD_INVALID'],
      fields: [field],
    });
    expect(hub.totals().loads.accepted).toBe(0);
  });

  test('by the contract’s rules without an origin, a sequence or a time', async () => {
    expect((await refusal(client.ingestPeers({ batch: {} }))).fields).toEqual(['batch.origin']);
    const numberless = { ...loads(1), origin: originToMessage({ source: '', incarnation: 0, sequence: 0 }) };
    expect((await refusal(client.ingestLoads({ batch: numberless }))).fields).toEqual([
      'batch.origin.source',
      'batch.origin.incarnation',
      'batch.origin.sequence',
    ]);
    const timeless = { ...loads(1), observedAt: undefined };
    expect((await refusal(client.ingestLoads({ batch: timeless }))).codes).toEqual(['FIELD_REQUIRED']);
  });

  test('when a stream mixes sources or namespaces', async () => {
    const other = peersToMessage(origin(2, 'other'), []);
    const mixed = client.pushPeers(each({ batch: peersToMessage(origin(1), []) }, { batch: other }));
    expect((await refusal(mixed)).fields).toEqual(['batch.origin.source']);
    const elsewhere = { ...loads(2), namespace: 'billing' };
    expect((await refusal(client.pushLoads(each({ batch: loads(1) }, { batch: elsewhere })))).fields).toEqual(
      ['batch.namespace'],
    );
  });

  test('outside the namespaces of its principal, and for the cluster’s kinds when there are any', async () => {
    const limited = createClient(TelemetryService, limitedTo('billing'));
    expect(await refusal(limited.ingestLoads({ batch: loads(1) }))).toMatchObject({
      status: 'PermissionDenied',
      codes: ['PERMISSION_DENIED'],
      fields: ['namespace'],
    });
    const shards = shardsToMessage(origin(1), { namespace, shards: [], removed: [] });
    expect((await refusal(limited.pushShards(each({ batch: shards })))).codes).toEqual(['PERMISSION_DENIED']);
    const peers = peersToMessage(origin(1), [peer('n1')]);
    expect((await refusal(limited.ingestPeers({ batch: peers }))).codes).toEqual(['PERMISSION_DENIED']);
    const mine = { ...loads(1), namespace: 'billing' };
    expect((await limited.ingestLoads({ batch: mine })).acknowledgement).toMatchObject({ accepted: 1n });
    expect(hub.totals().peers.accepted).toBe(0);
  });

  test('when the service fetches that kind itself, naming where from', async () => {
    const telemetry = createPushHub({
      namespaces: [namespace],
      clock: bench.clock,
      fetchedFrom: { loads: 'http://fleet:7500' },
    });
    const fetching = createClient(TelemetryService, bench.transport({ telemetry }));
    const refused = await refusal(fetching.ingestLoads({ batch: loads(1) }));
    expect(refused).toMatchObject({ status: 'FailedPrecondition', codes: ['TELEMETRY_NOT_PUSHED'] });
    expect(refused.message).toContain('http://fleet:7500');
  });

  test('when there is no room, with the wait and the last accepted sequence', async () => {
    const rows = Array.from({ length: 20_000 }, (): [string, number, number] => ['s1', 0, 1]);
    const enough = maxQueuedSamples / rows.length;
    for (let sequence = 1; sequence <= enough; sequence++) {
      await client.ingestLoads({ batch: loads(sequence, rows) });
    }
    const refused = client.ingestLoads({ batch: loads(enough + 1) }).then(
      () => undefined,
      (thrown: unknown) => ConnectError.from(thrown),
    );
    await bench.clock.advance(maxWaitMs);
    const error = await refused;
    expect(error?.code).toBe(Code.ResourceExhausted);
    expect(error?.metadata.get('retry-after')).toBe('1');
    expect(error?.metadata.get('meshkit-last-accepted-sequence')).toBe(String(enough));
  });
});
