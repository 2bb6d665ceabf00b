import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { UniversalHandlerFn } from '@connectrpc/connect/protocol';
import { namespace } from '../../controller/rebalancer.testing.ts';
import { type ApiBench, createApiBench, everybodyIs } from '../api.testing.ts';
import { createApiHandler } from '../api-handler.ts';
import { ask, begin } from '../http.testing.ts';

const plans = '/meshkit/rebalance-plans';
const draft = { namespace, dryRun: true, reason: 'a look' };

let bench: ApiBench;
let handler: UniversalHandlerFn;
const shutdown = new AbortController();
beforeAll(async () => {
  bench = await createApiBench();
  handler = createApiHandler(bench.deps(), shutdown.signal);
});
afterAll(() => bench.stop());

async function makeDraft(): Promise<{ id: string; revision: string }> {
  const answer = await ask(handler, plans, { body: draft });
  expect(answer.status).toBe(200);
  return answer.json().plan as { id: string; revision: string };
}

describe('a route', () => {
  test('takes the body, answers the contract in JSON, and says how it came', async () => {
    const answer = await ask(handler, plans, { body: draft });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('rpc-transport')).toBe('h2');
    expect(answer.headers.get('rpc-encoding')).toBe('json');
    expect(answer.json().plan).toMatchObject({ namespace, status: 'PLAN_STATUS_DRAFT' });
  });

  test('takes fields from its path and its query, also repeated ones and short words', async () => {
    const { id } = await makeDraft();
    const one = await ask(handler, `${plans}/${id}`);
    expect(one.json().plan).toMatchObject({ id });
    const moves = await ask(handler, `${plans}/${id}/moves?pageSize=2&states=pending&states=MOVE_STATE_DONE`);
    expect((moves.json().moves as unknown[]).length).toBeGreaterThan(0);
    const list = await ask(handler, `${plans}?namespace=${namespace}&page_size=1`);
    expect((list.json().plans as unknown[]).length).toBe(1);
    expect(list.json().nextCursor).not.toBe('');
  });

  test('with a verb is not taken for an id', async () => {
    const { id } = await makeDraft();
    const diff = await ask(handler, `${plans}/${id}:diff`);
    expect(diff.json()).toHaveProperty('currentSnapshotDigest');
  });

  test('percent-decodes what stands in its path', async () => {
    const answer = await ask(handler, `${plans}/${encodeURIComponent('a/b c')}`);
    expect([answer.status, answer.json().code, answer.json().subject]).toEqual([
      404,
      'PLAN_NOT_FOUND',
      'plan/a/b c',
    ]);
    expect((await ask(handler, `${plans}/%ff`)).json().code).toBe('INPUT_MALFORMED');
  });

  test('answers HEAD without a body and OPTIONS with what it takes', async () => {
    const head = await ask(handler, plans, { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(0);
    const options = await ask(handler, plans, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST, GET, HEAD, OPTIONS']);
  });
});

describe('an answer', () => {
  test('has its revision as ETag, and is not sent to who has it', async () => {
    const { id, revision } = await makeDraft();
    const one = await ask(handler, `${plans}/${id}`);
    const etag = one.headers.get('etag') ?? '';
    expect(etag).toBe(`"${revision}"`);
    const again = await ask(handler, `${plans}/${id}`, { headers: { 'if-none-match': etag } });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  test('is reduced to the fields that are wanted', async () => {
    await makeDraft();
    const list = await ask(handler, `${plans}?pageSize=2&fields=plans.id,plans.summary.moves,next_cursor`);
    const [first] = list.json().plans as Record<string, unknown>[];
    expect(Object.keys(list.json()).sort()).toEqual(['nextCursor', 'plans']);
    expect(Object.keys(first ?? {}).sort()).toEqual(['id', 'summary']);
    expect(Object.keys(first?.summary as object)).toEqual(['moves']);
    const wrong = await ask(handler, `${plans}?fields=plans.nope`);
    expect([wrong.status, wrong.json().code, wrong.json().field]).toEqual([400, 'FIELD_UNKNOWN', 'fields']);
  });

  test('that is large is compressed for who accepts it', async () => {
    await makeDraft();
    const headers = { 'accept-encoding': 'gzip' };
    const { response } = await begin(handler, plans, { headers });
    expect(response.header?.get('content-encoding')).toBe('gzip');
    const bytes = Buffer.concat(await Array.fromAsync(response.body ?? []));
    expect(JSON.parse(gunzipSync(bytes).toString())).toHaveProperty('plans');
  });
});

describe('a condition', () => {
  test('that no longer holds refuses the command', async () => {
    const policy = `/meshkit/rebalance-policies/c1/${namespace}`;
    const spec = { mode: 'propose' };
    const etag = (await ask(handler, policy)).headers.get('etag') ?? '';
    expect(etag).toBe('"1"');
    const second = await ask(handler, policy, {
      method: 'PUT',
      headers: { 'if-match': etag },
      body: { spec },
    });
    expect(second.status).toBe(200);
    const stale = await ask(handler, policy, {
      method: 'PUT',
      headers: { 'if-match': etag },
      body: { spec },
    });
    expect([stale.status, stale.json().code]).toEqual([412, 'POLICY_STALE']);
    const taken = await ask(handler, policy, {
      method: 'PUT',
      headers: { 'if-none-match': '*' },
      body: { spec },
    });
    expect([taken.status, taken.json().code]).toEqual([412, 'POLICY_STALE']);
  });

  test('that names no revision is refused', async () => {
    const answer = await ask(handler, `${plans}/x:pause`, {
      headers: { 'if-match': 'W/"3"' },
      body: {},
    });
    expect([answer.status, answer.json().code, answer.json().field]).toEqual([
      400,
      'FIELD_INVALID',
      'If-Match',
    ]);
  });

  test('the key of a request comes in the header Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'k-1' };
    const first = await ask(handler, plans, { headers, body: draft });
    const again = await ask(handler, plans, { headers, body: draft });
    expect(again.json().plan).toEqual(first.json().plan);
    const other = await ask(handler, plans, { headers, body: { ...draft, seed: 7 } });
    expect([other.status, other.json().code]).toEqual([409, 'IDEMPOTENCY_KEY_REUSED']);
  });
});

describe('what is wrong', () => {
  test.each([
    ['no JSON', '{', 400, 'INPUT_MALFORMED', undefined],
    ['a list', [] as unknown as object, 400, 'INPUT_MALFORMED', undefined],
    ['a field that nobody knows', { ...draft, nameSpace: 1 }, 400, 'FIELD_UNKNOWN', 'nameSpace'],
    ['a wrong type', { ...draft, dryRun: 'yes' }, 400, 'FIELD_INVALID', 'dryRun'],
    ['a value out of range', { ...draft, seed: -1 }, 400, 'FIELD_INVALID', 'seed'],
    ['a missing field', { dryRun: true }, 400, 'FIELD_REQUIRED', 'namespace'],
    ['half of a character', { ...draft, reason: '\ud800' }, 400, 'FIELD_INVALID', 'reason'],
    ['bytes that are no text', new Uint8Array([0xff, 0xfe]), 400, 'INPUT_MALFORMED', undefined],
  ] as const)('with a body (%s) is said with its place', async (_, body, status, code, field) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await ask(handler, plans, { headers, body });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.json()).toMatchObject({ type: `urn:meshkit:problem:${code}`, status, code });
    expect(answer.json().field).toEqual(field as unknown as string);
    expect(String(answer.json().remedy)).not.toBe('');
  });

  test.each([
    ['pageSize=many', 'FIELD_INVALID', 'pageSize'],
    ['pageSize=501', 'FIELD_INVALID', 'pageSize'],
    ['pagesize=5', 'FIELD_UNKNOWN', 'pagesize'],
    ['statuses=done', 'FIELD_INVALID', 'statuses[0]'],
    ['namespace=a&namespace=b', 'FIELDS_CONTRADICT', 'namespace'],
    ['cursor=x', 'CURSOR_INVALID', 'cursor'],
    ['__proto__=1', 'FIELD_UNKNOWN', '__proto__'],
  ])('with a query (%s) is said with its parameter', async (query, code, field) => {
    const answer = await ask(handler, `${plans}?${query}`);
    expect(answer.status).toBe(400);
    expect([answer.json().code, answer.json().field]).toEqual([code, field]);
  });

  test('with the type of a body is said', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await ask(handler, plans, { headers: form, body: 'namespace=orders' });
    expect([answer.status, answer.json().code]).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED']);
    const coded = await ask(handler, plans, {
      headers: { 'content-type': 'application/json', 'content-encoding': 'zstd' },
      body: 'x',
    });
    expect([coded.status, coded.json().field]).toEqual([415, 'content-encoding']);
  });

  test('is too large, also after it is unpacked', async () => {
    const headers = { 'content-type': 'application/json' };
    const large = await ask(handler, plans, { headers, body: new Uint8Array(17 * 2 ** 20) });
    expect([large.status, large.json().code]).toEqual([413, 'REQUEST_TOO_LARGE']);
    const bomb = gzipSync(new Uint8Array(64 * 2 ** 20));
    const unpacked = await ask(handler, plans, {
      headers: { ...headers, 'content-encoding': 'gzip' },
      body: new Uint8Array(bomb),
    });
    expect([unpacked.status, unpacked.json().code]).toEqual([413, 'REQUEST_TOO_LARGE']);
  });

  test('with the path or the method is said', async () => {
    const nowhere = await ask(handler, '/meshkit/nothing');
    expect([nowhere.status, nowhere.json().code]).toEqual([404, 'ROUTE_NOT_FOUND']);
    const method = await ask(handler, `${plans}/x`, { method: 'DELETE' });
    expect([method.status, method.json().code, method.headers.get('allow')]).toEqual([
      405,
      'METHOD_NOT_ALLOWED',
      'GET, HEAD, OPTIONS',
    ]);
  });

  test('with who asks is said with the scope that is missing', async () => {
    const reader = createApiHandler(
      bench.deps({ authenticator: everybodyIs(['mesh.read']) }),
      shutdown.signal,
    );
    const answer = await ask(reader, plans, { body: draft });
    expect([answer.status, answer.json().code, answer.json().limit]).toEqual([
      403,
      'PERMISSION_DENIED',
      'mesh.operate',
    ]);
    expect(answer.headers.get('www-authenticate')).toContain('scope="mesh.operate"');
  });
});

