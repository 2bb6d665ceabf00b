import { afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { credentials, type Metadata, makeGenericClientConstructor } from '@grpc/grpc-js';
import { RebalancePlanService } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { remoteAddressKey } from './call-context.ts';
import {
  createListenerBench,
  failure,
  type ListenerBench,
  readAll,
  readText,
  until,
  versions,
} from './listener.testing.ts';

let bench: ListenerBench;
beforeAll(async () => {
  bench = await createListenerBench();
});
afterEach(() => bench.close());

async function* chunks(count: number, size: number): AsyncIterable<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield new Uint8Array(size).fill(index);
}

describe.each(versions)('over %s', (version) => {
  test('answers unary calls of every protocol with JSON and with Protobuf, and with trailers', async () => {
    await bench.start();
    for (const transport of await bench.transports(version)) {
      const client = createClient(RebalancePlanService, transport);
      let trailer = new Headers();
      const answer = await client.listPlans({ cursor: 'x' }, { onTrailer: (given) => (trailer = given) });
      expect(answer.nextCursor).toBe(`${version}: after x`);
      expect(trailer.get('trailing')).toBe('yes');
    }
  });

  test('sends a body back while it still comes', async () => {
    await bench.start();
    const fetch = await bench.client(version);
    const response = await fetch(bench.request('/echo', { body: chunks(50, 20_000) }));
    expect((await readAll(response.body)).length).toBe(1_000_000);
    expect(bench.service.last?.header.get('host') ?? 'localhost').toContain('localhost');
    expect(bench.service.last?.contextValues?.get(remoteAddressKey)).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test('streams bodies of many sizes whole, and their trailers after them', async () => {
    await bench.start();
    const fetch = await bench.client(version);
    for (const size of [0, 1, 16_384, 65_535, 65_536, 65_537, 300_001, 3_000_000]) {
      const response = await fetch(bench.request(`/size/${size}`));
      expect((await readAll(response.body)).length).toBe(size);
      // HTTP/1.1 has no room for trailers where there is no body, and its client does not show them.
      if (version !== 'h1') expect(response.trailer.get('trailing')?.length).toBe(100);
    }
  });

  test('carries several cookies in either direction', async () => {
    await bench.start();
    const fetch = await bench.client(version);
    const response = await fetch(bench.request('/cookies', { header: new Headers({ cookie: 'c=3; d=4' }) }));
    expect(response.header.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await readText(response)).toBe('c=3; d=4');
  });

  test('tells a handler when its caller goes away', async () => {
    await bench.start();
    const fetch = await bench.client(version);
    const leaving = new AbortController();
    // The body does not end, so that the client has something to take back.
    async function* unending(): AsyncIterable<Uint8Array> {
      yield new Uint8Array(10);
      await new Promise((resolve) => leaving.signal.addEventListener('abort', resolve, { once: true }));
    }
    const response = await fetch(bench.request('/hang', { body: unending(), signal: leaving.signal }));
    const rest = failure(readText(response));
    await until(() => bench.service.begun.includes('/hang'));
    leaving.abort();
    await rest;
    await until(() => bench.service.aborted.includes('/hang'));
    expect(bench.logged).toEqual([]);
  });

  test('makes a 500 of what a handler throws, and goes on', async () => {
    await bench.start();
    const fetch = await bench.client(version);
    for (const path of ['/throw', '/throw-first']) {
      const response = await fetch(bench.request(path));
      expect(response.status).toBe(500);
      expect(JSON.parse(await readText(response)).code).toBe('INTERNAL');
    }
    expect((await fetch(bench.request('/size/3'))).status).toBe(200);
  });

  test('breaks a response off whose body fails in the middle', async () => {
    await bench.start();
    const fetch = await bench.client(version);
    // Over HTTP/3 the reset of the stream may overtake the head of the answer (RFC 9000, section 3.2).
    expect(await failure(fetch(bench.request('/throw-late')).then(readText))).toBeInstanceOf(Error);
    expect((await (await bench.client(version))(bench.request('/size/3'))).status).toBe(200);
  });
});

test('answers the gRPC client of another implementation over HTTP/2', async () => {
  await bench.start();
  const { input, output, name } = RebalancePlanService.method.listPlans;
  const Client = makeGenericClientConstructor({}, 'plans');
  const client = new Client(
    `localhost:${bench.port}`,
    credentials.createSsl(Buffer.from(bench.authority.certificate)),
  );
  bench.defer(() => client.close());
  let trailing: unknown;
  const answer = await new Promise<string>((resolve, reject) => {
    const call = client.makeUnaryRequest(
      `/${RebalancePlanService.typeName}/${name}`,
      (message: string) => Buffer.from(toBinary(input, create(input, { cursor: message }))),
      (bytes: Buffer) => fromBinary(output, bytes).nextCursor,
      'x',
      (error, value) => (error ? reject(error) : resolve(value ?? '')),
    );
    call.on('status', ({ metadata }: { metadata: Metadata }) => {
      trailing = metadata.get('trailing')[0];
    });
  });
  expect(answer).toBe('h2: after x');
  expect(trailing).toBe('yes');
});
