import { afterEach, describe, expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWebhookDispatcher } from '../../audit/webhook-dispatcher.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { createRandom } from '../../base/random.ts';
import { sampleEvent, sampleTime } from '../../ports/store-samples.testing.ts';
import { openMemoryStore } from '../store-sqlite/open-sqlite-store.ts';
import { createHttpWebhookSender, type SecretSource } from './http-webhook-sender.ts';

const key = Buffer.from('a secret of exactly 32 bytes, ok');
const older = Buffer.from('the secret that was there before');

interface Received {
  readonly headers: Headers;
  readonly body: string;
}

const servers: ReturnType<typeof Bun.serve>[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(true);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A receiver on loopback, and what it was sent. */
function receive(answer: (request: Request) => Response | Promise<Response>) {
  const received: Received[] = [];
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      received.push({ headers: request.headers, body: await request.clone().text() });
      return answer(request);
    },
  });
  servers.push(server);
  return { received, url: `http://127.0.0.1:${server.port}/events?token=x` };
}

const then: Pick<Clock, 'now'> = { now: () => sampleTime };

function senderTo(
  endpoint: string,
  secret: SecretSource = { secrets: [key] },
  timeoutMs = 2_000,
  clock = then,
) {
  const endpoints = [{ name: 'pager', endpoint, timeoutMs, secret }];
  return createHttpWebhookSender({ endpoints, clock, version: '1.2.3' });
}

const event = { ...sampleEvent({ cluster: 'c.1' }), sequence: 7 };
const never = new AbortController().signal;

