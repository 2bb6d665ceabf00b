import { afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { ConnectError } from '@connectrpc/connect';
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

/** Sends `count` chunks of 1000 bytes, then waits for the signal. */
async function* dribble(count: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield new Uint8Array(1_000);
  if (signal) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** A TLS connection without a protocol on it. */
function rawConnection(text = ''): Promise<{ readonly socket: TLSSocket; readonly received: () => string }> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connectTls(
      { port: bench.port, host: 'localhost', ca: bench.authority.certificate },
      () => {
        socket.write(text);
        resolve({ socket, received: () => received });
      },
    );
    bench.defer(() => socket.destroy());
    socket.on('data', (data) => {
      received += data;
    });
    socket.on('error', reject);
  });
}

function closed(socket: { once(event: 'close', listener: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

describe.each(versions)('over %s', (version) => {
  test('a body that is too large fails where it is read, and announced it is refused at once', async () => {
    await bench.start({
      limits: { maxRequestBytes: 5_000 },
      createHandler: (shutdown) => {
        const handler = bench.service.createHandler(shutdown);
        return async (call) => {
          const answer = await handler(call);
          // As the API does: what fails in a body is answered.
          try {
            const chunks = await Array.fromAsync(answer.body ?? []);
            return { ...answer, body: dribbled(chunks) };
          } catch (error) {
            const { cause } = ConnectError.from(error);
            return { status: 413, body: dribbled([new TextEncoder().encode(codeOf(cause))]) };
          }
        };
      },
    });
    const fetch = await bench.client(version);
    const streamed = await fetch(bench.request('/count', { body: dribble(6) }));
    expect(await readText(streamed)).toBe('REQUEST_TOO_LARGE');
    const header = new Headers({ 'content-length': '6000' });
    const announced = await fetch(bench.request('/count', { body: dribble(6), header }));
    expect(announced.status).toBe(413);
    expect(JSON.parse(await readText(announced)).code).toBe('REQUEST_TOO_LARGE');
    expect(await readText(await fetch(bench.request('/count', { body: dribble(5) })))).toBe('5000');
  });

  test('streams may send more than that', async () => {
    await bench.start({ limits: { maxRequestBytes: 5_000 } });
    const fetch = await bench.client(version);
    const header = new Headers({ 'content-type': 'application/connect+json' });
    expect(await readText(await fetch(bench.request('/count', { body: dribble(50), header })))).toBe('50000');
  });

  test('a URL that is too long and headers that are too many are refused', async () => {
    await bench.start({ limits: { maxUrlBytes: 100, maxHeaders: 20 } });
    const fetch = await bench.client(version);
    const long = await fetch(bench.request(`/size/1?${'x'.repeat(100)}`));
    expect(long.status).toBe(414);
    expect(JSON.parse(await readText(long))).toMatchObject({ code: 'REQUEST_URL_TOO_LONG', limit: 100 });
    const header = new Headers(Array.from({ length: 30 }, (_, index) => [`x-${index}`, 'y'] as const));
    const many = await fetch(bench.request('/size/1', { header }));
    expect(many.status).toBe(431);
    expect((await fetch(bench.request('/size/1'))).status).toBe(200);
  });

  test('headers that are too long never reach a handler, and nothing breaks', async () => {
    await bench.start();
    const fetch = await bench.client(version);
    const header = new Headers({ 'x-long': 'x'.repeat(60_000) });
    const answer = await fetch(bench.request('/size/1', { header })).catch(() => ({ status: 431 }));
    expect(answer.status).toBe(431);
    expect(bench.service.begun).toEqual([]);
    expect((await (await bench.client(version))(bench.request('/size/1'))).status).toBe(200);
  });

  test('a body that comes too slowly fails where it is read', async () => {
    const problems: string[] = [];
    await bench.start({
      limits: { requestTimeoutMs: 60 },
      createHandler: () => async (call) => {
        try {
          for await (const _ of call.body as AsyncIterable<Uint8Array>);
          return { status: 200 };
        } catch (error) {
          problems.push(codeOf(ConnectError.from(error).cause));
          return { status: 408 };
        }
      },
    });
    const fetch = await bench.client(version);
    const leaving = new AbortController();
    const answer = await fetch(bench.request('/count', { body: dribble(1, leaving.signal) }));
    expect(answer.status).toBe(408);
    expect(problems).toEqual(['REQUEST_TIMED_OUT']);
    leaving.abort();
  });

  test('a call that takes too long is aborted, and answered for when it does not care', async () => {
    await bench.start({
      limits: { callTimeoutMs: 50 },
      createHandler: (shutdown) => {
        const handler = bench.service.createHandler(shutdown);
        return (call) => (call.url.endsWith('/never') ? new Promise(() => {}) : handler(call));
      },
    });
    const fetch = await bench.client(version);
    expect(await readText(await fetch(bench.request('/silent')))).toBe('aborted');
    const answer = await fetch(bench.request('/never'));
    expect(answer.status).toBe(504);
    expect(JSON.parse(await readText(answer)).code).toBe('CALL_TIMEOUT');
  });

  test('more connections than may be are refused, and the next one is taken when one goes', async () => {
    await bench.start({ limits: { maxConnectionsPerAddress: 1 } });
    const first = await bench.client(version);
    const response = await first(bench.request('/hang'));
    const second = await bench.client(version);
    expect(await failure(second(bench.request('/size/1')))).toBeInstanceOf(Error);
    expect(bench.logged.map((each) => each.message)).toContain(
      'a connection was refused: there are too many',
    );
    expect(response.status).toBe(200);
  });

  test('a reader that takes nothing is cut', async () => {
    if (version === 'h3') return await stalledH3();
    await bench.start({ limits: { writeTimeoutMs: 200 } });
    if (version === 'h1') {
      const { socket } = await rawConnection('GET /pour HTTP/1.1\r\nHost: localhost\r\n\r\n');
      socket.pause();
    } else {
      const response = await (await bench.client('h2'))(bench.request('/pour'));
      await response.body[Symbol.asyncIterator]().next();
    }
    await until(() => bench.logged.some((each) => each.message === 'a response broke off'));
    await until(() => bench.service.aborted.includes('/pour'));
    expect(bench.service.poured).toBeLessThan(30_000_000);
  });
});

/** A client whose packets do not come through any more. */
async function stalledH3(): Promise<void> {
  await bench.start({ limits: { writeTimeoutMs: 200 } });
  const relay = await bench.relayUdp();
  const response = await (await bench.h3(undefined, relay.port)).fetch(bench.request('/pour'));
  await response.body[Symbol.asyncIterator]().next();
  relay.block();
  await until(() => bench.logged.some((each) => each.message === 'a response broke off'));
  await until(() => bench.service.aborted.includes('/pour'));
  const before = bench.service.poured;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(bench.service.poured).toBe(before);
  relay.unblock();
}

test('over h3, a body that its handler does not read is cut, and others are not held up for long', async () => {
  await bench.start();
  const fetch = await bench.client('h3');
  const stuck = failure(fetch(bench.request('/silent', { body: dribble(200_000) })).then(readText));
  await until(() => bench.service.begun.includes('/silent'));
  expect(await stuck).toBeInstanceOf(Error);
  expect(bench.service.aborted).toContain('/silent');
  expect(await readText(await (await bench.client('h3'))(bench.request('/size/2')))).toBe('xx');
});

test('over h3, a sender that is faster than its handler is slowed down and loses nothing', async () => {
  let most = 0;
  await bench.start({
    createHandler: () => async (call) => {
      let read = 0;
      let chunks = 0;
      for await (const chunk of call.body as AsyncIterable<Uint8Array>) {
        read += chunk.length;
        chunks += 1;
        if (chunks % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
        most = Math.max(most, process.memoryUsage().rss);
      }
      return { status: 200, header: new Headers({ 'x-read': String(read) }) };
    },
  });
  const before = process.memoryUsage().rss;
  const header = new Headers({ 'content-type': 'application/connect+json' });
  const answer = await (await bench.client('h3'))(bench.request('/', { body: dribble(20_000), header }));
  expect(answer.header.get('x-read')).toBe('20000000');
  expect(most - before).toBeLessThan(400_000_000);
});

describe('connections', () => {
  test('that never speak, and that have nothing to say any more, are closed', async () => {
    await bench.start({ limits: { idleTimeoutMs: 150 } });
    const silent = connectTcp({ port: bench.port, host: '127.0.0.1' });
    silent.on('error', () => {});
    const halfRequest = await rawConnection('GET / HTTP/1.1\r\nHost: localhost\r\nx-slow: ');
    await Promise.all([closed(silent), closed(halfRequest.socket)]);
    const h3 = await bench.h3();
    const ended = closed(h3.session);
    expect((await h3.fetch(bench.request('/size/1'))).status).toBe(200);
    await ended;
    expect(bench.service.begun).toEqual(['/size/1']);
  });

  test('that give up call after call are closed', async () => {
    await bench.start({ limits: { maxResets: 20 } });
    for (const version of ['h2', 'h3'] as const) {
      const fetch = await bench.client(version);
      const attempts = Array.from({ length: 60 }, async () => {
        const leaving = new AbortController();
        const call = fetch(
          bench.request('/hang', { body: dribble(1, leaving.signal), signal: leaving.signal }),
        );
        call.then(async (response) => await readText(response)).catch(() => {});
        await until(() => bench.service.begun.length > 0);
        leaving.abort();
        await call.catch(() => {});
      });
      await Promise.all(attempts);
      await until(() => bench.service.aborted.length >= 20);
      await failure(
        (async () => {
          for (;;) {
            if ((await fetch(bench.request('/size/1'))).status !== 200) throw new Error('closed');
            if (version === 'h2') throw new Error('a new connection');
          }
        })(),
      );
      bench.service.reset();
    }
    expect((await (await bench.client('h2'))(bench.request('/size/1'))).status).toBe(200);
  });

  test('may not have more calls at a time than they may', async () => {
    await bench.start({ limits: { maxStreamsPerConnection: 3 } });
    for (const version of ['h2', 'h3'] as const) {
      bench.service.reset();
      const fetch = await bench.client(version);
      const leaving = new AbortController();
      const calls = Array.from({ length: 6 }, () =>
        fetch(bench.request('/hang', { signal: leaving.signal })),
      );
      for (const call of calls) call.catch(() => {});
      await until(() => bench.service.begun.length >= 3);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(bench.service.begun.length).toBe(3);
      leaving.abort();
    }
  });
});

function codeOf(cause: unknown): string {
  return cause instanceof ProblemError ? cause.problems[0].code : String(cause);
}

async function* dribbled(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* chunks;
}
