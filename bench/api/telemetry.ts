import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, toBinary, toJsonString } from '@bufbuild/protobuf';
import type { HttpConnection } from '../../src/client/transports/http-connection.ts';
import type { LoadBatch, ReplicaSet } from '../../src/domain/telemetry-sample.ts';
import {
  IngestLoadsRequestSchema,
  IngestShardsRequestSchema,
  PushLoadsRequestSchema,
  PushShardsRequestSchema,
} from '../../src/gen/meshkit/rebalancer/v1/telemetry_service_pb.ts';
import { loadsToMessage, originToMessage, shardsToMessage } from '../../src/wire/telemetry-codec.ts';
import { processorSeconds, report } from './figures.ts';
import { frames } from './frames.ts';
import { namespace, type Served } from './stage.ts';
import { callerHeaders, connect, textOf, versionOf } from './wires.ts';

type TelemetryWire = 'grpc/h2' | 'grpc/h3' | 'rest/h2';
type Source = 'shards' | 'loads';

const wires: readonly TelemetryWire[] = ['grpc/h2', 'grpc/h3', 'rest/h2'];
const shardTotal = 40_000;
const replicasPerShard = 3;
const shardsPerBatch = 2_000;
const rowsPerBatch = 6_000;
const dimensions = ['cpu', 'memory', 'requests'].map((name) => ({ name, unit: '1' }));
const ids = Array.from({ length: shardTotal }, (_, index) => `s${String(index).padStart(7, '0')}`);
/** REST takes one batch a call; so many calls are under way. */
const restInFlight = 4;

/**
 * How fast the service takes what agents push: 40,000 shards of three replicas, again and again in newer versions, and their loads
 * in three dimensions (a sample is a replica with all of them). The batches are encoded before, so that what is measured is the
 * service and the wire. A call's acknowledgement is its end.
 */
export async function benchTelemetry(served: Served, quick: boolean): Promise<void> {
  const rounds = { shards: quick ? 2 : 8, loads: quick ? 2 : 8 };
  const pushing = createPushing(served);
  await pushing.push('shards', 'grpc/h2', 1, true);
  for (const source of ['shards', 'loads'] as const) {
    for (const protocol of wires) {
      const { samples, seconds, cpuSeconds } = await pushing.push(source, protocol, rounds[source], false);
      report('api telemetry', {
        ...{ source, protocol, samples, samplesPerSecond: Math.round(samples / seconds) },
        serverCpuSeconds: cpuSeconds,
      });
    }
  }
}

