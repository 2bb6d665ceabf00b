import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import type { DescMethod } from '@bufbuild/protobuf';
import { isForAnyone, scopeOf } from '../../src/api/method-scope.ts';
import {
  type Protocol,
  restRefusal,
  rpcRefusal,
  rpcTransport,
  type Wire,
} from '../../src/api/wires.testing.ts';
import { errorCodes } from '../../src/domain/error-codes.ts';
import type { Scope } from '../../src/domain/principal.ts';
import { readAudit } from '../support/audit.ts';
import { connectTo, devToken } from '../support/client.ts';
import { nameOf, servedMethods } from '../support/contract.ts';
import { exchange, type HttpVersion, httpVersions, type OpenWire, openWire } from '../support/wires.ts';
import { createWorld, repositoryFile, type World } from '../support/world.ts';

/** What each token of `--dev` allows, as docs/identity.md has it. */
const tokens = {
  read: ['mesh.read'],
  observe: ['mesh.observe'],
  telemetry: ['mesh.telemetry'],
  operate: ['mesh.read', 'mesh.observe', 'mesh.operate'],
  admin: ['mesh.read', 'mesh.observe', 'mesh.operate', 'mesh.admin'],
} as const satisfies Readonly<Record<string, readonly Scope[]>>;
type TokenName = keyof typeof tokens;
type Asker = TokenName | 'nobody';
const askers: readonly Asker[] = ['read', 'observe', 'telemetry', 'operate', 'admin', 'nobody'];

const ways: readonly (readonly [Protocol, HttpVersion])[] = [
  ['grpc', 'h2'],
  ['grpc', 'h3'],
  ['grpc-web', 'h1'],
  ['grpc-web', 'h2'],
  ['grpc-web', 'h3'],
  ['connect', 'h1'],
  ['connect', 'h2'],
  ['connect', 'h3'],
  ['rest', 'h1'],
  ['rest', 'h2'],
  ['rest', 'h3'],
];

let world: World;
let methods: readonly DescMethod[];
const wires = new Map<HttpVersion, OpenWire>();
beforeAll(async () => {
  world = await createWorld();
  for (const version of httpVersions) wires.set(version, await openWire(world.service(), version));
  methods = await servedMethods(wireOf('h2'), devToken(world.service()));
});
afterAll(async () => {
  for (const wire of wires.values()) await wire[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

function wireOf(version: HttpVersion): Wire {
  const wire = wires.get(version);
  if (!wire) throw new Error(`there is no wire of ${version}`);
  return wire;
}

function headersOf(asker: Asker): Record<string, string> {
  return asker === 'nobody' ? {} : { authorization: `Bearer ${devToken(world.service(), asker)}` };
}

/** What the gate must answer, whatever the method itself would say to an empty request. */
function expected(method: DescMethod, asker: Asker): string {
  if (isForAnyone(method)) return 'admitted';
  if (asker === 'nobody') return 'UNAUTHENTICATED';
  const scope = scopeOf(method);
  return tokens[asker].some((each) => each === scope) ? 'admitted' : 'PERMISSION_DENIED';
}

/** That the empty request is wrong does not matter here; a bug does. */
function verdict(codes: readonly string[]): string {
  const telling = ['UNAUTHENTICATED', 'PERMISSION_DENIED', 'INTERNAL', 'ROUTE_NOT_FOUND', 'RATE_LIMITED'];
  return codes.find((code) => telling.includes(code)) ?? 'admitted';
}

/** Denials that the service's callers were told of, by code. */
const denied = new Map<string, number>();

async function refusalOf(
  [protocol, version]: readonly [Protocol, HttpVersion],
  method: DescMethod,
  asker: Asker,
): Promise<readonly string[] | undefined> {
  const wire = wireOf(version);
  // HTTP/1.1 has no streams in both directions.
  if (version === 'h1' && method.methodKind === 'bidi_streaming') return undefined;
  return protocol === 'rest'
    ? restRefusal(wire, method, headersOf(asker))
    : rpcRefusal(rpcTransport(wire, protocol), method, headersOf(asker));
}

describe('every method, asked with every token and with none', () => {
  test.each(ways)('over %s on %s is admitted exactly as the scopes say', async (protocol, version) => {
    const wrong: string[] = [];
    let calls = 0;
    for (const asker of askers)
      for (const method of methods) {
        const codes = await refusalOf([protocol, version], method, asker);
        if (!codes) continue;
        calls += 1;
        const found = verdict(codes);
        if (found !== expected(method, asker)) wrong.push(`${nameOf(method)} with ${asker}: ${found}`);
        if (found !== 'admitted') denied.set(found, (denied.get(found) ?? 0) + 1);
      }
    expect(wrong).toEqual([]);
    expect(calls).toBeGreaterThanOrEqual(askers.length * (protocol === 'rest' ? 36 : 45));
  });

  test('is refused over HTTP/1.1 where it needs streams in both directions', async () => {
    const answer = await exchange(wireOf('h1'), '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', {
      headers: { ...headersOf('admin'), 'content-type': 'application/connect+proto' },
      body: new Uint8Array(5),
    });
    expect(answer.status).toBe(505);
  });

  test('leaves one denial of each kind on the audit trail, which names the missing scope', async () => {
    const records = await readAudit(world.cli, ['--action', 'access.denied']);
    const missing: string[] = [];
    for (const asker of askers)
      for (const method of methods) {
        const code = expected(method, asker);
        if (code === 'admitted') continue;
        const told = code === 'UNAUTHENTICATED' ? '' : `lacks the scope ${scopeOf(method)},`;
        const subject = `method/${method.parent.typeName}/${method.name}`;
        const actor = asker === 'nobody' ? 'anonymous' : `dev-${asker}`;
        const found = records.some(
          (each) =>
            each.actor === actor &&
            each.subject === subject &&
            each.outcome === code &&
            each.reason.includes(told),
        );
        if (!found) missing.push(`${actor} ${subject}`);
      }
    expect(missing).toEqual([]);
  });

  test('counts each denial', async () => {
    const client = connectTo(world.service());
    try {
      const { denials } = await client.transports.getTransportStats({});
      const counted = denials.map(({ code, count }): [string, number] => [code, Number(count)]);
      expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(denied));
    } finally {
      await client.close();
    }
  });
});

interface Operation {
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, object>> }>>;
}

const { paths } = JSON.parse(readFileSync(repositoryFile('docs', 'openapi.json'), 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};
const routes = Object.entries(paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path,
    operation,
  })),
);

