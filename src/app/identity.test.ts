import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDevIdentity, type DevIdentity } from '../adapters/identity-dev/dev-identity.ts';
import {
  jwtIssuer,
  keyServer,
  keySetText,
  type SigningKey,
  signedToken,
  signingKey,
} from '../adapters/identity-jwt/jwt.testing.ts';
import { silentLog } from '../base/log.ts';
import { createRandom } from '../base/random.ts';
import { createVirtualClock, type VirtualClock } from '../base/virtual-clock.ts';
import { mayActOn, type Principal, scopesOf } from '../domain/principal.ts';
import type { ClientCertificate } from '../ports/authenticator.ts';
import type { AuthConfig } from './config/auth-section.ts';
import { createIdentity, type Identity } from './identity.ts';

const auth: AuthConfig = {
  jwt: [jwtIssuer()],
  certificates: [{ subject: { CN: '*' }, san: '', principal: 'cert:{CN}', groups: ['agents'] }],
  roles: [
    { name: 'a', groups: ['sre'], principals: [], scopes: ['mesh.operate'], namespaces: ['orders'] },
    { name: 'b', groups: ['agents'], principals: [], scopes: ['mesh.telemetry'], namespaces: 'all' },
    { name: 'c', groups: [], principals: ['dev-read'], scopes: ['mesh.admin'], namespaces: 'all' },
  ],
};

let clock: VirtualClock;
let key: SigningKey;
let folder: string;
const open: Identity[] = [];
beforeEach(async () => {
  clock = createVirtualClock();
  key = await signingKey();
  folder = mkdtempSync(join(tmpdir(), 'mesh-identity-'));
});
afterEach(() => {
  for (const identity of open.splice(0)) identity.close();
  rmSync(folder, { recursive: true });
});

async function identityOf(configured: AuthConfig, dev?: DevIdentity): Promise<Identity> {
  const made = await createIdentity({
    auth: configured,
    ...(dev && { dev }),
    clock,
    random: createRandom(1),
    log: silentLog,
    fetch: keyServer(keySetText(key)).fetch,
  });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  open.push(made.value);
  return made.value;
}

