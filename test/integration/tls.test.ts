import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect as connectTls } from 'node:tls';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { type MeshProcess, startMesh } from '../../scripts/support/mesh-process.ts';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { MeshClientError } from '../../src/client/client-error.ts';
import { createStaticToken } from '../../src/client/credentials/token-source.ts';
import { createMeshClient, type MeshClient, type MeshClientOptions } from '../../src/client/mesh-client.ts';
import {
  createTestAuthority,
  type IssuedCertificate,
  type TestAuthority,
} from '../../src/transport/certificates.testing.ts';
import { connectH3 } from '../../src/transport/h3-client.testing.ts';
import { cleanEnvironment } from '../support/cli.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { exchange, openWire } from '../support/wires.ts';

/** A service as it runs in earnest: its own certificate, an issuer of tokens, client certificates and roles. */

const issuer = 'https://login.test';
const audience = 'mesh';
const operator = [
  { type: 'CN', value: 'ann' },
  { type: 'OU', value: 'operations' },
] as const;

/** Longer than the service takes to look at its files again, on a busy machine. */
const noticeMs = 30_000;
/** A goodbye over UDP may get lost: then a connection is missed only after QUIC's 30 s of silence. */
const missedMs = 75_000;

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

let folder: TempFolder;
let authority: TestAuthority;
let stranger: TestAuthority;
let key: SigningKey;
let service: MeshProcess;
const log: string[] = [];

beforeAll(async () => {
  folder = await createTempFolder();
  authority = await createTestAuthority();
  stranger = await createTestAuthority();
  key = await createKey('first');
  await writeKeySet(key);
  await writeServerCertificate(await authority.issue('rebalancer'));
  await folder.write('client-ca.pem', authority.certificate);
  const config = await folder.write(
    'rebalancer.yaml',
    `cluster: test
namespaces: [orders, payments]
fleet: http://127.0.0.1:1
listen: 127.0.0.1:0
dataDir: ${folder.file('data')}
tls: { certificate: ${folder.file('server.pem')}, key: ${folder.file('server.key')}, clientCa: ${folder.file('client-ca.pem')} }
auth:
  jwt:
    - { issuer: '${issuer}', audience: ${audience}, algorithms: [ES256], jwks: ${folder.file('jwks.json')} }
  certificates:
    - { subject: { OU: operations, CN: '*' }, groups: [sre] }
  roles:
    - { name: readers, groups: [employees, sre], scopes: [mesh.read, mesh.observe] }
    - { name: operators-of-orders, groups: [sre], scopes: [mesh.operate], namespaces: [orders] }
`,
  );
  service = await startMesh(['rebalancer', 'serve', '--config', config], {
    env: cleanEnvironment({}),
    onLog: (line) => log.push(line),
  });
});
afterAll(async () => {
  await service.stop();
  await folder[Symbol.asyncDispose]();
});

async function createKey(kid: string): Promise<SigningKey> {
  return { kid, ...(await generateKeyPair('ES256', { extractable: true })) };
}

async function writeKeySet(...keys: readonly SigningKey[]): Promise<void> {
  const entries = keys.map(async ({ kid, publicKey }) => ({
    ...(await exportJWK(publicKey)),
    kid,
    alg: 'ES256',
  }));
  await folder.write('jwks.json', JSON.stringify({ keys: await Promise.all(entries) }));
}

async function writeServerCertificate(issued: IssuedCertificate): Promise<void> {
  await folder.write('server.pem', issued.certificate);
  await folder.write('server.key', issued.key);
}

interface TokenChanges {
  readonly by?: SigningKey;
  readonly audience?: string;
  readonly issuer?: string;
  /** Seconds from now. */
  readonly endsIn?: number;
}

const employee: JWTPayload = { groups: ['employees'] };

function sign(claims: JWTPayload, changes: TokenChanges = {}): Promise<string> {
  const { by = key, endsIn = 600 } = changes;
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT({ sub: 'pat', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: by.kid, typ: 'JWT' })
    .setIssuer(changes.issuer ?? issuer)
    .setAudience(changes.audience ?? audience)
    .setIssuedAt(now - 10)
    .setExpirationTime(now + endsIn)
    .sign(by.privateKey);
}

