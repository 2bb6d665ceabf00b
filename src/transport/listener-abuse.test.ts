import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { createSocket } from 'node:dgram';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { createRandom } from '../base/random.ts';
import type { NativeHeader } from './http3-addon.ts';
import { createListenerBench, type ListenerBench, readText, type Version } from './listener.testing.ts';

let bench: ListenerBench;
beforeAll(async () => {
  bench = await createListenerBench();
  await bench.start();
});
// Whatever was done to it, the listener answers everybody else, and nothing was a surprise to it.
afterEach(async () => {
  await answers('h1');
  await answers('h2');
  expect(bench.logged).toEqual([]);
  bench.service.reset();
});
afterAll(async () => {
  await answers('h3');
  await bench.close();
});

async function answers(version: Version): Promise<void> {
  const fetch = await bench.client(version);
  const url = `https://localhost:${bench.port}/size/4`;
  expect(await readText(await fetch({ url, method: 'GET', header: new Headers() }))).toBe('xxxx');
}

/** Writes bytes to a TLS connection with a protocol, and gives back what came until it closes or is quiet. */
async function speak(protocol: 'h2' | 'http/1.1', bytes: Uint8Array | string): Promise<string> {
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const opened = connectTls(
      { port: bench.port, host: 'localhost', ca: bench.authority.certificate, ALPNProtocols: [protocol] },
      () => resolve(opened),
    );
    opened.on('error', reject);
  });
  let received = '';
  socket.on('data', (data) => {
    received += data.toString('latin1');
  });
  socket.on('error', () => {});
  socket.write(bytes);
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    setTimeout(resolve, 60);
  });
  socket.destroy();
  return received;
}

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array,
  length = payload.length,
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const settings = frame(4, 0, 0, Buffer.alloc(0));