async function devIdentity(): Promise<DevIdentity> {
  const made = await createDevIdentity({ folder: join(folder, 'dev'), clock });
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

async function ask(
  { authenticator }: Identity,
  headers: Record<string, string>,
  clientCertificate?: ClientCertificate,
): Promise<Principal | string> {
  const answer = await authenticator.authenticate({
    headers: new Headers(headers),
    ...(clientCertificate && { clientCertificate }),
  });
  return answer.ok ? answer.value : `${answer.error.message}. ${answer.error.remedy}`;
}

async function asked(...given: Parameters<typeof ask>): Promise<Principal> {
  const principal = await ask(...given);
  if (typeof principal === 'string') throw new Error(principal);
  return principal;
}

function certificate(change: Partial<ClientCertificate> = {}): ClientCertificate {
  return {
    subject: { CN: 'agent' },
    subjectAltNames: [],
    fingerprint256: 'AB',
    notAfter: clock.now() + 1,
    ...change,
  };
}

describe('who asks', () => {
  test('is known by a token, with what roles add to it', async () => {
    const token = await signedToken(key, clock.now(), { groups: ['sre'] });
    const ann = await asked(await identityOf(auth), { authorization: `Bearer ${token}` });
    expect(scopesOf(ann)).toEqual(['mesh.read', 'mesh.operate']);
    expect(mayActOn(ann, 'mesh.read', 'billing')).toBe(true);
    expect(mayActOn(ann, 'mesh.operate', 'orders')).toBe(true);
    expect(mayActOn(ann, 'mesh.operate', 'billing')).toBe(false);
  });

  test('is known by a client certificate where there is no token', async () => {
    const agent = await asked(await identityOf(auth), {}, certificate());
    expect(agent).toMatchObject({ id: 'cert:agent', groups: ['agents'] });
    expect(scopesOf(agent)).toEqual(['mesh.telemetry']);
  });

  test('with a bad token is nobody, whatever the certificate', async () => {
    const identity = await identityOf(auth);
    for (const authorization of ['Bearer a.b.c', 'Basic YTpi', '']) {
      expect(await ask(identity, { authorization }, certificate())).toBeString();
    }
  });

  test('with nothing is told what is accepted', async () => {
    expect(await ask(await identityOf(auth), {})).toContain('a bearer token');
    const onlyTokens = await identityOf({ ...auth, certificates: [] });
    expect(await ask(onlyTokens, {})).not.toContain('certificate');
    const nothing = await identityOf({ jwt: [], certificates: [], roles: [] });
    expect(await ask(nothing, {})).toContain('accepts none');
  });

  test('is not believed by a header of its own making', async () => {
    const token = await signedToken(key, clock.now());
    const headers = { authorization: `Bearer ${token}`, 'x-meshkit-principal': 'root;groups=sre' };
    expect((await asked(await identityOf(auth, await devIdentity()), headers)).id).toBe('ann');
    expect((await asked(await identityOf(auth), headers)).id).toBe('ann');
    expect(await ask(await identityOf(auth), { 'x-meshkit-principal': 'root' })).toContain('no credential');
  });

  test('needs keys to be believed with', async () => {
    const keys = { kind: 'file', path: join(folder, 'none.json') } as const;
    const parts = { clock, random: createRandom(1), log: silentLog };
    const made = await createIdentity({ ...parts, auth: { ...auth, jwt: [jwtIssuer({ keys })] } });
    expect(made).toMatchObject({ ok: false, error: [{ code: 'CONFIG_INVALID' }] });
  });
});

describe('with development credentials', () => {
  const tokenOf = ({ files }: DevIdentity, name: string): string =>
    `Bearer ${readFileSync(join(files.tokens, `${name}.jwt`), 'utf8').trim()}`;

  test('each token has its scopes, whoever it says to be, and no roles', async () => {
    const dev = await devIdentity();
    const identity = await identityOf(auth, dev);
    const authorization = tokenOf(dev, 'read');
    const plain = await asked(identity, { authorization });
    expect(plain).toMatchObject({ id: 'dev-read', groups: [] });
    expect(scopesOf(plain)).toEqual(['mesh.read']);
    const bob = await asked(identity, { authorization, 'x-meshkit-principal': 'bob;groups=sre' });
    expect(bob).toMatchObject({ id: 'bob', groups: ['sre'] });
    expect(scopesOf(bob)).toEqual(['mesh.read']);
    expect(scopesOf(await asked(identity, { authorization: tokenOf(dev, 'admin') }))).toEqual([
      'mesh.read',
      'mesh.observe',
      'mesh.operate',
      'mesh.admin',
    ]);
    expect(await ask(identity, { authorization, 'x-meshkit-principal': ';' })).toContain('names nobody');
  });

  test('of one data directory are none of another, nor without --dev', async () => {
    const dev = await devIdentity();
    const authorization = tokenOf(dev, 'admin');
    expect(await ask(await identityOf(auth), { authorization })).toContain('none that this service believes');
    rmSync(join(folder, 'dev'), { recursive: true });
    expect(await ask(await identityOf(auth, await devIdentity()), { authorization })).toContain(
      'none of urn',
    );
  });

  test('a certificate stands for its scopes', async () => {
    const dev = await devIdentity();
    const { X509Certificate } = await import('node:crypto');
    const pem = readFileSync(join(dev.files.clients, 'observe.pem'));
    const shown = certificate({ fingerprint256: new X509Certificate(pem).fingerprint256 });
    const identity = await identityOf({ ...auth, certificates: [] }, dev);
    const principal = await asked(identity, { 'x-meshkit-principal': 'ann' }, shown);
    expect(principal.id).toBe('ann');
    expect(scopesOf(principal)).toEqual(['mesh.observe']);
    await clock.advance(1);
    expect(await ask(identity, {}, shown)).toContain('has expired');
  });

  test('who brings none is told where they are', async () => {
    const dev = await devIdentity();
    const nothing = await identityOf({ jwt: [], certificates: [], roles: [] }, dev);
    expect(await ask(nothing, {})).toContain(join(folder, 'dev', 'tokens'));
  });
});
