import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { exportSPKI, importJWK } from 'jose';
import {
  bearer,
  createJwtBench,
  issuerName,
  type JwtBench,
  keySetText,
  rawToken,
  signingKey,
} from './jwt.testing.ts';
import { jwtAlgorithms } from './jwt-issuer.ts';

let bench: JwtBench;
beforeEach(async () => {
  bench = await createJwtBench();
});
afterEach(() => bench.authenticator.close());

async function claimsNow(change: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const token = await bench.token(change);
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

describe('a token of the issuer', () => {
  test('says who asks, with groups, scopes and namespaces', async () => {
    const token = await bench.token({
      groups: ['sre', 'dba'],
      scope: 'openid mesh.read mesh.operate',
      namespaces: ['orders'],
    });
    expect(await bench.authenticator.authenticate({ headers: bearer(token) })).toEqual({
      ok: true,
      value: {
        id: 'ann',
        groups: ['sre', 'dba'],
        grants: [
          { scope: 'mesh.read', namespaces: ['orders'] },
          { scope: 'mesh.operate', namespaces: ['orders'] },
        ],
      },
    });
  });

  test('is believed with the scheme in any case, and for one of several audiences', async () => {
    const token = await bench.token({ aud: ['billing', 'mesh'] });
    const headers = new Headers({ authorization: `bEARER  ${token}` });
    expect((await bench.authenticator.authenticate({ headers })).ok).toBe(true);
  });

  test.each(jwtAlgorithms.map((each) => [each]))(
    'signed with %s is believed where that is allowed',
    async (alg) => {
      const key = await signingKey('k1', alg);
      const other = await createJwtBench({ key, issuer: { algorithms: [alg] } });
      expect(await other.refusal(await other.token())).toBe('');
      other.authenticator.close();
    },
  );

  test('names principals and groups by other claims, also by members of claims, and with a prefix', async () => {
    const claims = { principal: 'email', groups: 'realm.roles', scopes: '', namespaces: 'https://mesh/ns' };
    const other = await createJwtBench({ issuer: { claims, prefix: 'corp:' } });
    const token = await other.token({
      email: 'ann@example',
      realm: { roles: ['sre', 'bad\nname'] },
      'https://mesh/ns': '*',
    });
    const answer = await other.authenticator.authenticate({ headers: bearer(token) });
    expect(answer).toEqual({ ok: true, value: { id: 'corp:ann@example', groups: ['corp:sre'], grants: [] } });
    other.authenticator.close();
  });

  test('without its key named is believed only when there is no choice', async () => {
    const token = await bench.token({}, { kid: undefined });
    expect(await bench.refusal(token)).toBe('');
    bench.server.text = keySetText(bench.key, await signingKey('k2'));
    await bench.clock.advance(11 * 60_000);
    expect(await bench.refusal(await bench.token({}, { kid: undefined }))).toContain('does not name its key');
  });
});

describe('a token is refused', () => {
  test.each([
    ['of no audience', { aud: undefined }, 'no audience'],
    ['of another audience', { aud: 'other' }, 'the audience of the token is not mesh'],
    ['of other audiences', { aud: ['other', 'mesh2'] }, 'not mesh'],
    ['of an audience that is no text', { aud: { mesh: true } }, 'not mesh'],
    ['without an end', { exp: undefined }, 'never expires'],
    ['whose end is a text', { exp: '9999999999' }, 'a number of seconds'],
    ['of another issuer', { iss: 'https://login.example/' }, 'none that this service believes'],
    ['of no issuer', { iss: undefined }, 'none that this service believes'],
    ['of nobody', { sub: undefined }, 'the name of a principal'],
    ['of the service itself', { sub: 'meshkit-rebalancer' }, 'the name of a principal'],
    ['whose groups are an object', { groups: { admin: true } }, 'a list of at most 256 texts'],
    ['whose namespaces are a number', { namespaces: 7 }, 'a list of at most 256 texts'],
  ])('%s', async (_, claims, message) => {
    expect(await bench.refusal(await bench.token(claims))).toContain(message);
  });

  test.each([
    ['that is for logging out', { typ: 'logout+jwt' }, 'another type'],
    ['that demands extensions', { crit: ['exp'], exp: 1 }, 'demands extensions'],
    ['whose key is unknown', { kid: 'k9' }, `is none of ${issuerName}`],
    ['whose key has a name of thousands of letters', { kid: 'k'.repeat(5_000) }, 'usual length'],
  ])('%s', async (_, header, message) => {
    const [, , signature = ''] = (await bench.token()).split('.');
    const token = rawToken({ alg: 'ES256', kid: 'k1', ...header }, await claimsNow(), signature);
    expect(await bench.refusal(token)).toContain(message);
  });

  test('without a signature, however it says so', async () => {
    const claims = await claimsNow();
    for (const alg of ['none', 'None', 'NONE']) {
      expect(await bench.refusal(rawToken({ alg }, claims, ''))).toContain('is not signed');
      expect(await bench.refusal(rawToken({ alg }, claims, 'x'))).toContain('is not signed');
    }
    expect(await bench.refusal(rawToken({ alg: 'ES256', kid: 'k1' }, claims, ''))).toContain('is not signed');
    expect(await bench.refusal(rawToken({ kid: 'k1' }, claims, 'x'))).toContain('names no algorithm');
  });

  test('with the public key passed off as a secret', async () => {
    const key = await signingKey('k1', 'RS256');
    const other = await createJwtBench({ key, issuer: { algorithms: ['RS256', 'ES256'] } });
    const publicKey = await importJWK(key.publicJwk, 'RS256', { extractable: true });
    if (publicKey instanceof Uint8Array) throw new Error('a secret');
    for (const secret of [await exportSPKI(publicKey), JSON.stringify(key.publicJwk)]) {
      const [header, claims] = rawToken({ alg: 'HS256', kid: 'k1' }, await claimsNow(), 'x').split('.');
      const mac = createHmac('sha256', secret).update(`${header}.${claims}`).digest('base64url');
      expect(await other.refusal(`${header}.${claims}.${mac}`)).toContain('may not use');
    }
    other.authenticator.close();
  });

  test('by an algorithm that its issuer may not use, or that its key is not for', async () => {
    const other = await signingKey('k1', 'RS256');
    expect(await bench.refusal(await bench.token({}, {}, other))).toContain('may not use');
  });

  test('that brings its own key along', async () => {
    const thief = await signingKey('k1');
    const header = { jwk: thief.publicJwk, jku: 'https://thief.example/keys', x5u: 'https://thief.example' };
    expect(await bench.refusal(await bench.token({}, header, thief))).toContain(
      'signature of the token is wrong',
    );
    expect(bench.server.asked).toBe(1);
  });

  test('that is too long, encrypted or not a token, and never shows what was sent', async () => {
    expect(await bench.refusal('x'.repeat(8_193))).toContain('more than 8192');
    expect(await bench.refusal('a.b.c.d.e')).toContain('encrypted');
    expect(await bench.refusal('hunter2')).not.toContain('hunter2');
    expect(await bench.refusal('W10.W10.AA')).toContain('not a JSON object');
    expect(await bench.refusal(`${await bench.token()}=`)).toContain('base64url');
  });

  test.each([
    ['another scheme', ['Basic YW5uOmFubg==']],
    ['no token', ['Bearer']],
    ['two tokens', ['Bearer aa.bb.cc dd.ee.ff']],
    ['two headers', ['Bearer aa.bb.cc', 'Bearer dd.ee.ff']],
    ['a quoted token', ['Bearer "aa.bb.cc"']],
    ['a parameter', ['Bearer token=aa.bb.cc, x=y']],
  ])('in a header with %s', async (_, values) => {
    const headers = new Headers();
    for (const value of values) headers.append('authorization', value);
    const answer = await bench.authenticator.authenticate({ headers });
    expect(answer).toMatchObject({ ok: false, error: { code: 'UNAUTHENTICATED' } });
  });

  test('after any change of its bytes', async () => {
    const token = await bench.token();
    expect(await bench.refusal(token)).toBe('');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~+/=';
    const edits = fc.tuple(
      fc.nat(token.length - 1),
      fc.constantFrom(...alphabet),
      fc.constantFrom('replace', 'insert', 'remove'),
    );
    await fc.assert(
      fc.asyncProperty(edits, async ([at, letter, how]) => {
        const rest = token.slice(how === 'insert' ? at : at + 1);
        const changed = `${token.slice(0, at)}${how === 'remove' ? '' : letter}${rest}`;
        return changed === token || (await bench.refusal(changed)) !== '';
      }),
      { numRuns: 500 },
    );
  });
});

test('the last letter of a token is as exact as the others', async () => {
  const token = await bench.token();
  const believed: string[] = [];
  for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
    if ((await bench.refusal(token.slice(0, -1) + letter)) === '') believed.push(letter);
  }
  expect(believed).toEqual([token.slice(-1)]);
});

describe('the time of a token', () => {
  test('ends at "exp" and the leeway, to the millisecond, also when it was believed before', async () => {
    const token = await bench.token();
    await bench.clock.advance(3_630_000 - 1);
    expect(await bench.refusal(token)).toBe('');
    await bench.clock.advance(1);
    expect(await bench.refusal(token)).toBe('the token expired 30 s ago');
  });

  test.each(['nbf', 'iat'])('begins at "%s" less the leeway', async (claim) => {
    const token = await bench.token({ [claim]: bench.clock.now() / 1_000 + 31 });
    expect(await bench.refusal(token)).toBe(`the token is valid from "${claim}" on, 31 s from now`);
    await bench.clock.advance(1_000);
    expect(await bench.refusal(token)).toBe('');
  });
});