interface Pushed {
  readonly samples: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

interface Pushing {
  /** @param isListing whether the first round is all that there is */
  push(source: Source, protocol: TelemetryWire, rounds: number, isListing: boolean): Promise<Pushed>;
}

function createPushing({ place, service, tokens }: Served): Pushing {
  const token = readFileSync(join(tokens, 'telemetry.jwt'), 'utf8').trim();
  let version = 0;
  let incarnation = Date.now();
  return {
    async push(source, protocol, rounds, isListing) {
      incarnation += 1;
      const batches = Array.from({ length: rounds }, () => {
        version += 1;
        return source === 'shards' ? shardRound(version) : loadRound();
      }).flat();
      const requests = batches.map((batch, index) =>
        encode(batch, originToMessage({ source: 'bench', incarnation, sequence: index + 1 }), protocol, {
          ...(isListing ? { listing: { firstSequence: 1, lastSequence: batches.length } } : {}),
        }),
      );
      const connection = await connect(place, versionOf(protocol));
      const headers = callerHeaders({ ...place, token }, `bench-${source}`);
      const cpuBefore = await processorSeconds(service.pid);
      const began = performance.now();
      const send = protocol === 'rest/h2' ? postEach : streamAll;
      await send(connection, place.url, headers, source, requests);
      const seconds = (performance.now() - began) / 1_000;
      const cpuSeconds = (await processorSeconds(service.pid)) - cpuBefore;
      await connection.close();
      const perRound = source === 'shards' ? shardTotal : shardTotal * replicasPerShard;
      return { samples: perRound * rounds, seconds, cpuSeconds };
    },
  };
}

type Batch =
  | { readonly kind: 'shards'; readonly shards: readonly ReplicaSet[] }
  | { readonly kind: 'loads'; readonly loads: LoadBatch };

type Listing = { readonly listing?: { readonly firstSequence: number; readonly lastSequence: number } };

function encode(
  batch: Batch,
  origin: ReturnType<typeof originToMessage>,
  protocol: TelemetryWire,
  part: Listing,
): Uint8Array {
  if (batch.kind === 'shards') {
    const message = shardsToMessage(origin, { namespace, shards: batch.shards, removed: [], ...part });
    return protocol === 'rest/h2'
      ? Buffer.from(
          toJsonString(IngestShardsRequestSchema, create(IngestShardsRequestSchema, { batch: message })),
        )
      : toBinary(PushShardsRequestSchema, create(PushShardsRequestSchema, { batch: message }));
  }
  const message = loadsToMessage(origin, batch.loads);
  return protocol === 'rest/h2'
    ? Buffer.from(
        toJsonString(IngestLoadsRequestSchema, create(IngestLoadsRequestSchema, { batch: message })),
      )
    : toBinary(PushLoadsRequestSchema, create(PushLoadsRequestSchema, { batch: message }));
}

async function streamAll(
  { send }: HttpConnection,
  url: string,
  headers: Readonly<Record<string, string>>,
  source: Source,
  requests: readonly Uint8Array[],
): Promise<void> {
  const method = source === 'shards' ? 'PushShards' : 'PushLoads';
  const answer = await send({
    url: `${url}/meshkit.rebalancer.v1.TelemetryService/${method}`,
    method: 'POST',
    header: new Headers({ ...headers, 'content-type': 'application/grpc+proto', te: 'trailers' }),
    body: frames(requests),
  });
  await textOf(answer.body);
  const status = answer.trailer.get('grpc-status') ?? answer.header.get('grpc-status');
  if (status !== '0') throw new Error(`${method}: ${status} ${answer.trailer.get('grpc-message')}`);
}

async function postEach(
  { send }: HttpConnection,
  url: string,
  headers: Readonly<Record<string, string>>,
  source: Source,
  requests: readonly Uint8Array[],
): Promise<void> {
  let next = 0;
  const loop = async (): Promise<void> => {
    while (next < requests.length) {
      const request = requests[next] ?? new Uint8Array();
      next += 1;
      const answer = await send({
        url: `${url}/meshkit/telemetry/${source}`,
        method: 'POST',
        header: new Headers({ ...headers, 'content-type': 'application/json' }),
        body: (async function* () {
          yield request;
        })(),
      });
      const text = await textOf(answer.body);
      if (answer.status !== 200) throw new Error(`${source}: ${answer.status} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: restInFlight }, loop));
}

function shardRound(version: number): Batch[] {
  const sets = ids.map(
    (shard, index): ReplicaSet => ({
      ...{ namespace, shard, version, status: 'active', group: '', updatedAt: Date.now() },
      replicas: Array.from({ length: replicasPerShard }, (_, number) => ({
        ...{ number, node: `n${(index * 7 + number * 331) % 1_000}`, leads: number === 0, bytes: 1e9 },
      })),
    }),
  );
  return parts(sets, shardsPerBatch).map((shards) => ({ kind: 'shards', shards }));
}

let loadsObservedAt = Date.now() - 60_000;

function loadRound(): Batch[] {
  loadsObservedAt += 500;
  const rows = Array.from({ length: shardTotal * replicasPerShard }, (_, row) => row);
  return parts(rows, rowsPerBatch).map((some) => ({
    kind: 'loads',
    loads: {
      ...{ namespace, observedAt: loadsObservedAt, dimensions },
      shards: some.map((row) => ids[Math.floor(row / replicasPerShard)] ?? ''),
      replicas: Int32Array.from(some, (row) => row % replicasPerShard),
      loads: Float64Array.from({ length: some.length * dimensions.length }, (_, cell) => cell / 7),
    },
  }));
}

function parts<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, part) =>
    items.slice(part * size, (part + 1) * size),
  );
}
