import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { createSocket } from 'node:dgram';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { IncomingHeaders } from '@currentspace/http3';
import type { MeshProcess } from '../../scripts/support/mesh-process.ts';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { createRandom } from '../../src/base/random.ts';
import { connectH3 } from '../../src/transport/h3-client.testing.ts';
import { devAuthority, devToken } from '../support/client.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { alarming, expectServed, residentMiB } from '../support/unharmed.ts';
import { exchange, httpVersions, openWire } from '../support/wires.ts';
import { startService } from '../support/world.ts';

/** Connections that are broken, rude or hostile: whoever behaves is served all the while. */

const limitMs = 20_000;
/** What a flood may leave behind, in MiB. */
const maxGrowthMiB = 256;

let folder: TempFolder;
let service: MeshProcess;
let ca: string;
let port: number;
let restingMiB: number;
const log: string[] = [];
beforeAll(async () => {
  folder = await createTempFolder();
  const config = await folder.write(
    'rebalancer.yaml',
    'fleet: http://127.0.0.1:1\nlimits: { idleTimeoutSeconds: 2, requestTimeoutSeconds: 2 }\n',
  );
  const data = folder.file('data');
  service = await startService(['--config', config, '--listen', '127.0.0.1:0', '--data-dir', data], log);
  ca = devAuthority(service);
  port = Number(new URL(service.url).port);
  await expectServed(service);
  restingMiB = residentMiB(service);
});
afterEach(() => expectServed(service));
afterAll(async () => {
  await service.stop();
  await folder[Symbol.asyncDispose]();
});

function openTls(protocol: 'h2' | 'http/1.1'): Promise<Socket> {
  return new Promise((done, fail) => {
    const socket = connectTls({ host: '127.0.0.1', port, ca, ALPNProtocols: [protocol] }, () => done(socket));
    socket.on('error', fail);
  });
}

function openPlain(): Promise<Socket> {
  return new Promise((done, fail) => {
    const socket = connectTcp(port, '127.0.0.1', () => done(socket));
    socket.on('error', fail);
  });
}

/** What comes back until the other side closes. */
function untilClosed(socket: Socket): Promise<string> {
  let text = '';
  return new Promise((done) => {
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.once('close', () => done(text));
    if (socket.destroyed) done(text);
  });
}

function noise(seed: string, size: number): Buffer {
  const random = createRandom(seed);
  return Buffer.from(Array.from({ length: size }, () => Math.floor(random.next() * 256)));
}

/** A frame of HTTP/2 (RFC 9113, 4.1). */
function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer,
  length = payload.length,
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const settings = frame(4, 0, 0, Buffer.alloc(0));