/** A client that trusts the first authority; its calls are asked one by one and it is closed after them. */
async function ask(
  options: Partial<MeshClientOptions> & { readonly bearer?: string },
  call: (client: MeshClient) => Promise<unknown> = (client) => client.status.getStatus({}),
): Promise<string> {
  const { bearer, ...others } = options;
  const client = createMeshClient({
    address: service.url,
    ca: authority.certificate,
    transport: 'h2',
    ...(bearer === undefined ? {} : { token: createStaticToken(bearer, 'a test') }),
    ...others,
  });
  try {
    await client.call(call);
    return 'OK';
  } catch (thrown) {
    if (!(thrown instanceof MeshClientError)) throw thrown;
    return thrown.problems[0].code;
  } finally {
    await client.close();
  }
}

function openIncident(namespace: string) {
  return (client: MeshClient) => client.incidents.openIncident({ namespace, title: 'slow', severity: 1 });
}

function shown({ certificate, key: itsKey }: IssuedCertificate): Partial<MeshClientOptions> {
  return { clientCertificate: { certificate, key: itsKey } };
}

describe('a token', () => {
  test('of the issuer is believed over every HTTP version', async () => {
    const bearer = await sign(employee);
    for (const transport of ['h1', 'h2', 'h3'] as const) expect(await ask({ bearer, transport })).toBe('OK');
  });

  test.each<readonly [string, () => Promise<string>]>([
    ['for another audience', () => sign(employee, { audience: 'billing' })],
    ['of another issuer', () => sign(employee, { issuer: 'https://evil.test' })],
    ['that has ended', () => sign(employee, { endsIn: -60 })],
    ['signed by a key that is not in the set', async () => sign(employee, { by: await createKey('first') })],
    ['that is not signed at all', () => unsigned()],
    ['signed with the public key as if it were a secret', () => confused()],
    ['whose claims were changed after it was signed', async () => changed(await sign(employee))],
    ['that is none', async () => 'nonsense'],
  ])('%s is not believed', async (_, make) => {
    expect(await ask({ bearer: await make() })).toBe('UNAUTHENTICATED');
  });

  test('is not even asked for by name: without one the answer is 401 with a challenge', async () => {
    await using wire = await openWire(service, 'h2', authority.certificate);
    const { status, header } = await exchange(wire, '/meshkit/status');
    expect([status, header.get('www-authenticate')?.slice(0, 6)]).toEqual([401, 'Bearer']);
  });

  test('has the scopes of the roles of its groups, and no others', async () => {
    const bearer = await sign(employee);
    expect(await ask({ bearer }, openIncident('orders'))).toBe('PERMISSION_DENIED');
    const other = await sign({ groups: ['sre'] });
    expect(await ask({ bearer: other }, openIncident('orders'))).toBe('OK');
  });

  test('whose scope is limited to a namespace is refused in others', async () => {
    const bearer = await sign({ groups: ['sre'] });
    expect(await ask({ bearer }, openIncident('payments'))).toBe('PERMISSION_DENIED');
    const own = await sign({ scope: 'mesh.operate', namespaces: ['payments'] });
    expect(await ask({ bearer: own }, openIncident('payments'))).toBe('OK');
    expect(await ask({ bearer: own }, openIncident('orders'))).toBe('PERMISSION_DENIED');
  });
});

describe('a client certificate', () => {
  let certificate: IssuedCertificate;
  beforeAll(async () => {
    certificate = await authority.issue('ann', { subject: operator });
  });

  test.each(['h1', 'h2'] as const)('over %s has the scopes of the roles of its groups', async (transport) => {
    expect(await ask({ ...shown(certificate), transport })).toBe('OK');
    expect(await ask({ ...shown(certificate), transport }, openIncident('orders'))).toBe('OK');
    expect(await ask({ ...shown(certificate), transport }, openIncident('payments'))).toBe(
      'PERMISSION_DENIED',
    );
  });

  test('cannot be shown over HTTP/3, which the client says itself', async () => {
    expect(await ask({ ...shown(certificate), transport: 'h3' })).toBe('FIELDS_CONTRADICT');
  });

  test('is not what a client that may choose shows over HTTP/3', async () => {
    expect(await ask({ ...shown(certificate), transport: 'auto' })).toBe('OK');
  });

  test.each<readonly [string, () => Promise<IssuedCertificate>]>([
    ['of another authority', () => stranger.issue('ann', { subject: operator })],
    ['that has ended', () => authority.issue('ann', { subject: operator, notAfter: Date.now() - 1_000 })],
    ['that no rule fits', () => authority.issue('ann')],
  ])('%s is not believed', async (_, issue) => {
    expect(await ask(shown(await issue()))).toBe('UNAUTHENTICATED');
  });

  test('does not make a bad token good', async () => {
    expect(await ask({ ...shown(certificate), bearer: 'nonsense' })).toBe('UNAUTHENTICATED');
  });
});

