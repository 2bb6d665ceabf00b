import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { gzipSync } from 'node:zlib';
import type { DescMethod } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { isForAnyone, scopeOf } from '../../src/api/method-scope.ts';
import { restRoutesOf } from '../../src/api/rest/rest-routes.ts';
import { createRandom } from '../../src/base/random.ts';
import { devToken } from '../support/client.ts';
import { nameOf, servedMethods } from '../support/contract.ts';
import { junkOf } from '../support/junk.ts';
import { quickPolicy } from '../support/policies.ts';
import { alarming, expectServed, residentMiB } from '../support/unharmed.ts';
import { exchange, httpVersions, type OpenWire, openWire, type WireAnswer } from '../support/wires.ts';
import { createWorld, type World } from '../support/world.ts';

/** Requests that no client of ours would send: whatever they say, it is not the service that is wrong. */

/** Another seed finds other things; this one is the same on every machine. */
const seed = 20_261_127;
const maxGrowthMiB = 256;

let world: World;
let wire: OpenWire;
let methods: readonly DescMethod[];
let restingMiB: number;
beforeAll(async () => {
  world = await createWorld({ policy: quickPolicy() });
  wire = await openWire(world.service(), 'h2');
  methods = (await servedMethods(wire, devToken(world.service()))).filter((each) => !isForAnyone(each));
  restingMiB = residentMiB(world.service());
});
afterEach(() => expectServed(world.service()));
afterAll(async () => {
  await wire[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

function credential(method: DescMethod): Record<string, string> {
  return bearer(scopeOf(method) === 'mesh.telemetry' ? 'telemetry' : 'admin');
}

function bearer(name: string): Record<string, string> {
  return { authorization: `Bearer ${devToken(world.service(), name)}` };
}

/**
 * A 5xx, or a gRPC status that says that the service has a bug. INTERNAL is by gRPC's own rules what a message that cannot be
 * parsed or unpacked is answered with; a bug of ours has details.
 */
function isOurFault({ status, header, trailer, text }: WireAnswer): boolean {
  if (status >= 500 || text.includes('"INTERNAL"')) return true;
  const [code, details] = ['grpc-status', 'grpc-status-details-bin'].map(
    (name) => header.get(name) ?? trailer.get(name) ?? new RegExp(`${name}: ?(\\S+)`).exec(text)?.[1],
  );
  return code === '2' || (code === '13' && details !== undefined);
}

/** Fails with the request that shows it, as small as it can be. */
function never(what: string, answer: WireAnswer): void {
  if (isOurFault(answer)) throw new Error(`${what}: ${answer.status} ${answer.text.slice(0, 500)}`);
}

const anyMethod = fc.nat({ max: 9_999 });

function methodAt(index: number, among: readonly DescMethod[]): DescMethod {
  const method = among[index % among.length];
  if (!method) throw new Error('there are no methods');
  return method;
}

describe('a request whose fields are extreme, senseless or of another type', () => {
  test('is answered or refused over Connect', async () => {
    const unary = methods.filter(({ methodKind }) => methodKind === 'unary');
    await fc.assert(
      fc.asyncProperty(anyMethod, fc.nat(), async (index, dice) => {
        const method = methodAt(index, unary);
        const body = JSON.stringify(junkOf(method.input, createRandom(String(dice))));
        const headers = { ...credential(method), 'content-type': 'application/json' };
        const path = `/${method.parent.typeName}/${method.name}`;
        never(`${nameOf(method)} ${body}`, await exchange(wire, path, { method: 'POST', headers, body }));
      }),
      { seed, numRuns: 700 },
    );
  });

  test('is answered or refused over REST, whether it is in the body or in the query', async () => {
    const routes = restRoutesOf(methods.map(({ parent }) => parent)).filter(
      ({ method }) => method.methodKind === 'unary' && !isForAnyone(method),
    );
    await fc.assert(
      fc.asyncProperty(anyMethod, fc.nat(), async (index, dice) => {
        const route = routes[index % routes.length];
        if (!route) throw new Error('there are no routes');
        const junk = junkOf(route.method.input, createRandom(String(dice)));
        const path = route.template.text.replaceAll(/\{(\w+)\}/g, () => inUrl(Object.values(junk)[0] ?? 'x'));
        const query = Object.entries(junk).map(([name, value]) => `${name}=${inUrl(value)}`);
        const answer = await exchange(wire, route.hasBody ? path : `${path}?${query.join('&')}`, {
          method: route.httpMethod,
          headers: { ...credential(route.method), 'content-type': 'application/json' },
          ...(route.hasBody ? { body: JSON.stringify(junk) } : {}),
        });
        never(`${route.httpMethod} ${path} ${JSON.stringify(junk)}`, answer);
      }),
      { seed, numRuns: 500 },
    );
  });
});

function inUrl(value: unknown): string {
  return encodeURIComponent(String(value).slice(0, 200).toWellFormed());
}

const rpcTypes = [
  'application/json',
  'application/proto',
  'application/connect+json',
  'application/connect+proto',
  'application/grpc',
  'application/grpc+proto',
  'application/grpc-web+proto',
  'application/grpc-web-text',
  'text/plain',
  'application/x-www-form-urlencoded',
  '',
];

/** A message with the five bytes that announce it; they may lie about its length and its compression. */
const framed = fc
  .tuple(
    fc.constantFrom(0, 1, 2, 0x80, 0xff),
    fc.uint8Array({ maxLength: 60 }),
    fc.integer({ min: -3, max: 9 }),
  )
  .map(([flags, payload, lie]) => {
    const head = Buffer.alloc(5);
    head.writeUInt8(flags, 0);
    head.writeUInt32BE(Math.max(0, payload.length + (lie > 3 ? 0 : lie)), 1);
    return new Uint8Array(Buffer.concat([head, payload]));
  });

describe('a body that is noise', () => {
  test('is refused by every method and protocol', async () => {
    const body = fc.oneof(framed, fc.uint8Array({ maxLength: 80 }));
    await fc.assert(
      fc.asyncProperty(anyMethod, fc.constantFrom(...rpcTypes), body, async (index, type, bytes) => {
        const method = methodAt(
          index,
          methods.filter(({ methodKind }) => methodKind !== 'server_streaming'),
        );
        const path = `/${method.parent.typeName}/${method.name}`;
        const headers = { ...credential(method), ...(type ? { 'content-type': type } : {}), te: 'trailers' };
        const answer = await exchange(wire, path, { method: 'POST', headers, body: bytes });
        never(`${nameOf(method)} as ${type} with ${Buffer.from(bytes).toString('hex')}`, answer);
      }),
      { seed, numRuns: 500 },
    );
  });

  test('is refused by REST when it is JSON of any form, and when it is none', async () => {
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc.json().map((text) => text.slice(0, -1)),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        const headers = { ...bearer('operate'), 'content-type': 'application/json' };
        const answer = await exchange(wire, '/meshkit/rebalance-plans', {
          method: 'POST',
          headers,
          body: text,
        });
        never(text, answer);
        expect(answer.status).toBeGreaterThanOrEqual(400);
      }),
      { seed, numRuns: 200 },
    );
  });

  test.each(httpVersions)(
    'is refused over %s when it is small and unpacks to something huge',
    async (version) => {
      await using own = await openWire(world.service(), version);
      const { status, text } = await exchange(own, '/meshkit/incidents', {
        headers: { ...bearer('operate'), 'content-type': 'application/json', 'content-encoding': 'gzip' },
        body: gzipSync(Buffer.alloc(64 * 1_048_576, ' ')),
      });
      expect([status, JSON.parse(text).code]).toEqual([413, 'REQUEST_TOO_LARGE']);
    },
  );
});