describe('bytes that mean nothing', () => {
  test.each<readonly [string, () => Promise<Socket>, Buffer]>([
    ['instead of a handshake', openPlain, noise('plain', 5_000)],
    ['as a request in clear text', openPlain, Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n')],
    ['in a handshake that is broken off', openPlain, Buffer.from('16030100f8010000f40303', 'hex')],
    ['after the handshake of HTTP/1.1', () => openTls('http/1.1'), noise('h1', 50_000)],
    ['after the handshake of HTTP/2', () => openTls('h2'), noise('h2', 50_000)],
    [
      'after the preface of HTTP/2',
      () => openTls('h2'),
      Buffer.concat([preface, settings, noise('frames', 50_000)]),
    ],
    [
      'in a frame that is cut off',
      () => openTls('h2'),
      Buffer.concat([preface, settings, frame(1, 4, 1, noise('head', 40), 400)]),
    ],
    [
      'as a frame that is longer than may be',
      () => openTls('h2'),
      Buffer.concat([preface, settings, frame(0, 0, 1, noise('long', 100), 0xffffff)]),
    ],
  ])('%s end the connection and nothing else', async (_, open, bytes) => {
    const socket = await open();
    const closed = untilClosed(socket);
    socket.end(bytes);
    expect(await closed).not.toMatch(/^HTTP\/1\.1 5/);
  });

  test('in packets of UDP are passed over', async () => {
    const socket = createSocket('udp4');
    for (let index = 0; index < 500; index += 1) {
      const packet = noise(`udp ${index}`, 1_200);
      // Every second one looks like the first packet of a QUIC connection.
      if (index % 2 === 0) packet.set([0xc3, 0, 0, 0, 1, 8], 0);
      await new Promise<void>((done) => socket.send(packet, port, '127.0.0.1', () => done()));
    }
    socket.close();
  });
});

describe('connections that do not get on', () => {
  test('are closed when they say nothing, before and after the handshake', async () => {
    const silent = await Promise.all(Array.from({ length: 100 }, openPlain));
    const shaken = await Promise.all(Array.from({ length: 50 }, () => openTls('http/1.1')));
    const all = [...silent, ...shaken].map(untilClosed);
    await expectServed(service);
    await Promise.all(all);
  });

  test.each([
    ['headers', 'GET /meshkit/status HTTP/1.1\r\nhost: localhost\r\n'],
    ['a body', 'POST /meshkit/incidents HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\n{'],
  ])('are closed when they bring %s byte by byte', async (_, beginning) => {
    const socket = await openTls('http/1.1');
    const closed = untilClosed(socket);
    let isOpen = true;
    void closed.then(() => {
      isOpen = false;
    });
    socket.write(beginning);
    await waitFor('the end of patience', limitMs, () => {
      if (isOpen) socket.write('x');
      return !isOpen;
    });
    expect(await closed).not.toMatch(/^HTTP\/1\.1 (2|5)/);
  });
});

describe('headers that are too large', () => {
  test.each(httpVersions)('over %s are refused or end the connection', async (version) => {
    await using wire = await openWire(service, version);
    const headers = { 'x-large': 'a'.repeat(80_000) };
    const answer = await exchange(wire, '/healthz', { headers }).catch(() => undefined);
    // Whether there is an answer depends on where the limit is met.
    expect([undefined, 400, 431]).toContain(answer?.status);
  });
});

const strangePaths = [
  '//x',
  '//meshkit/status',
  '/../etc/passwd',
  '/meshkit/../../status',
  '/meshkit/status/%2e%2e/%2e%2e',
  '/meshkit/rebalance-plans/%00',
  '/meshkit/rebalance-plans/%',
  '/meshkit/rebalance-plans/%ff%fe',
  '/meshkit/rebalance-plans/..%2f..%2fetc',
  '/meshkit/rebalance-plans/x:nonsense',
  '/meshkit/rebalance-plans:watch:watch',
  '/meshkit/status?%',
  '/meshkit/status?a=%zz&&&=',
  '/meshkit/status?fields=..,..,&fields[]=x',
  '/meshkit/status#fragment',
  '/constructor',
  '/__proto__/toString',
  `/${'a/'.repeat(3_000)}`,
  `/meshkit/rebalance-plans/${'a'.repeat(20_000)}`,
];

const strangeTargets = [
  'GET https://127.0.0.1/meshkit/status',
  'GET http://evil.test/meshkit/status',
  'GET *',
  'GET status',
  'OPTIONS *',
  'BREW /meshkit/status',
  'PROPFIND /meshkit/status',
  'TRACE /meshkit/status',
  'CONNECT 127.0.0.1:22',
  'DELETE /meshkit/status',
  'get /meshkit/status',
];

describe('a path that means nothing', () => {
  test.each(['h2', 'h3'] as const)('is refused over %s', async (version) => {
    const answers: (readonly [string, number])[] = [];
    if (version === 'h2') {
      const session = connectHttp2(service.url, { ca });
      for (const path of strangePaths)
        answers.push([path, await statusOverHttp2(session, { ':path': path })]);
      session.destroy();
    } else {
      const { session, close } = await connectH3(port, ca);
      for (const path of strangePaths) answers.push([path, await statusOverHttp3(session, path)]);
      await close();
    }
    expect(answers.filter(([, status]) => status < 400 || status >= 500)).toEqual([]);
  });

  test('is refused over HTTP/1.1, like a method that does and a target of another form', async () => {
    const answers: (readonly [string, string])[] = [];
    for (const target of [...strangePaths.map((path) => `GET ${path}`), ...strangeTargets]) {
      const socket = await openTls('http/1.1');
      const closed = untilClosed(socket);
      socket.write(`${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
      answers.push([target.slice(0, 60), (await closed).slice(0, 12)]);
    }
    // Where nothing of HTTP can be read, the connection ends without a word.
    expect(answers.filter(([, status]) => !/^(HTTP\/1\.1 4|$)/.test(status))).toEqual([]);
  });

  test.each([
    ['two lengths', 'content-length: 2\r\ncontent-length: 3'],
    ['a length and chunks', 'content-length: 2\r\ntransfer-encoding: chunked'],
    ['a length that is none', 'content-length: -1'],
    ['an encoding that nobody knows', 'transfer-encoding: gzip, magic'],
    ['a header without a name', ': empty'],
    ['a header with a blank before its colon', 'host : localhost'],
  ])('and a body with %s are refused over HTTP/1.1', async (_, header) => {
    const socket = await openTls('http/1.1');
    const closed = untilClosed(socket);
    socket.end(`POST /meshkit/incidents HTTP/1.1\r\nhost: localhost\r\n${header}\r\n\r\n{}`);
    expect(await closed).toMatch(/^(HTTP\/1\.1 4\d\d|$)/);
  });
});

describe('floods', () => {
  test.each(['h2', 'h3'] as const)(
    'of 10,000 calls on one connection of %s are answered',
    async (version) => {
      await using wire = await openWire(service, version);
      const statuses = new Map<number, number>();
      for (let batch = 0; batch < 200; batch += 1) {
        const calls = Array.from({ length: 50 }, () => exchange(wire, '/healthz'));
        // The HTTP/3 client does not wait until it may open more streams, so that each batch has room.
        for (const { status } of await Promise.all(calls))
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
      // There is no fleet, so that the service is not ready: 503 is what it says when all is well.
      expect([...statuses]).toEqual([[503, 10_000]]);
    },
  );

  test('of calls that are given up at once end their connection', async () => {
    const session = connectHttp2(service.url, { ca });
    session.on('error', () => {});
    let given = 0;
    await waitFor(
      'the end of the connection',
      limitMs,
      async () => {
        for (let index = 0; index < 100 && !session.closed && !session.destroyed; index += 1) {
          const stream = session.request({ ':path': '/healthz' });
          stream.on('error', () => {});
          stream.close(constants.NGHTTP2_CANCEL);
          given += 1;
        }
        return session.closed || session.destroyed;
      },
      10,
    );
    expect(given).toBeGreaterThanOrEqual(200);
  });

  test.each(['h2', 'h3'] as const)('of watches over %s that are given up are let go', async (version) => {
    await using wire = await openWire(service, version);
    for (let index = 0; index < 150; index += 1) {
      const leaving = new AbortController();
      const { status } = await wire.client({
        url: `${wire.baseUrl}/meshkit/rebalance-plans:watch`,
        method: 'GET',
        header: new Headers({ authorization: `Bearer ${devToken(service, 'observe')}` }),
        signal: leaving.signal,
      });
      expect(status).toBe(200);
      leaving.abort();
    }
  });
});

describe('the service, after all this,', () => {
  test('has not grown', () => {
    expect(residentMiB(service) - restingMiB).toBeLessThan(maxGrowthMiB);
  });

  test('has nothing in its log that somebody would have to look into', () => {
    expect(alarming(log)).toEqual([]);
  });
});

/** 0 when the stream ended without an answer: refused as well; but an answer must not be a 5xx. */
function statusOverHttp2(session: ClientHttp2Session, headers: Record<string, string>): Promise<number> {
  return new Promise((done) => {
    const stream = session.request(headers);
    stream.once('response', (answer) => done(Number(answer[':status'])));
    stream.on('error', () => done(400));
    stream.once('close', () => done(400));
    stream.resume();
    stream.end();
  });
}

type H3Session = Awaited<ReturnType<typeof connectH3>>['session'];

function statusOverHttp3(session: H3Session, path: string): Promise<number> {
  return new Promise((done) => {
    const headers = { ':method': 'GET', ':scheme': 'https', ':authority': 'localhost', ':path': path };
    const stream = session.request(headers, { endStream: true });
    stream.once('response', (answer: IncomingHeaders) => done(Number(answer[':status'])));
    stream.on('error', () => done(400));
    stream.once('close', () => done(400));
    stream.resume();
  });
}
