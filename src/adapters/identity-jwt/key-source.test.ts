import { afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../base/log.ts';
import { silentLog } from '../../base/log.ts';
import { createRandom } from '../../base/random.ts';
import { createVirtualClock, type VirtualClock } from '../../base/virtual-clock.ts';
import {
  bearer,
  createJwtBench,
  type JwtBench,
  jwtIssuer,
  keyServer,
  keySetText,
  type SigningKey,
  settled,
  signedToken,
  signingKey,
} from './jwt.testing.ts';
import { createJwtAuthenticator } from './jwt-authenticator.ts';
import { parseKeySet } from './key-set.ts';
import { createKeySource, type KeySource, urlTiming } from './key-source.ts';
import { keyTextFromUrl, maxKeySetBytes } from './load-key-text.ts';

let older: SigningKey;
let newer: SigningKey;
beforeAll(async () => {
  older = await signingKey('older');
  newer = await signingKey('newer');
});
const benches: JwtBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.authenticator.close();
});

async function benchWith(key: SigningKey): Promise<JwtBench> {
  const bench = await createJwtBench({ key });
  benches.push(bench);
  return bench;
}

const minute = 60_000;

describe('keys of an issuer', () => {
  test('that are new work at once, and those that were withdrawn stop after the next reading', async () => {
    const bench = await benchWith(older);
    const old = await bench.token();
    expect(await bench.refusal(old)).toBe('');
    await bench.clock.advance(minute);
    bench.server.text = keySetText(newer);
    expect(await bench.refusal(await bench.token({}, {}, newer))).toBe('');
    expect(bench.server.asked).toBe(2);
    expect(await bench.refusal(old)).toContain('none of https://login.example');
  });

  test('that were withdrawn stop working at the maximum age although nobody asks for new ones', async () => {
    const bench = await benchWith(older);
    const old = await bench.token();
    expect(await bench.refusal(old)).toBe('');
    bench.server.text = keySetText(newer);
    await bench.clock.advance(urlTiming.maxAge);
    await settled(() => bench.server.asked === 2);
    await bench.refusal('a.b.c');
    expect(await bench.refusal(old)).toContain('none of https://login.example');
  });

  test('that are unknown make the service ask no more often than the cooldown allows', async () => {
    const bench = await benchWith(older);
    expect(await bench.refusal(await bench.token())).toBe('');
    await bench.clock.advance(minute);
    const before = bench.server.asked;
    const forged = await bench.token({}, { kid: 'forged' });
    await Promise.all(Array.from({ length: 50 }, () => bench.refusal(forged)));
    expect(bench.server.asked).toBe(before + 1);
    await bench.clock.advance(urlTiming.cooldown);
    await bench.refusal(forged);
    expect(bench.server.asked).toBe(before + 2);
  });

  test('stay in use while they cannot be read, up to the stale limit, and come back with the server', async () => {
    const bench = await benchWith(older);
    expect(await bench.refusal(await bench.token())).toBe('');
    bench.server.isAway = true;
    await bench.clock.advance(urlTiming.staleLimit - minute);
    expect(await bench.refusal(await bench.token())).toBe('');
    await bench.clock.advance(2 * minute);
    expect(await bench.refusal(await bench.token())).toContain('cannot be read');
    bench.server.isAway = false;
    await bench.clock.advance(urlTiming.maxBackoff);
    expect(await bench.refusal(await bench.token())).toBe('');
  });

  test('that cannot be read any more do not outlive their limit in what was verified before', async () => {
    const bench = await benchWith(older);
    const token = await bench.token({ exp: bench.clock.now() / 1_000 + 48 * 3_600 });
    bench.server.isAway = true;
    await bench.refusal(token);
    await bench.clock.advance(urlTiming.staleLimit - 10);
    expect(await bench.refusal(token)).toBe('');
    await bench.clock.advance(20);
    expect(await bench.refusal(token)).toContain('cannot be read');
  });

  test('are replaced only by a set that is whole', async () => {
    const bench = await benchWith(older);
    expect(await bench.refusal(await bench.token())).toBe('');
    for (const text of ['', '{}', '{"keys":[]}', '{"keys":[{"kty":"oct","k":"AAAA"}]}', '<html>']) {
      bench.server.text = text;
      await bench.clock.advance(urlTiming.maxAge);
      expect(await bench.refusal(await bench.token())).toBe('');
    }
  });
});

