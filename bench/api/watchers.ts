import { join } from 'node:path';
import { createStaticToken } from '../../src/client/credentials/token-source.ts';
import { createMeshClient, type MeshClient } from '../../src/client/mesh-client.ts';
import { EventType } from '../../src/gen/meshkit/rebalancer/v1/event_pb.ts';
import { IncidentSeverity } from '../../src/gen/meshkit/rebalancer/v1/incident_pb.ts';
import { memoryMib, processorSeconds, quantile, report, wallMs } from './figures.ts';
import { namespace, type Served } from './stage.ts';
import type { FromWatchers, ToWatchers, WatchWire } from './watch-protocol.ts';

export interface WatchersOptions {
  readonly watchers: number;
  readonly seconds: number;
  readonly eventsPerSecond: number;
}

/** The service allows 256 calls in one connection. */
const watchersPerConnection = 250;
const processes = 2;
/** After the last event, before what did not come counts as missed. */
const graceMs = 3_000;

type Seen = Extract<FromWatchers, { kind: 'seen' }>;

/**
 * From the moment in which an incident is opened or closed (before the call is sent) to each watcher's receipt, over all watchers and
 * events. Watchers are in processes of their own.
 */
export async function benchWatchers(
  { service, place }: Served,
  wire: WatchWire,
  options: WatchersOptions,
): Promise<void> {
  const { watchers, seconds, eventsPerSecond } = options;
  const client = createMeshClient({
    ...{ address: place.url, ca: place.ca, transport: 'h2', principal: 'bench-producer' },
    token: createStaticToken(place.token, 'bench'),
  });
  const children = Array.from({ length: processes }, () => spawnChild());
  try {
    const connections = split(watchers);
    const began = performance.now();
    const openCpu = await Promise.all(
      children.map(async (child, index) => {
        await child.next('started');
        const mine = connections.filter((_, each) => each % processes === index);
        child.send({ kind: 'open', place, wire, connections: mine, name: `bench-watch-${wire[0]}-${index}` });
        return (await child.next('open')).cpuSeconds;
      }),
    );
    const openMs = performance.now() - began;
    const { eventHead: before } = await client.status.getStatus({});
    const serverBefore = await processorSeconds(service.pid);
    const clientBefore = await Promise.all(children.map(({ pid }) => processorSeconds(pid)));
    const measuredFrom = performance.now();
    const sent = await produce(client, seconds, eventsPerSecond);
    const produced = (performance.now() - measuredFrom) / 1_000;
    await Bun.sleep(graceMs);
    const serverCpu = (await processorSeconds(service.pid)) - serverBefore;
    const clientAfter = await Promise.all(children.map(({ pid }) => processorSeconds(pid)));
    const clientCpu = clientAfter.reduce((sum, each, index) => sum + each - (clientBefore[index] ?? 0), 0);
    const rssMib = await memoryMib(service.pid);
    const events = await eventsAfter(client, before);
    const all = await Promise.all(
      children.map((child) => {
        child.send({ kind: 'stop' });
        return child.next('seen');
      }),
    );
    const { latencies, missed } = judge(all, events, sent);
    report('api watchers', {
      ...{ protocol: wire, watchers, events: events.length, eventsPerSecond: sent.size / produced },
      ...{ deliveries: latencies.length, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) },
      ...{ maxMs: quantile(latencies, 1), missed, twice: all.reduce((sum, each) => sum + each.twice, 0) },
      ...{ connections: connections.length, openMs: Math.round(openMs) },
      ...{ serverCpuSeconds: serverCpu, clientCpuSeconds: clientCpu },
      ...{ serverUsPerDelivery: (serverCpu * 1e6) / (events.length * watchers), serverRssMib: rssMib },
      openCpuSeconds: openCpu.reduce((sum, each) => sum + each, 0),
    });
  } finally {
    for (const child of children) child.end();
    await client.close();
  }
}

function split(watchers: number): number[] {
  const full = Array.from(
    { length: Math.floor(watchers / watchersPerConnection) },
    () => watchersPerConnection,
  );
  const rest = watchers % watchersPerConnection;
  return rest === 0 ? full : [...full, rest];
}

/** Opens and closes incidents steadily; when each was sent, by its event's type and subject. */
async function produce(
  client: MeshClient,
  seconds: number,
  eventsPerSecond: number,
): Promise<Map<string, number>> {
  const sent = new Map<string, number>();
  const began = performance.now();
  let open: string | undefined;
  for (let event = 0; event < seconds * eventsPerSecond; event += 1) {
    await Bun.sleep(Math.max(0, began + (event * 1_000) / eventsPerSecond - performance.now()));
    const at = wallMs();
    if (open === undefined) {
      const severity = IncidentSeverity.INFO;
      const { incident } = await client.incidents.openIncident({ namespace, severity, title: 'bench' });
      open = incident?.id ?? '';
      sent.set(`opened incident/${open}`, at);
    } else {
      await client.incidents.closeIncident({ id: open });
      sent.set(`closed incident/${open}`, at);
      open = undefined;
    }
  }
  return sent;
}

interface Happened {
  readonly sequence: number;
  readonly key: string;
}

/** What every watcher should have seen, as somebody sees it who asks afterwards. */
async function eventsAfter(client: MeshClient, after: bigint): Promise<readonly Happened[]> {
  const { eventHead } = await client.status.getStatus({});
  const happened: Happened[] = [];
  if (eventHead === after) return happened;
  for await (const { event } of client.plans.watchPlans({ resumeToken: after })) {
    if (!event) continue;
    const word = event.type === EventType.INCIDENT_OPENED ? 'opened' : 'closed';
    happened.push({ sequence: Number(event.sequence), key: `${word} ${event.subject}` });
    if (event.sequence >= eventHead) break;
  }
  return happened;
}

function judge(
  all: readonly Seen[],
  events: readonly Happened[],
  sent: ReadonlyMap<string, number>,
): { latencies: Float64Array; missed: number } {
  const latencies: number[] = [];
  let missed = 0;
  for (const { sequence, key } of events) {
    const at = sent.get(key);
    for (const child of all) {
      const times = child.events.find((each) => each.sequence === sequence)?.atMs;
      if (!times) throw new Error(`no watcher saw event ${sequence}`);
      for (const time of times) {
        if (Number.isNaN(time)) missed += 1;
        else if (at !== undefined) latencies.push(time - at);
      }
    }
  }
  return { latencies: Float64Array.from(latencies), missed };
}

interface Child {
  readonly pid: number;
  send(message: ToWatchers): void;
  /** The next message, which is of that kind; throws when it says that something failed, or ends. */
  next<K extends FromWatchers['kind']>(kind: K): Promise<Extract<FromWatchers, { kind: K }>>;
  end(): void;
}

function spawnChild(): Child {
  let waiting = Promise.withResolvers<FromWatchers>();
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'watch-child.ts')], {
    stdio: ['ignore', 'inherit', 'inherit'],
    serialization: 'advanced',
    ipc: (message: FromWatchers) => waiting.resolve(message),
    onExit: () => waiting.resolve({ kind: 'failed', message: 'a process of watchers ended' }),
  });
  return {
    pid: child.pid,
    send: (message) => child.send(message),
    async next(kind) {
      const message = await waiting.promise;
      waiting = Promise.withResolvers();
      if (message.kind !== kind)
        throw new Error(message.kind === 'failed' ? message.message : `unexpected: ${message.kind}`);
      return message as Extract<FromWatchers, { kind: typeof kind }>;
    },
    end: () => child.kill(),
  };
}
