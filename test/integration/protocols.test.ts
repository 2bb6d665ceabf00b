import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { EventTypeSchema } from '../../src/gen/meshkit/rebalancer/v1/event_pb.ts';
import { GetStatusResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { chromiumName, chromiumPath, openBrowser } from '../support/browser.ts';
import { devToken } from '../support/client.ts';
import { createWorld, type World } from '../support/world.ts';

/** The same list, asked for by programs that know nothing of ours. */
const plansPath = '/meshkit/rebalance-plans';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const curl = Bun.which('curl');
const curlName = curl ? 'curl' : 'curl (there is none)';

interface CurlAnswer {
  readonly status: number;
  readonly httpVersion: string;
  readonly header: Headers;
  readonly body: string;
}

async function askWithCurl(args: readonly string[], token = 'read'): Promise<CurlAnswer> {
  const service = world.service();
  const child = Bun.spawn(
    [
      curl ?? 'curl',
      '--silent',
      '--show-error',
      '--include',
      '--cacert',
      String(service.ready.ca),
      '--header',
      `authorization: Bearer ${devToken(service, token)}`,
      ...args,
    ],
    { stdout: 'pipe', stderr: 'pipe' },
  );
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(await new Response(child.stderr).text());
  const [head = '', ...body] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const [, httpVersion = '', status = ''] = /^HTTP\/(\S+) (\d+)/.exec(first) ?? [];
  const header = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(':');
    header.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return { status: Number(status), httpVersion, header, body: body.join('\r\n\r\n') };
}

describe(curlName, () => {
  test.skipIf(curl === null).each([
    ['--http2', '2', 'h2'],
    ['--http1.1', '1.1', 'h1'],
  ])('%s is answered over HTTP/%s, and told of HTTP/3', async (flag, httpVersion, transport) => {
    const { url } = world.service();
    const answer = await askWithCurl([flag, `${url}${plansPath}`]);
    expect(answer).toMatchObject({ status: 200, httpVersion });
    expect(JSON.parse(answer.body)).toEqual({ plans: [], nextCursor: '' });
    expect(answer.header.get('rpc-transport')).toBe(transport);
    expect(answer.header.get('rpc-encoding')).toBe('json');
    expect(answer.header.get('alt-svc')).toMatch(new RegExp(`^h3=":${new URL(url).port}"; ma=\\d+$`));
  });

  test.skipIf(curl === null)('gets a problem document when it posts nonsense', async () => {
    const answer = await askWithCurl(
      ['--json', '{"namespace": 7, "nonsense": true}', `${world.service().url}${plansPath}`],
      'operate',
    );
    expect(answer.status).toBe(400);
    expect(answer.header.get('content-type')).toBe('application/problem+json');
    expect(answer.header.get('rpc-transport')).toBe('h2');
  });
});

describe("Bun's fetch", () => {
  test('is answered over HTTP/3 when it asks for that', async () => {
    const service = world.service();
    // Over HTTP/3 it knows no other authorities than the system's.
    const tls = { rejectUnauthorized: false };
    const headers = { authorization: `Bearer ${devToken(service, 'read')}` };
    const answer = await fetch(`${service.url}${plansPath}`, { protocol: 'h3', headers, tls });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('rpc-transport')).toBe('h3');
    expect(answer.headers.get('rpc-encoding')).toBe('json');
    expect(await answer.json()).toEqual({ plans: [], nextCursor: '' });
  });
});

describe(chromiumName, () => {
  test.skipIf(chromiumPath === undefined)('is answered over HTTP/3', async () => {
    const service = world.service();
    await using browser = await openBrowser(service);
    const page = await browser.newPage();
    await page.goto(`${service.url}/healthz`);
    const [status, transport] = await page.evaluate(
      async ([path, token]) => {
        const answer = await fetch(String(path), { headers: { authorization: `Bearer ${token}` } });
        return [answer.status, answer.headers.get('rpc-transport')];
      },
      [plansPath, devToken(service, 'read')],
    );
    expect([status, transport]).toEqual([200, 'h3']);
  });

  test.skipIf(chromiumPath === undefined)(
    'resumes its EventSource where it was when the service restarts',
    async () => {
      const { cli } = world;
      await using browser = await openBrowser(world.service());
      const page = await browser.newPage();
      await page.setExtraHTTPHeaders({ authorization: `Bearer ${devToken(world.service(), 'observe')}` });
      await page.goto(`${world.service().url}/healthz`);
      await watchInPage(page);
      await cli.run(['incidents', 'open', 'before']);
      await waitFor('the first event', 20_000, async () => (await seenBy(page)).length > 0);
      await world.restart('SIGTERM');
      await cli.run(['incidents', 'open', 'after']);
      const { eventHead } = await cli.read(GetStatusResponseSchema, ['status']);
      await waitFor('what happened meanwhile', 30_000, async () =>
        (await seenBy(page)).some((each) => each >= Number(eventHead)),
      );
      const seen = await seenBy(page);
      expect(seen).toEqual(seen.map((_, index) => (seen[0] ?? 0) + index));
    },
  );
});

/** `incidentOpened` and all the others. */
const eventTypes = EventTypeSchema.values.map(({ localName }) =>
  localName.toLowerCase().replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
);

/** Lets the page watch every event and keep the tokens of those that it sees. */
async function watchInPage(page: Page): Promise<void> {
  await page.evaluate(async (types) => {
    const seen: number[] = [];
    Object.assign(globalThis, { seen });
    const source = new EventSource('/meshkit/rebalance-plans:watch');
    for (const type of types) source.addEventListener(type, (event) => seen.push(Number(event.lastEventId)));
    await new Promise<void>((done) => source.addEventListener('open', () => done(), { once: true }));
  }, eventTypes);
}

function seenBy(page: Page): Promise<readonly number[]> {
  return page.evaluate(() => (globalThis as unknown as { readonly seen: readonly number[] }).seen);
}