describe('a source of keys', () => {
  interface SourceBench {
    readonly clock: VirtualClock;
    readonly source: KeySource;
    readonly askedAt: number[];
    readonly warnings: string[];
  }

  function sourceOf(load: () => Promise<string>): SourceBench {
    const clock = createVirtualClock();
    const askedAt: number[] = [];
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (_, fields) => warnings.push(String(fields?.why)) };
    const source = createKeySource({
      issuer: 'i',
      algorithms: ['ES256'],
      timing: urlTiming,
      clock,
      random: createRandom(7),
      log,
      async load() {
        askedAt.push(clock.monotonic());
        return { ok: true, value: await load() };
      },
    });
    return { clock, source, askedAt, warnings };
  }

  test('that fails is asked ever more seldom, by chance a little earlier, and never less than the longest wait', async () => {
    const { clock, source, askedAt } = sourceOf(async () => 'nonsense');
    await source.refresh();
    for (let step = 0; step < 3_600; step++) await clock.advance(1_000);
    const waits = askedAt.slice(1).map((at, index) => at - (askedAt[index] ?? 0));
    waits.forEach((wait, index) => {
      const most = Math.min(urlTiming.maxBackoff, urlTiming.backoff * 2 ** index);
      expect(wait).toBeGreaterThanOrEqual(most / 2);
      expect(wait).toBeLessThanOrEqual(most);
    });
    expect(waits.length).toBeGreaterThan(12);
    source.close();
    expect(clock.pendingTimers()).toBe(0);
  });

  test('that fails is not asked because of unknown keys either before its time', async () => {
    const { clock, source, askedAt } = sourceOf(async () => 'nonsense');
    await source.refresh();
    for (let step = 0; step < 600; step++) await clock.advance(1_000);
    const before = askedAt.length;
    expect(await source.find('k', 'ES256')).toEqual({ ok: false, error: 'unavailable' });
    expect(askedAt.length).toBe(before);
    source.close();
  });

  test('that never answers holds nobody up longer than its time', async () => {
    const { clock, source, warnings } = sourceOf(() => new Promise(() => {}));
    const found = source.find('k', 'ES256');
    await clock.advance(urlTiming.timeout);
    expect(await found).toEqual({ ok: false, error: 'unavailable' });
    expect(warnings).toEqual(['it does not answer in time']);
    source.close();
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe('a key set', () => {
  test('may hold keys of other kinds, other purposes and broken ones beside those that count', async () => {
    const { publicJwk } = older;
    const others = [
      { kty: 'oct', k: 'c2VjcmV0', kid: 'secret' },
      { ...publicJwk, kid: 'encrypting', use: 'enc' },
      { ...publicJwk, kid: 'signing', key_ops: ['sign'] },
      { ...publicJwk, kid: 'another', alg: 'ES512' },
      { ...publicJwk, kid: 'broken', x: 'AA' },
      { kty: 'EC', crv: 'toString', kid: 'odd' },
      null,
    ];
    const set = await parseKeySet(JSON.stringify({ keys: [...others, publicJwk] }), ['ES256']);
    if (!set.ok) throw new Error(set.error);
    expect(set.value.size).toBe(1);
    expect(set.value.find('older', 'ES256')).toBeDefined();
    expect(set.value.find('', 'ES256')).toBeDefined();
  });

  test('of RSA keys that are too short is none', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    const text = JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] });
    expect(await parseKeySet(text, ['RS256'])).toMatchObject({ ok: false });
  });

  test('with two keys of one name has none of that name', async () => {
    const twin = { ...newer, publicJwk: { ...newer.publicJwk, kid: 'older' } };
    const set = await parseKeySet(keySetText(older, twin), ['ES256']);
    expect(set.ok && set.value.find('older', 'ES256')).toBe(undefined);
  });
});