describe('a place to go on from that is none', () => {
  test.each([
    'nonsense',
    '0',
    '-1',
    'AAAA',
    '%00',
    'e30',
    'eyJhIjoxfQ',
    '9'.repeat(500),
    Buffer.from('{"id":"x"}').toString('base64url'),
  ])('is refused as a cursor: %p', async (cursor) => {
    for (const path of ['/meshkit/rebalance-plans', '/meshkit/rebalance-plans/x/moves']) {
      const answer = await exchange(wire, `${path}?cursor=${cursor}`, { headers: bearer('read') });
      never(path, answer);
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
  });

  test.each([
    ['-1', 400],
    ['1e9', 400],
    ['9007199254740992', 400],
    ['9223372036854775807', 400],
    ['9223372036854775808', 400],
    ['9'.repeat(100), 400],
    ['nonsense', 400],
    ['999999999', 400],
  ])('is refused as a resume token, by its header and by its parameter: %s', async (token, status) => {
    const path = '/meshkit/rebalance-plans:watch';
    const byHeader = { ...bearer('observe'), 'last-event-id': token };
    const answers = [
      await exchange(wire, path, { headers: byHeader }),
      await exchange(wire, `${path}?resumeToken=${token}`, { headers: bearer('observe') }),
    ];
    expect(answers.map((each) => each.status)).toEqual([status, status]);
  });
});

describe('a credential that is none', () => {
  const forged = [
    '',
    'Bearer',
    'Bearer ',
    'Basic cm9vdDpyb290',
    'Bearer a.b.c',
    'Bearer ..',
    `Bearer ${'a'.repeat(9_000)}`,
    `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`,
    'Bearer \u00e9\u00e9',
    'Negotiate TlRMTVNTUAAB',
  ];

  test.each(httpVersions)('is refused over %s', async (version) => {
    await using own = await openWire(world.service(), version);
    const answers: (readonly [string, number])[] = [];
    for (const authorization of [...forged, tampered()]) {
      const { status } = await exchange(own, '/meshkit/status', { headers: { authorization } });
      answers.push([authorization.slice(0, 40), status]);
    }
    expect(answers.filter(([, status]) => status !== 401)).toEqual([]);
  });

  test('cannot be played by a header of somebody who may do little', async () => {
    for (const principal of ['root;groups=admins', 'root;scopes=mesh.admin', ';;;=', 'a'.repeat(5_000)]) {
      const headers = { ...bearer('read'), 'x-meshkit-principal': principal };
      const answer = await exchange(wire, '/meshkit/incidents', {
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{"title": "x", "severity": "info"}',
      });
      expect([401, 403]).toContain(answer.status);
    }
  });
});

describe('the service, after all this,', () => {
  test('has not grown', () => {
    expect(residentMiB(world.service()) - restingMiB).toBeLessThan(maxGrowthMiB);
  });

  test('has nothing in its log that somebody would have to look into', () => {
    expect(alarming(world.log)).toEqual([]);
  });

  test('has an audit trail that is whole', async () => {
    expect(await world.cli.run(['audit', 'verify'])).toContain('records');
  });
});

/** A token of the service's own with one letter of its signature changed. */
function tampered(): string {
  const token = devToken(world.service());
  const last = token.at(-10) === 'A' ? 'B' : 'A';
  return `Bearer ${token.slice(0, -10)}${last}${token.slice(-9)}`;
}
