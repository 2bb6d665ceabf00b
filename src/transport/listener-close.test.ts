import { afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { createSocket } from 'node:dgram';
import { ProblemError } from '../domain/problem.ts';
import {
  createListenerBench,
  failure,
  type ListenerBench,
  readText,
  until,
  versions,
} from './listener.testing.ts';

let bench: ListenerBench;
beforeAll(async () => {
  bench = await createListenerBench();
});
afterEach(() => bench.close());

describe.each(versions)('closing, over %s', (version) => {
  test('tells streams that the service stops, lets them end, and then takes no calls', async () => {
    const reasons: unknown[] = [];
    const listener = await bench.start({
      createHandler: (shutdown) => {
        shutdown.addEventListener('abort', () => reasons.push(shutdown.reason));
        return bench.service.createHandler(shutdown);
      },
    });
    const fetch = await bench.client(version);
    const response = await fetch(bench.request('/hang'));
    const text = readText(response);
    await until(() => bench.service.begun.length === 1);
    await listener.close();
    expect(await text).toBe('first last');
    expect(reasons[0]).toBeInstanceOf(ProblemError);
    expect((reasons[0] as ProblemError).problems[0].code).toBe('SERVICE_STOPPING');
    expect(await failure(fetch(bench.request('/size/1')))).toBeInstanceOf(Error);
  });

  test('lets a call in flight end, and cuts one that does not', async () => {
    const held = Promise.withResolvers<void>();
    const listener = await bench.start({
      drainMs: 200,
      createHandler: () => async (call) => {
        bench.service.begun.push('');
        if (call.url.endsWith('/held')) await held.promise;
        else await new Promise(() => {});
        return { status: 204 };
      },
    });
    const fetch = await bench.client(version);
    const other = await bench.client(version);
    const ends = fetch(bench.request('/held'));
    const never = failure(other(bench.request('/never')));
    await until(() => bench.service.begun.length === 2);
    const closed = listener.close();
    held.resolve();
    expect((await ends).status).toBe(204);
    await closed;
    expect(await never).toBeInstanceOf(Error);
  });

  test('is at once done where nothing is under way', async () => {
    const listener = await bench.start();
    const fetch = await bench.client(version);
    await readText(await fetch(bench.request('/size/1')));
    await listener.close();
    expect(await failure(fetch(bench.request('/size/1')))).toBeInstanceOf(Error);
  });
});

describe('listening', () => {
  test('says which address it could not have, for TCP and for UDP', async () => {
    const { port } = await bench.start({ http3: false });
    for (const busy of [port, await udpPort()]) {
      const refused = await failure(bench.start({ port: busy }));
      expect(String(refused)).toContain(`127.0.0.1:${busy} cannot be listened on`);
    }
  });

  test('without HTTP/3 leaves UDP alone and does not speak of it', async () => {
    const listener = await bench.start({ http3: false });
    expect(listener.http3).toBe(false);
    const response = await (await bench.client('h2'))(bench.request('/size/1'));
    expect(response.header.get('alt-svc')).toBeNull();
  });

  test('with HTTP/3 says so over TCP', async () => {
    const listener = await bench.start();
    expect(listener.http3).toBe(true);
    for (const version of ['h1', 'h2'] as const) {
      const response = await (await bench.client(version))(bench.request('/size/1'));
      expect(response.header.get('alt-svc')).toBe(`h3=":${listener.port}"; ma=86400`);
    }
  });

  test('takes another port when the first is not free for UDP', async () => {
    const ports = await Promise.all(Array.from({ length: 3 }, () => bench.start()));
    expect(new Set(ports.map((each) => each.port)).size).toBe(3);
  });
});

/** A UDP port that is taken, and free for TCP. */
async function udpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  bench.defer(() => socket.close());
  return socket.address().port;
}