describe('a stream', () => {
  test('is server-sent events that a browser can resume', async () => {
    const leaving = new AbortController();
    const before = await bench.deps().rebalancer.events.head();
    await makeDraft();
    const resumed = await begin(handler, `${plans}:watch?resumeToken=0`, {
      headers: { 'last-event-id': String(before) },
      signal: leaving.signal,
    });
    expect(resumed.response.status).toBe(200);
    expect(resumed.response.header?.get('content-type')).toBe('text/event-stream');
    let text = '';
    for await (const chunk of resumed.response.body ?? []) {
      text += new TextDecoder().decode(chunk);
      if (text.includes('event: planCreated')) break;
    }
    expect(text).toStartWith(`retry: 2000\n\n: alive\nid: ${before}\n\nid: ${before + 1}\n`);
    expect(text).toContain(`event: planCreated\ndata: {"sequence":"${before + 1}"`);
    leaving.abort();
  });

  test('that cannot begin is refused like anything else', async () => {
    const answer = await ask(handler, `${plans}:watch?resumeToken=999999999`);
    expect([answer.status, answer.json().code]).toEqual([400, 'RESUME_TOKEN_INVALID']);
  });
});

describe('other protocols', () => {
  test('are served by the same function, and counted', async () => {
    const connect = await ask(handler, '/meshkit.rebalancer.v1.StatusService/GetStatus', {
      headers: {
        'content-type': 'application/json',
        'meshkit-transport-downgrade': 'from=h3; to=h1; reason=timeout',
      },
      body: '{}',
      httpVersion: 'h1',
    });
    expect([connect.status, connect.headers.get('rpc-transport')]).toEqual([200, 'h1']);
    const stats = (await ask(handler, '/meshkit/transport-stats')).json();
    expect(stats.requests).toContainEqual({
      transport: 'h1',
      protocol: 'connect',
      rpcKind: 'unary',
      count: '1',
    });
    expect(stats.downgrades).toEqual([{ from: 'h3', to: 'h1', reason: 'timeout', count: '1' }]);
  });

  test('are told of a method that does not exist in their own way', async () => {
    const answer = await ask(handler, '/meshkit.rebalancer.v1.StatusService/Nothing', {
      headers: { 'content-type': 'application/grpc' },
      body: '',
    });
    expect([answer.status, answer.headers.get('grpc-status')]).toEqual([200, '12']);
  });

  test('say of a message that is no Protobuf that it is the caller who is wrong', async () => {
    const answer = await ask(handler, '/meshkit.rebalancer.v1.StatusService/GetStatus', {
      headers: { 'content-type': 'application/proto' },
      body: new Uint8Array([0]),
    });
    expect([answer.status, answer.json().code]).toEqual([400, 'invalid_argument']);
    expect(answer.headers.get('content-length')).toBe(String(answer.text.length));
    expect(answer.json().details).toMatchObject([{ type: 'meshkit.rebalancer.v1.ProblemDetail' }]);
  });
});