describe('a webhook over HTTP', () => {
  test('posts a signed cloud event that a receiver can verify from its bytes', async () => {
    const { received, url } = receive(() => new Response(null, { status: 204 }));
    const answer = await senderTo(url, { secrets: [key, older] }).deliver('pager', event, never);
    expect(answer).toEqual({ accepted: true, status: 204, message: '' });
    const [{ headers, body } = { headers: new Headers(), body: '' }] = received;
    expect(headers.get('content-type')).toBe('application/cloudevents+json; charset=utf-8');
    expect(headers.get('user-agent')).toBe('meshkit-rebalancer/1.2.3');
    expect(JSON.parse(body)).toMatchObject({ id: 'c.1/7', type: 'meshkit.rebalancer.plan.created.v1' });
    const id = headers.get('webhook-id');
    expect(id).toBe('c%2E1/7');
    expect(headers.get('webhook-timestamp')).toBe('1700000000');
    const expected = [key, older].map(
      (each) => `v1,${createHmac('sha256', each).update(`${id}.1700000000.${body}`).digest('base64')}`,
    );
    expect(headers.get('webhook-signature')).toBe(expected.join(' '));
  });

  test('tells a refusal with its status and the wait it asks for, and nothing of its words', async () => {
    const { url } = receive(
      () => new Response('internal secret', { status: 503, headers: { 'retry-after': '7' } }),
    );
    expect(await senderTo(url).deliver('pager', event, never)).toEqual({
      accepted: false,
      status: 503,
      message: 'the receiver answered 503',
      retryAfterMs: 7_000,
    });
  });

  test('does not follow redirects', async () => {
    const elsewhere = receive(() => new Response('ok'));
    const { url } = receive(() => Response.redirect(elsewhere.url, 307));
    const answer = await senderTo(url).deliver('pager', event, never);
    expect(answer).toMatchObject({ accepted: false, status: 307 });
    expect(elsewhere.received).toEqual([]);
  });

  test('is not held up by an answer without end', async () => {
    const endless = () =>
      new Response(
        new ReadableStream({
          pull: (controller) => void controller.enqueue(new Uint8Array(65_536)),
        }),
      );
    const { url } = receive(endless);
    expect(await senderTo(url).deliver('pager', event, never)).toMatchObject({ accepted: true });
  });

  test('gives up on a receiver that does not answer in time, and when it is told to stop', async () => {
    const { url } = receive(() => new Promise<Response>(() => {}));
    expect(await senderTo(url, { secrets: [key] }, 50).deliver('pager', event, never)).toEqual({
      accepted: false,
      status: 0,
      message: 'there was no answer within 50 ms',
    });
    const stop = new AbortController();
    const answer = senderTo(url).deliver('pager', event, stop.signal);
    stop.abort();
    expect((await answer).message).toBe('the call was cut off');
  });

  test('says that nobody is there', async () => {
    const { url } = receive(() => new Response());
    await servers.pop()?.stop(true);
    const answer = await senderTo(url).deliver('pager', event, never);
    expect(answer).toMatchObject({ accepted: false, status: 0 });
    expect(answer.message).toMatch(/^the receiver could not be reached/);
  });

  test('reads its secrets from their file for every message', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'webhook-'));
    folders.push(folder);
    const file = join(folder, 'secret');
    const { received, url } = receive(() => new Response());
    const sender = senderTo(url, { file });
    expect((await sender.deliver('pager', event, never)).message).toContain('cannot be read');
    writeFileSync(file, 'nonsense');
    expect((await sender.deliver('pager', event, never)).message).toContain('whsec_');
    writeFileSync(file, `whsec_${key.toString('base64')}\n${older.toString('base64')}\n`);
    expect((await sender.deliver('pager', event, never)).accepted).toBe(true);
    expect(received).toHaveLength(1);
    expect(received[0]?.headers.get('webhook-signature')?.split(' ')).toHaveLength(2);
  });

  test('is verified by the lines that the documentation shows', async () => {
    const page = readFileSync(join(import.meta.dir, '../../../docs/webhooks.md'), 'utf8');
    const folder = mkdtempSync(join(tmpdir(), 'webhook-'));
    folders.push(folder);
    const file = join(folder, 'is-ours.ts');
    writeFileSync(file, /```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
    const { isOurs }: { isOurs(headers: Headers, body: string, secret: string): boolean } = await import(
      file
    );
    const { received, url } = receive(() => new Response());
    const secret = { secrets: [older, key] };
    await senderTo(url, secret, 2_000, systemClock).deliver('pager', event, never);
    await senderTo(url, secret).deliver('pager', event, never);
    const [ours, stale] = received;
    const whsec = `whsec_${key.toString('base64')}`;
    if (!ours || !stale) throw new Error('nothing arrived');
    expect(isOurs(ours.headers, ours.body, whsec)).toBe(true);
    expect(isOurs(ours.headers, `${ours.body} `, whsec)).toBe(false);
    expect(isOurs(ours.headers, ours.body, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toBe(false);
    expect(isOurs(stale.headers, stale.body, whsec)).toBe(false);
  });

  test('can be tried with a ping', async () => {
    const { received, url } = receive(() => new Response());
    const ping = { id: '01J', cluster: 'c1', at: sampleTime, by: 'ann' };
    expect((await senderTo(url).ping('pager', ping, never)).accepted).toBe(true);
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
      type: 'meshkit.rebalancer.webhook.ping.v1',
    });
  });
});

test('what the store commits arrives at a receiver, in order', async () => {
  const store = openMemoryStore();
  const lease = await store.acquireLease({ name: 'webhooks/c1', owner: 'a', ttlMs: 60_000, now: 0 });
  if (!lease.ok) throw new Error(lease.error.message);
  const { token } = lease.value;
  const sequences: number[] = [];
  let arrived: () => void = () => {};
  const all = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const { url } = receive(async (request) => {
    const cloudEvent: { id: string } = JSON.parse(await request.text());
    sequences.push(Number(cloudEvent.id.split('/')[1]));
    if (sequences.length === 20) arrived();
    return new Response();
  });
  const dispatcher = createWebhookDispatcher(
    {
      cluster: 'c1',
      store,
      sender: senderTo(url),
      clock: systemClock,
      random: createRandom('test'),
      log: silentLog,
      lease: {
        held: () => true,
        fence: () => ({ lease: 'webhooks/c1', owner: 'a', token }),
        markLost: () => {},
      },
    },
    [{ name: 'pager', url, events: [], namespaces: [], maxAttempts: 3 }],
  );
  const stop = new AbortController();
  const done = dispatcher.run(stop.signal);
  // It begins with what happens once it has a position.
  while ((await store.webhookCursors('c1')).length === 0) await new Promise(setImmediate);
  for (let each = 0; each < 20; each++) await store.commit({ events: [sampleEvent()] });
  await all;
  stop.abort();
  await done;
  expect(sequences).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  await store.close();
});
