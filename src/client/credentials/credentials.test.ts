import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, ConnectError, createRouterTransport } from '@connectrpc/connect';
import { createVirtualClock } from '../../base/virtual-clock.ts';
import { ProblemError } from '../../domain/problem.ts';
import { RebalancePlanService } from '../../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { StatusService } from '../../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { createMeshClient } from '../mesh-client.ts';
import { readTokenClaims } from './token-claims.ts';
import { createTokenCommand } from './token-command.ts';
import { createTokenFile } from './token-file.ts';
import { createStaticToken, type TokenSource } from './token-source.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesh-token-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function jwt(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'ES256' })}.${part(claims)}.c2ln`;
}

async function problemOf(work: Promise<unknown>) {
  const thrown = await work.catch((error: unknown) => error);
  if (!(thrown instanceof ProblemError)) throw new Error(`unexpected: ${thrown}`);
  return thrown.problems[0];
}

describe('a token in a file', () => {
  test('is read again when the file changed, and only then', async () => {
    const path = join(folder, 'token');
    writeFileSync(path, 'first\n');
    const source = createTokenFile(path);
    expect(await source.token()).toBe('first');
    expect(await source.refused('first')).toBe(false);
    writeFileSync(path, 'the second');
    expect(await source.token()).toBe('the second');
    expect(await source.refused('first')).toBe(true);
  });

  test('that is missing or empty is told with its path', async () => {
    const path = join(folder, 'token');
    expect(await problemOf(createTokenFile(path).token())).toMatchObject({
      code: 'TOKEN_UNAVAILABLE',
      subject: path,
    });
    writeFileSync(path, ' \n');
    expect((await problemOf(createTokenFile(path).token())).message).toContain('empty');
  });
});

describe('a token of a command', () => {
  /** Prints a token that ends in 100 s of the clock, and counts how often it ran. */
  function counting(clock: ReturnType<typeof createVirtualClock>, end: number | undefined) {
    const log = join(folder, 'runs');
    writeFileSync(log, '');
    const token = end === undefined ? 'opaque' : jwt({ sub: 'ci', exp: end / 1000 });
    const source = createTokenCommand(`echo run >> ${log}; echo ${token}`, clock);
    return { source, runs: async () => (await Bun.file(log).text()).split('\n').length - 1, token };
  }

  test('is used until shortly before its end', async () => {
    const clock = createVirtualClock();
    const { source, runs, token } = counting(clock, clock.now() + 100_000);
    expect(await Promise.all([source.token(), source.token()])).toEqual([token, token]);
    await clock.advance(60_000);
    await source.token();
    expect(await runs()).toBe(1);
    await clock.advance(15_000);
    await source.token();
    expect(await runs()).toBe(2);
  });

  test('is asked for anew when it was refused, and after a minute when it does not tell its end', async () => {
    const clock = createVirtualClock();
    const { source, runs, token } = counting(clock, undefined);
    await source.token();
    expect(await source.refused(token)).toBe(true);
    await source.token();
    await clock.advance(61_000);
    await source.token();
    expect(await runs()).toBe(3);
  });

  test.each([
    ['exit 3', 'it printed nothing'],
    ['echo "not logged in" >&2; exit 1', 'not logged in'],
    ['true', 'it printed nothing'],
  ])('that fails (%s) says why', async (command, why) => {
    const problem = await problemOf(createTokenCommand(command, createVirtualClock()).token());
    expect(problem).toMatchObject({ code: 'TOKEN_UNAVAILABLE', subject: command });
    expect(problem.message).toContain(why);
  });
});

test('the claims of a token are read, and anything else has none', () => {
  const token = jwt({
    sub: 'ann',
    iss: 'dev',
    scope: 'mesh.read mesh.observe',
    namespaces: ['orders'],
    exp: 2,
  });
  expect(readTokenClaims(token)).toEqual({
    subject: 'ann',
    issuer: 'dev',
    scopes: ['mesh.read', 'mesh.observe'],
    namespaces: ['orders'],
    groups: [],
    expiresAtMs: 2_000,
  });
  for (const other of ['', 'a.b', 'a.!.c', 'opaque', `a.${Buffer.from('7').toString('base64url')}`])
    expect(readTokenClaims(other)).toBeUndefined();
});

describe('a call that is refused for its token', () => {
  function service(accepted: string, token: TokenSource) {
    const shown: string[] = [];
    const check = (header: Headers): void => {
      shown.push(header.get('authorization') ?? '');
      if (header.get('authorization') !== `Bearer ${accepted}`)
        throw new ConnectError('the token has ended', Code.Unauthenticated);
    };
    const rpcTransport = createRouterTransport((router) => {
      router.service(StatusService, {
        getStatus(_, context) {
          check(context.requestHeader);
          return { version: '9' };
        },
      });
      router.service(RebalancePlanService, {
        async *watchPlans(request, context) {
          check(context.requestHeader);
          yield { resumeToken: (request.resumeToken ?? 0n) + 1n, event: { sequence: 1n } };
        },
      });
    });
    return { shown, client: createMeshClient({ address: 'https://mesh', rpcTransport, token }) };
  }

  const renewing = (): TokenSource => {
    let token = 'old';
    return {
      origin: 'a test',
      token: async () => token,
      async refused(refused) {
        token = 'new';
        return refused !== token;
      },
    };
  };

  test('is made once more with the new one', async () => {
    const { shown, client } = service('new', renewing());
    expect((await client.status.getStatus({})).version).toBe('9');
    expect(shown).toEqual(['Bearer old', 'Bearer new']);
  });

  test('and is a stream begins once more, with its request', async () => {
    const { shown, client } = service('new', renewing());
    for await (const message of client.plans.watchPlans({ resumeToken: 41n })) {
      expect(message.resumeToken).toBe(42n);
      break;
    }
    expect(shown).toEqual(['Bearer old', 'Bearer new']);
  });

  test('fails when there is no other, or the other is refused as well', async () => {
    const fixed = service('new', createStaticToken('old', 'MESH_TOKEN'));
    expect((await problemOf(fixed.client.call((each) => each.status.getStatus({})))).code).toBe(
      'UNAUTHENTICATED',
    );
    expect(fixed.shown).toHaveLength(1);
    const wrong = service('another', renewing());
    expect((await problemOf(wrong.client.call((each) => each.status.getStatus({})))).code).toBe(
      'UNAUTHENTICATED',
    );
    expect(wrong.shown).toHaveLength(2);
  });
});

test('a token does not travel in clear text, except inside the machine', () => {
  const token = createStaticToken('t', 'MESH_TOKEN');
  expect(() => createMeshClient({ address: 'http://10.0.0.1:7443', token })).toThrow('in clear text');
  createMeshClient({ address: 'http://127.0.0.1:7443', token });
  createMeshClient({ address: 'https://10.0.0.1:7443', token });
});
