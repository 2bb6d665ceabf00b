import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { UniversalClientFn } from '@connectrpc/connect/protocol';
import type { HttpConnection } from '../../src/client/transports/http-connection.ts';
import {
  WatchPlansRequestSchema,
  WatchPlansResponseSchema,
} from '../../src/gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { wallMs } from './figures.ts';
import { splitBlocks, splitFrames } from './frames.ts';
import type { FromWatchers, ToWatchers } from './watch-protocol.ts';
import { callerHeaders, connect } from './wires.ts';

/** A process of `watchers.ts`: many watches over a few connections. It notes when each event came, and tells it at the end. */
type Opening = Extract<ToWatchers, { kind: 'open' }>;
type OnEvent = (watcher: number, sequence: number) => void;

const seen = new Map<number, Float64Array>();
const newest: number[] = [];
const connections: HttpConnection[] = [];
let twice = 0;
let stopping = false;

function tell(message: FromWatchers): void {
  process.send?.(message);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

async function open({ place, wire, connections: sizes, name }: Opening): Promise<void> {
  const total = sizes.reduce((sum, each) => sum + each, 0);
  const note: OnEvent = (watcher, sequence) => {
    let times = seen.get(sequence);
    if (!times) {
      times = new Float64Array(total).fill(Number.NaN);
      seen.set(sequence, times);
    }
    if (sequence <= (newest[watcher] ?? 0)) twice += 1;
    else {
      newest[watcher] = sequence;
      times[watcher] = wallMs();
    }
  };
  let first = 0;
  for (const [index, size] of sizes.entries()) {
    const connection = await connect(place, wire === 'grpc/h3' ? 'h3' : 'h2');
    connections.push(connection);
    const headers = callerHeaders(place, `${name}-${index}`);
    const watch = wire === 'sse/h2' ? watchEvents : watchGrpc;
    const offset = first;
    first += size;
    const begun = Array.from({ length: size }, (_, each) =>
      watch(connection.send, place.url, headers, (sequence) => note(offset + each, sequence)),
    );
    await Promise.all(begun);
  }
}

/** Resolves when the watch has begun. */
type Watch = (
  send: UniversalClientFn,
  url: string,
  headers: Readonly<Record<string, string>>,
  onEvent: (sequence: number) => void,
) => Promise<void>;

const watchGrpc: Watch = async (send, url, headers, onEvent) => {
  const begun = Promise.withResolvers<void>();
  const body = toBinary(WatchPlansRequestSchema, {
    $typeName: WatchPlansRequestSchema.typeName,
    namespace: '',
    planId: '',
  });
  const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, body.length]), body]);
  const answer = await send({
    url: `${url}/meshkit.rebalancer.v1.RebalancePlanService/WatchPlans`,
    method: 'POST',
    header: new Headers({ ...headers, 'content-type': 'application/grpc+proto', te: 'trailers' }),
    body: (async function* () {
      yield frame;
    })(),
  });
  follow(answer.body, splitFrames(), (message) => {
    const { event } = fromBinary(WatchPlansResponseSchema, message);
    if (event) onEvent(Number(event.sequence));
    begun.resolve();
  });
  await begun.promise;
};

const watchEvents: Watch = async (send, url, headers, onEvent) => {
  const begun = Promise.withResolvers<void>();
  const answer = await send({
    url: `${url}/meshkit/rebalance-plans:watch`,
    method: 'GET',
    header: new Headers({ ...headers, accept: 'text/event-stream' }),
  });
  follow(answer.body, splitBlocks(), (block) => {
    if (/^data: /m.test(block)) onEvent(Number(/^id: (\d+)$/m.exec(block)?.[1]));
    else if (/^id: /m.test(block)) begun.resolve();
  });
  await begun.promise;
};

function follow<T>(
  body: AsyncIterable<Uint8Array>,
  split: (chunk: Uint8Array) => readonly T[],
  onMessage: (message: T) => void,
): void {
  const read = async (): Promise<void> => {
    for await (const chunk of body) for (const message of split(chunk)) onMessage(message);
    throw new Error('a watch ended');
  };
  read().catch((error: unknown) => {
    if (!stopping) tell({ kind: 'failed', message: String(error) });
  });
}

process.on('message', (message: ToWatchers) => {
  if (message.kind === 'open') {
    open(message).then(
      () => tell({ kind: 'open', cpuSeconds: cpuSeconds() }),
      (error: unknown) => tell({ kind: 'failed', message: String(error) }),
    );
    return;
  }
  stopping = true;
  const events = [...seen].map(([sequence, atMs]) => ({ sequence, atMs }));
  tell({ kind: 'seen', cpuSeconds: cpuSeconds(), twice, events });
});
process.once('disconnect', () => process.exit(0));
tell({ kind: 'started' });