/** Codes that no route of the document may be answered with. */
const amiss = ['ROUTE_NOT_FOUND', 'METHOD_NOT_ALLOWED', 'FIELD_UNKNOWN', 'INTERNAL', 'PERMISSION_DENIED'];

describe('every route of docs/openapi.json', () => {
  test.each(httpVersions)('is served over %s, and answers what the document says', async (version) => {
    const wrong: string[] = [];
    for (const route of routes) {
      const answer = await answerOf(wireOf(version), route);
      const documented = Object.keys(route.operation.responses['200']?.content ?? {});
      const right =
        answer.status === 200
          ? documented.includes(answer.type)
          : answer.type === 'application/problem+json' &&
            Object.hasOwn(errorCodes, answer.code) &&
            !amiss.includes(answer.code);
      if (!right) wrong.push(`${route.method} ${route.path}: ${JSON.stringify(answer)}`);
      if (answer.transport !== version) wrong.push(`${route.path} came by ${answer.transport}`);
    }
    expect(wrong).toEqual([]);
    expect(routes.length).toBeGreaterThan(30);
  });
});

interface RouteAnswer {
  readonly status: number;
  readonly type: string;
  readonly transport: string | null;
  readonly code: string;
}

/** The head of an answer, and the code of a problem; streams are left at once. */
async function answerOf(
  { baseUrl, client }: Wire,
  { method, path, operation }: (typeof routes)[number],
): Promise<RouteAnswer> {
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    name === 'digest' ? `sha256:${'0'.repeat(64)}` : 'x',
  );
  const token = path.startsWith('/meshkit/telemetry/') ? 'telemetry' : 'admin';
  const leaving = new AbortController();
  const { status, header, body } = await client({
    url: `${baseUrl}${target}`,
    method,
    header: new Headers({
      ...headersOf(token),
      ...(operation.requestBody ? { 'content-type': 'application/json' } : {}),
    }),
    ...(operation.requestBody ? { body: emptyObject() } : {}),
    signal: leaving.signal,
  });
  const facts = { status, type: header.get('content-type') ?? '', transport: header.get('rpc-transport') };
  if (facts.type === 'text/event-stream') {
    leaving.abort();
    return { ...facts, code: '' };
  }
  let text = '';
  for await (const chunk of body) text += new TextDecoder().decode(chunk);
  const { code = '' } = JSON.parse(text) as { code?: string };
  return { ...facts, code };
}

async function* emptyObject(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('{}');
}