describe('HTTP/1.1', () => {
  test.each([
    ['a request line that is none', 'NONSENSE\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['a path with a host in it', 'GET //other/x HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['another scheme', 'GET ftp://localhost/x HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['a host that is none', 'GET / HTTP/1.1\r\nHost: a b@c:99999999\r\n\r\n'],
    [
      'two lengths',
      'POST /count HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde',
    ],
    ['a length that is none', 'POST /count HTTP/1.1\r\nHost: localhost\r\nContent-Length: -3\r\n\r\n'],
    [
      'a chunk that is none',
      'POST /count HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    ],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n'],
  ])('%s is refused', async (_name, text) => {
    const answer = await speak('http/1.1', text);
    expect(answer === '' || answer.startsWith('HTTP/1.1 400')).toBe(true);
  });

  test.each([
    ['a tunnel', 'CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n'],
    [
      'an upgrade',
      'GET /size/1 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ],
    ['a length that never comes', 'POST /count HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc'],
    ['requests one after another', 'GET /size/1 HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(50)],
  ])('%s does no harm', async (_name, text) => {
    await speak('http/1.1', text);
  });
});

describe('HTTP/2', () => {
  const get = Buffer.from([0x82, 0x87, 0x84, 0x41, 0x09, ...Buffer.from('localhost')]);
  test.each<[string, Buffer]>([
    ['something else than its preface', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['half a preface', preface.subarray(0, 10)],
    ['a frame that is cut off', Buffer.concat([preface, settings, frame(1, 5, 1, get, 500)])],
    ['a frame that is too long', Buffer.concat([preface, settings, frame(0, 0, 1, Buffer.alloc(20_000))])],
    [
      'data on a stream that is not open',
      Buffer.concat([preface, settings, frame(0, 1, 7, Buffer.alloc(10))]),
    ],
    [
      'headers that cannot be read',
      Buffer.concat([preface, settings, frame(1, 5, 1, Buffer.alloc(40, 0xff))]),
    ],
    ['headers without a method', Buffer.concat([preface, settings, frame(1, 5, 1, get.subarray(1))])],
    ['streams that go back', Buffer.concat([preface, settings, frame(1, 5, 9, get), frame(1, 5, 3, get)])],
    ['an even stream', Buffer.concat([preface, settings, frame(1, 5, 2, get)])],
    [
      'a window that overflows',
      Buffer.concat([preface, settings, frame(8, 0, 0, Buffer.from('7fffffff', 'hex'))]),
    ],
    ['settings of a wrong length', Buffer.concat([preface, frame(4, 0, 0, Buffer.alloc(5))])],
    ['a promise', Buffer.concat([preface, settings, frame(5, 4, 1, Buffer.alloc(20))])],
    [
      'continuations without end',
      Buffer.concat([
        preface,
        settings,
        frame(1, 1, 1, get),
        ...Array.from({ length: 500 }, () => frame(9, 0, 1, Buffer.alloc(100))),
      ]),
    ],
    [
      'pings without end',
      Buffer.concat([
        preface,
        settings,
        ...Array.from({ length: 5_000 }, () => frame(6, 0, 0, Buffer.alloc(8))),
      ]),
    ],
    ['settings without end', Buffer.concat([preface, ...Array.from({ length: 5_000 }, () => settings)])],
    [
      'empty data without end',
      Buffer.concat([
        preface,
        settings,
        frame(1, 4, 1, get),
        ...Array.from({ length: 5_000 }, () => frame(0, 0, 1, Buffer.alloc(0))),
      ]),
    ],
    [
      'resets without end',
      Buffer.concat([
        preface,
        settings,
        ...Array.from({ length: 3_000 }, (_, index) =>
          Buffer.concat([frame(1, 5, 2 * index + 1, get), frame(3, 0, 2 * index + 1, Buffer.alloc(4))]),
        ),
      ]),
    ],
  ])('survives %s', async (_name, bytes) => {
    await speak('h2', bytes);
  });

  test('survives random bytes after its preface', async () => {
    const random = createRandom('frames');
    for (let round = 0; round < 10; round += 1) {
      const noise = Buffer.from(Array.from({ length: 400 }, () => Math.floor(random.next() * 256)));
      await speak('h2', Buffer.concat([preface, settings, noise]));
    }
  });
});

describe('HTTP/3', () => {
  const whole: readonly NativeHeader[] = [
    { name: ':method', value: 'GET' },
    { name: ':scheme', value: 'https' },
    { name: ':authority', value: 'localhost' },
    { name: ':path', value: '/size/1' },
  ];
  const without = (name: string) => whole.filter((each) => each.name !== name);
  const withValue = (name: string, value: string) => [...without(name), { name, value }];

  test.each<[string, readonly NativeHeader[], number]>([
    ['no method', without(':method'), 400],
    ['no path', without(':path'), 400],
    ['no host', without(':authority'), 400],
    ['no scheme', without(':scheme'), 400],
    ['another scheme', withValue(':scheme', 'http'), 400],
    ['a path without a slash', withValue(':path', 'size/1'), 400],
    ['a path with a host in it', withValue(':path', '//other/x'), 400],
    ['a path with a line end', withValue(':path', '/a\r\nb'), 400],
    ['a user in the host', withValue(':authority', 'me@localhost'), 400],
    ['a tunnel', withValue(':method', 'CONNECT'), 400],
    ['a method that is none', withValue(':method', 'G T'), 400],
    ['a method twice', [...whole, { name: ':method', value: 'POST' }], 400],
    ['a header of HTTP/1.1', [...whole, { name: 'transfer-encoding', value: 'chunked' }], 400],
    ['a header value with a line end', [...whole, { name: 'x-a', value: 'a\r\nb: c' }], 400],
    ['a header without a name', [...whole, { name: '', value: 'x' }], 400],
    ['a header that is too long', [...whole, { name: 'x-a', value: 'x'.repeat(70_000) }], 431],
    ['a path that is too long', withValue(':path', `/${'x'.repeat(9_000)}`), 414],
  ])('%s is refused', async (_name, headers, status) => {
    const client = await bench.h3();
    expect(await client.send(headers)).toBe(status);
    expect(bench.service.begun).toEqual([]);
  });

  test('survives packets that are none', async () => {
    const random = createRandom('packets');
    const socket = createSocket('udp4');
    for (let round = 0; round < 300; round += 1) {
      const length = 1 + Math.floor(random.next() * 1_400);
      const packet = Buffer.from(Array.from({ length }, () => Math.floor(random.next() * 256)));
      // Every other one looks like the beginning of a connection.
      if (round % 2 === 0) packet.set([0xc0 | (packet[0] ?? 0), 0, 0, 0, 1]);
      socket.send(packet, bench.port, '127.0.0.1');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.close();
  });
});
