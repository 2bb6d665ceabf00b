import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { parse } from 'yaml';
import { type Clock, systemClock } from '../../base/clock.ts';
import { createVirtualClock, type VirtualClock } from '../../base/virtual-clock.ts';
import { scopes } from '../../domain/principal.ts';
import { principalHeader } from '../../wire/header-names.ts';
import { actingPrincipal } from './acting-principal.ts';
import { createDevIdentity, type DevIdentity } from './dev-identity.ts';
import { devNames, devScopes } from './dev-scopes.ts';

let root: string;
let folder: string;
let clock: VirtualClock;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mesh-dev-'));
  folder = join(root, 'dev');
  clock = createVirtualClock();
});
afterEach(() => rmSync(root, { recursive: true }));

async function make(at: Clock = clock): Promise<DevIdentity> {
  const made = await createDevIdentity({ folder, clock: at });
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

/** Every file by its path in the folder. */
function contents(): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true }).map(String).sort();
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

/** Fails unless every credential in the folder is valid now and fits the others. */
async function expectWhole(): Promise<void> {
  const files = contents();
  const authority = new X509Certificate(files['ca.pem'] ?? '');
  for (const name of ['server', ...devNames.map((each) => `clients/${each}`)]) {
    const certificate = new X509Certificate(files[`${name}.pem`] ?? '');
    expect(certificate.checkIssued(authority) && certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(files[`${name}.key`] ?? ''))).toBe(true);
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(clock.now() + 29 * dayMs);
    expect(Date.parse(certificate.validTo)).toBeLessThan(Date.parse(authority.validTo));
  }
  const keys = createLocalJWKSet(JSON.parse(files['jwks.json'] ?? ''));
  for (const name of devNames) {
    const token = (files[`tokens/${name}.jwt`] ?? '').trim();
    const { payload } = await jwtVerify(token, keys, {
      issuer: 'urn:meshkit:dev',
      audience: 'meshkit-rebalancer',
      subject: `dev-${name}`,
      currentDate: new Date(clock.now() + 6 * dayMs),
    });
    expect(payload.scope).toBe(devScopes[name].join(' '));
  }
}

const dayMs = 86_400_000;

describe('development credentials', () => {
  test('are made whole, for their owner alone', async () => {
    const { files } = await make();
    await expectWhole();
    expect(readdirSync(files.tokens).sort()).toEqual(devNames.map((name) => `${name}.jwt`).sort());
    for (const path of readdirSync(folder, { recursive: true })) {
      const stat = statSync(join(folder, String(path)));
      expect(stat.mode & 0o777).toBe(stat.isDirectory() ? 0o700 : 0o600);
    }
  });

  test('stay as they are from one start to the next', async () => {
    await make();
    const before = contents();
    await clock.advance(20 * dayMs);
    await make();
    expect(contents()).toEqual(before);
  });

  test('are renewed before they expire, each in its time, and never the keys', async () => {
    await make();
    const start = contents();
    const changed = async (days: number): Promise<string[]> => {
      const before = contents();
      await clock.advance(days * dayMs);
      await make();
      await expectWhole();
      const after = contents();
      return Object.keys(before).filter((path) => before[path] !== after[path]);
    };
    expect(await changed(24)).toEqual(devNames.map((name) => `tokens/${name}.jwt`).sort());
    expect(await changed(37)).toContain('server.pem');
    expect(await changed(185)).toContain('ca.pem');
    const keys = (files: Record<string, string>): string[] =>
      Object.keys(files).filter((path) => path.endsWith('.key'));
    for (const path of keys(start)) expect(contents()[path]).toBe(start[path]);
  });

  test('are made anew wherever they are missing, as after being killed on the way', async () => {
    await make();
    const all = Object.keys(contents());
    await fc.assert(
      fc.asyncProperty(fc.subarray(all, { minLength: 1 }), async (missing) => {
        for (const path of missing) rmSync(join(folder, path));
        writeFileSync(join(folder, 'ca.key.new'), '-----BEGIN PRIV');
        await make();
        await expectWhole();
      }),
      { numRuns: 15 },
    );
  });

  test.each(['ca.pem', 'server.pem', 'clients/read.pem', 'tokens/admin.jwt', 'jwks.json'])(
    'that can be made from keys are, where %s is damaged',
    async (path) => {
      await make();
      writeFileSync(join(folder, path), 'nonsense');
      await make();
      await expectWhole();
    },
  );

  test.each(['ca.key', 'server.key', 'signing.key', 'clients/read.key'])(
    'whose key %s is damaged are named, with what to do',
    async (path) => {
      await make();
      for (const text of ['', 'nonsense', 'x'.repeat(100_000)]) {
        writeFileSync(join(folder, path), text);
        const made = await createDevIdentity({ folder, clock });
        expect(made).toMatchObject({
          ok: false,
          error: {
            code: 'DEV_CREDENTIALS_DAMAGED',
            subject: join(folder, path),
            remedy: expect.stringContaining(`Delete the folder ${folder}`),
          },
        });
      }
    },
  );

  test('whose key others could read are for their owner alone again', async () => {
    await make();
    rmSync(join(folder, 'ca.key'));
    writeFileSync(join(folder, 'ca.key'), contents()['server.key'] ?? '', { mode: 0o644 });
    await make();
    expect(statSync(join(folder, 'ca.key')).mode & 0o777).toBe(0o600);
  });

  test('need a folder', async () => {
    writeFileSync(folder, '');
    expect(await createDevIdentity({ folder, clock })).toMatchObject({
      ok: false,
      error: { code: 'FILE_UNREADABLE', subject: folder },
    });
    rmSync(folder);
    mkdirSync(join(folder, 'ca.key'), { recursive: true });
    expect(await createDevIdentity({ folder, clock })).toMatchObject({
      ok: false,
      error: { code: 'DEV_CREDENTIALS_DAMAGED' },
    });
  });

  test('come with a profile for each token', async () => {
    const identity = await make();
    const written = identity.writeProfiles('https://127.0.0.1:7443');
    if (!written.ok) throw new Error(written.error.message);
    const { current, profiles } = parse(readFileSync(written.value, 'utf8'));
    expect(current).toBe('admin');
    expect(Object.keys(profiles)).toEqual([...devNames]);
    expect(profiles.read).toEqual({
      address: 'https://127.0.0.1:7443',
      ca: 'ca.pem',
      tokenFile: 'tokens/read.jwt',
    });
    identity.writeProfiles('https://127.0.0.2:7443');
    expect(parse(readFileSync(written.value, 'utf8')).profiles.read.serverName).toBe('localhost');
  });
});