describe('a key set by URL', () => {
  const signal = new AbortController().signal;

  test.each([
    ['answers with an error', new Response('no', { status: 503 }), 'the status 503'],
    ['is endless', new Response(new Uint8Array(maxKeySetBytes + 1)), `more than ${maxKeySetBytes} bytes`],
  ])('that %s is no key set', async (_, response, why) => {
    const loaded = await keyTextFromUrl('https://x.example', async () => response)(signal);
    expect(loaded).toEqual({ ok: false, error: expect.stringContaining(why) });
  });

  test('that leads elsewhere is not followed', async () => {
    const asked: RequestInit[] = [];
    await keyTextFromUrl('https://x.example', async (_, init) => {
      asked.push(init);
      return new Response('{}');
    })(signal);
    expect(asked[0]?.redirect).toBe('error');
  });

  test('that is away does not keep the service from starting, and is believed once it is there', async () => {
    const clock = createVirtualClock();
    const server = keyServer(keySetText(older));
    server.isAway = true;
    const parts = { issuers: [jwtIssuer()], clock, random: createRandom(1), log: silentLog };
    const made = await createJwtAuthenticator({ ...parts, fetch: server.fetch });
    if (!made.ok) throw new Error('it did not start');
    const ask = async (): Promise<unknown> => {
      const headers = bearer(await signedToken(older, clock.now()));
      const answer = await made.value.authenticate({ headers });
      return answer.ok ? '' : answer.error.message;
    };
    expect(await ask()).toContain('the keys of https://login.example cannot be read');
    server.isAway = false;
    await clock.advance(urlTiming.backoff);
    expect(await ask()).toBe('');
    made.value.close();
  });
});

describe('a key set in a file', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  async function fromFile(text: string) {
    const folder = mkdtempSync(join(tmpdir(), 'mesh-keys-'));
    folders.push(folder);
    const path = join(folder, 'keys.json');
    writeFileSync(path, text);
    const clock = createVirtualClock();
    const made = await createJwtAuthenticator({
      issuers: [jwtIssuer({ keys: { kind: 'file', path } })],
      clock,
      random: createRandom(1),
      log: silentLog,
      fetch: () => Promise.reject(new Error('nothing is fetched')),
    });
    return { path, clock, made };
  }

  test('is read again when it changes', async () => {
    const { path, clock, made } = await fromFile(keySetText(older));
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    const ask = async (key: SigningKey): Promise<boolean> =>
      (await made.value.authenticate({ headers: bearer(await signedToken(key, clock.now())) })).ok;
    expect(await ask(older)).toBe(true);
    expect(await ask(newer)).toBe(false);
    writeFileSync(path, keySetText(newer));
    await clock.advance(1_000);
    expect(await ask(newer)).toBe(true);
    expect(await ask(older)).toBe(false);
    rmSync(path);
    await clock.advance(minute);
    expect(await ask(newer)).toBe(true);
    made.value.close();
  });

  test.each([
    ['', 'not JSON'],
    ['{"keys":[]}', 'no public key'],
    ['[]', 'no list "keys"'],
  ])('of %j keeps the service from starting', async (text, why) => {
    const { made, path, clock } = await fromFile(text);
    expect(made).toMatchObject({ ok: false, error: [{ code: 'CONFIG_INVALID', value: path }] });
    expect(made.ok || made.error[0]?.message).toContain(why);
    expect(clock.pendingTimers()).toBe(0);
  });
});
