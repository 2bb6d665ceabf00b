import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type DescMessage, fromJson, type JsonValue, type MessageShape } from '@bufbuild/protobuf';
import type { MeshRun } from '../../scripts/support/mesh-process.ts';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { EventSchema } from '../../src/gen/meshkit/rebalancer/v1/event_pb.ts';
import { GetStatusResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { connectTo, devToken } from '../support/client.ts';
import { openWire } from '../support/wires.ts';
import { createWorld, namespace, type World } from '../support/world.ts';

/** Somebody who watches, is killed, and comes back over another protocol while things go on happening. */

const limitMs = 30_000;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** Opens and closes incidents, two events each, until it is told to stop. */
function makeNews(): { stop(): Promise<void> } {
  const client = connectTo(world.service());
  let going = true;
  const work = (async () => {
    while (going) {
      const { incident } = await client.incidents.openIncident({ namespace, title: 'noise', severity: 1 });
      await client.incidents.closeIncident({ id: incident?.id ?? '', reason: 'it was noise' });
      // At most some hundred events a second, so that the machine has time for who watches.
      await Bun.sleep(5);
    }
  })();
  return {
    async stop() {
      going = false;
      await work;
      await client.close();
    },
  };
}

/** Sequences in the lines that `mesh shards rebalance watch -o json` has printed whole. */
function sequencesOf(watch: MeshRun): readonly number[] {
  const text = watch.output();
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => Number(read(EventSchema, line).sequence));
}

function read<Desc extends DescMessage>(schema: Desc, text: string): MessageShape<Desc> {
  return fromJson(schema, JSON.parse(text) as JsonValue);
}

/** Watches by the command line from a position, and is killed without warning after some events. */
async function watchAndBeKilled(
  transport: string,
  after: number,
  events: number,
): Promise<readonly number[]> {
  const { cli } = world;
  const watch = cli.begin([
    '--transport',
    transport,
    'shards',
    'rebalance',
    'watch',
    '--resume-token',
    String(after),
    '-o',
    'json',
  ]);
  await waitFor(`events over ${transport}`, limitMs, () => sequencesOf(watch).length >= events, 20);
  watch.interrupt('SIGKILL');
  await watch.answer;
  return sequencesOf(watch);
}

/** The same by server-sent events over HTTP/1.1, resumed as browsers do; leaves after the event `last`. */
async function watchByEventSource(after: number, last: number): Promise<readonly number[]> {
  await using wire = await openWire(world.service(), 'h1');
  const leaving = new AbortController();
  const { status, header, body } = await wire.client({
    url: `${wire.baseUrl}/meshkit/rebalance-plans:watch`,
    method: 'GET',
    header: new Headers({
      accept: 'text/event-stream',
      authorization: `Bearer ${devToken(world.service(), 'observe')}`,
      'last-event-id': String(after),
    }),
    signal: leaving.signal,
  });
  expect([status, header.get('rpc-transport')]).toEqual([200, 'h1']);
  const seen: number[] = [];
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const id = /^id: (\d+)$/m.exec(block)?.[1];
      if (id !== undefined && /^event: /m.test(block)) seen.push(Number(id));
    }
    if ((seen.at(-1) ?? 0) >= last) break;
  }
  leaving.abort();
  return seen;
}

async function head(): Promise<number> {
  return Number((await world.cli.read(GetStatusResponseSchema, ['status'])).eventHead);
}

describe('a watcher who is killed', () => {
  test('and resumes over HTTP/2 and then by server-sent events misses no event and sees none twice', async () => {
    const start = await head();
    const news = makeNews();
    const seen: number[] = [];
    try {
      seen.push(...(await watchAndBeKilled('h3', start, 20)));
      seen.push(...(await watchAndBeKilled('h2', seen.at(-1) ?? start, 20)));
    } finally {
      await news.stop();
    }
    await world.cli.run(['incidents', 'open', 'while nobody watches']);
    const end = await head();
    seen.push(...(await watchByEventSource(seen.at(-1) ?? start, end)));
    expect(seen).toEqual(Array.from({ length: end - start }, (_, index) => start + 1 + index));
  });

  test('leaves nothing in the log of the service that somebody should look into', () => {
    expect(world.log.filter((line) => /"level":"(warn|error)"/.test(line))).toEqual([]);
  });
});

describe('a watch of the client library', () => {
  test.each(['h3', 'h2', 'h1'] as const)(
    'over %s goes on without a gap when the service restarts',
    async (transport) => {
      const start = await head();
      const client = connectTo(world.service(), { transport });
      const leaving = new AbortController();
      const seen: number[] = [];
      const watching = (async () => {
        for await (const event of client.watch({ resumeToken: BigInt(start), signal: leaving.signal }))
          seen.push(Number(event.sequence));
      })();
      const news = makeNews();
      await waitFor('some events', limitMs, () => seen.length >= 10, 20);
      await news.stop();
      await world.restart('SIGTERM');
      const again = makeNews();
      await waitFor('events after the restart', limitMs, () => seen.length >= 40, 20);
      await again.stop();
      leaving.abort();
      await watching;
      await client.close();
      expect(seen).toEqual(seen.map((_, index) => start + 1 + index));
    },
  );
});