describe('the key set on disk', () => {
  test('is read again when it changes: the new key works, the old one no longer', async () => {
    const next = await createKey('second');
    const [old, fresh] = [await sign(employee), await sign(employee, { by: next })];
    expect([await ask({ bearer: old }), await ask({ bearer: fresh })]).toEqual(['OK', 'UNAUTHENTICATED']);
    await writeKeySet(next);
    await waitFor('the new key', noticeMs, async () => (await ask({ bearer: fresh })) === 'OK');
    await waitFor(
      'the end of the old key',
      noticeMs,
      async () => (await ask({ bearer: old })) === 'UNAUTHENTICATED',
    );
    key = next;
  });
});

describe('a certificate that is replaced on disk', () => {
  test('is shown to new connections, while the streams of old ones go on', async () => {
    const bearer = await sign({ groups: ['sre'] });
    const overTcp = await watch(bearer, 'h2');
    const overQuic = await watch(bearer, 'h3');
    await writeServerCertificate(await stranger.issue('rebalancer'));
    await waitFor('the new certificate over TCP', noticeMs, async () => (await issuerShown()) === 'new');

    await ask({ bearer, ca: stranger.certificate }, openIncident('orders'));
    await overTcp.sees(1);
    // HTTP/3 cannot change its certificate: the old one stays until no call is under way.
    await overQuic.sees(1);
    expect(await canConnectH3(stranger)).toBe(false);

    await overQuic.leave();
    await waitFor('the new certificate over HTTP/3', missedMs, () => canConnectH3(stranger));
    await ask({ bearer, ca: stranger.certificate, transport: 'h3' }, openIncident('orders'));
    await overTcp.sees(2);
    await overTcp.leave();
  });
});

test('nothing of all this is an error of the service', () => {
  expect(log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});

async function unsigned(): Promise<string> {
  return new UnsecuredJWT({ sub: 'pat', ...employee })
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime('10 minutes')
    .encode();
}

async function confused(): Promise<string> {
  return new SignJWT({ sub: 'pat', ...employee })
    .setProtectedHeader({ alg: 'HS256', kid: key.kid, typ: 'JWT' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime('10 minutes')
    .sign(new TextEncoder().encode(await exportSPKI(key.publicKey)));
}

async function changed(token: string): Promise<string> {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as JWTPayload;
  const better = Buffer.from(JSON.stringify({ ...claims, groups: ['sre'] })).toString('base64url');
  return [header, better, signature].join('.');
}

interface OpenWatch {
  /** Waits until it has seen so many incidents, on the stream that it opened first. */
  sees(incidents: number): Promise<void>;
  leave(): Promise<void>;
}

/** A watch that does not resume: it ends with its stream. */
async function watch(bearer: string, transport: 'h2' | 'h3'): Promise<OpenWatch> {
  const client = createMeshClient({
    address: service.url,
    ca: authority.certificate,
    transport,
    token: createStaticToken(bearer, 'a test'),
  });
  const leaving = new AbortController();
  const begun = Promise.withResolvers<void>();
  let seen = 0;
  let ended: unknown;
  const reading = (async () => {
    for await (const { event } of client.plans.watchPlans({}, { signal: leaving.signal, timeoutMs: 0 })) {
      begun.resolve();
      if (event?.subject.startsWith('incident/')) seen += 1;
    }
  })().catch((error: unknown) => {
    ended = error;
    begun.reject(error);
  });
  await begun.promise;
  return {
    sees: (incidents) =>
      waitFor(`${incidents} incidents over ${transport}`, noticeMs, () => {
        if (ended !== undefined) throw ended;
        return seen >= incidents;
      }),
    async leave() {
      leaving.abort();
      await reading;
      await client.close();
    },
  };
}

/** Which authority stands behind the certificate that a new TCP connection is shown. */
function issuerShown(): Promise<'old' | 'new'> {
  const tries = (ca: string): Promise<boolean> =>
    new Promise((done) => {
      const socket = connectTls({ host: '127.0.0.1', port: Number(new URL(service.url).port), ca }, () => {
        socket.destroy();
        done(true);
      });
      socket.once('error', () => done(false));
    });
  return tries(stranger.certificate).then((isNew) => (isNew ? 'new' : 'old'));
}

async function canConnectH3({ certificate }: TestAuthority): Promise<boolean> {
  try {
    const client = await connectH3(Number(new URL(service.url).port), certificate);
    await client.close();
    return true;
  } catch {
    return false;
  }
}