describe('development certificates', () => {
  test.each(['localhost', '127.0.0.1', '::1'])('serve TLS to a client that expects %s', async (host) => {
    const identity = await make(systemClock);
    const shown = await handshake(identity, host);
    expect(shown.authorized).toBe(true);
    const credential = {
      subject: { CN: shown.name },
      subjectAltNames: [],
      fingerprint256: shown.fingerprint,
      notAfter: Number.POSITIVE_INFINITY,
    };
    expect(identity.principalOf(credential)).toMatchObject({ id: 'dev-operate', groups: [] });
    expect(identity.principalOf({ ...credential, fingerprint256: 'AB:CD' })).toBeUndefined();
  });
});

interface Shown {
  readonly authorized: boolean;
  readonly fingerprint: string;
  readonly name: string;
}

/** Connects as `dev-operate` and says what the server saw. */
async function handshake({ files }: DevIdentity, host: string): Promise<Shown> {
  const read = (path: string): string => readFileSync(path, 'utf8');
  const seen = Promise.withResolvers<Shown>();
  const server = createServer(
    {
      cert: read(files.serverCertificate),
      key: read(files.serverKey),
      ca: read(files.ca),
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
    },
    (socket: TLSSocket) => {
      const peer = socket.getPeerCertificate();
      const name = String(peer.subject.CN);
      seen.resolve({ authorized: socket.authorized, fingerprint: peer.fingerprint256, name });
      socket.end();
    },
  );
  await new Promise<void>((done) => server.listen(0, host === '::1' ? '::1' : '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const socket = connect({
    host: address.address,
    port: address.port,
    ...(host === 'localhost' ? { servername: host } : {}),
    ca: read(files.ca),
    cert: read(join(files.clients, 'operate.pem')),
    key: read(join(files.clients, 'operate.key')),
  });
  socket.on('error', seen.reject);
  try {
    return await seen.promise;
  } finally {
    socket.destroy();
    server.close();
  }
}

describe('the header that names another principal', () => {
  const credential = { id: 'dev-read', groups: ['g'], grants: [] };
  const acting = (header?: string): unknown => {
    const headers = new Headers(header === undefined ? {} : { [principalHeader]: header });
    const result = actingPrincipal(credential, headers);
    return result.ok ? result.value : result.error.code;
  };

  test('replaces name and groups and leaves the grants', () => {
    expect(acting()).toEqual(credential);
    expect(acting('ann')).toEqual({ id: 'ann', groups: [], grants: [] });
    expect(acting('ann; groups=sre, dba')).toEqual({ id: 'ann', groups: ['sre', 'dba'], grants: [] });
  });

  test.each(['', ' ', ';groups=a', 'ann;role=root', 'a b', 'ann;groups=a b', 'x'.repeat(600)])(
    'of %p is refused',
    (header) => {
      expect(acting(header)).toBe('UNAUTHENTICATED');
    },
  );
});

test('every scope has a credential', () => {
  expect([...new Set(Object.values(devScopes).flat())].sort()).toEqual([...scopes].sort());
});
