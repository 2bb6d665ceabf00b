import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { silentLog } from '../../base/log.ts';
import { createRandom } from '../../base/random.ts';
import { createVirtualClock, type VirtualClock } from '../../base/virtual-clock.ts';
import { createJwtAuthenticator, type JwtAuthenticator } from './jwt-authenticator.ts';
import { defaultClaims, type JwtIssuer } from './jwt-issuer.ts';
import type { Fetch } from './load-key-text.ts';

/** An issuer of tokens, its key set on a server of its own, and who believes it; time passes when told. */

export interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function signingKey(kid = 'k1', alg = 'ES256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export function keySetText(...keys: readonly SigningKey[]): string {
  return JSON.stringify({ keys: keys.map((each) => each.publicJwk) });
}

/** A server of key sets: its text may change, and it may be away. */
export interface KeyServer {
  readonly fetch: Fetch;
  text: string;
  isAway: boolean;
  asked: number;
}

export function keyServer(text: string): KeyServer {
  const server: KeyServer = {
    text,
    isAway: false,
    asked: 0,
    async fetch() {
      server.asked += 1;
      if (server.isAway) throw new Error('connection refused');
      return new Response(server.text);
    },
  };
  return server;
}

export const issuerName = 'https://login.example';
export const keySetUrl = 'https://login.example/keys';

export function jwtIssuer(change: Partial<JwtIssuer> = {}): JwtIssuer {
  return {
    issuer: issuerName,
    audiences: ['mesh'],
    algorithms: ['ES256'],
    clockLeewaySeconds: 30,
    keys: { kind: 'url', url: keySetUrl },
    claims: defaultClaims,
    prefix: '',
    ...change,
  };
}

export interface JwtBench {
  readonly clock: VirtualClock;
  readonly key: SigningKey;
  readonly server: KeyServer;
  readonly authenticator: JwtAuthenticator;
  /** A token that is valid for an hour, with these claims and members of the header changed. */
  token(
    claims?: Record<string, unknown>,
    header?: Record<string, unknown>,
    key?: SigningKey,
  ): Promise<string>;
  /** The message of the refusal; empty where it is believed. */
  refusal(token: string): Promise<string>;
}

export async function createJwtBench(
  options: { readonly issuer?: Partial<JwtIssuer>; readonly key?: SigningKey } = {},
): Promise<JwtBench> {
  const clock = createVirtualClock();
  const key = options.key ?? (await signingKey());
  const server = keyServer(keySetText(key));
  const made = await createJwtAuthenticator({
    issuers: [jwtIssuer(options.issuer)],
    clock,
    random: createRandom(1),
    log: silentLog,
    fetch: server.fetch,
  });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  const authenticator = made.value;
  return {
    clock,
    key,
    server,
    authenticator,
    token: (claims = {}, header = {}, by = key) => signedToken(by, clock.now(), claims, header),
    async refusal(token) {
      const answer = await authenticator.authenticate({ headers: bearer(token) });
      if (answer.ok) return '';
      if (answer.error.code !== 'UNAUTHENTICATED' || !answer.error.remedy) {
        throw new Error(`a refusal of another kind: ${JSON.stringify(answer.error)}`);
      }
      return answer.error.message;
    },
  };
}

/** @param now milliseconds since the epoch */
export function signedToken(
  key: SigningKey,
  now: number,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  const seconds = Math.floor(now / 1_000);
  const payload = {
    iss: issuerName,
    aud: 'mesh',
    sub: 'ann',
    iat: seconds,
    exp: seconds + 3_600,
    scope: 'mesh.read',
    ...claims,
  };
  const protectedHeader: JWTHeaderParameters = { alg: key.alg, kid: key.kid, ...header };
  return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(key.privateKey);
}

/** A token of any header and claims, with any bytes for a signature. */
export function rawToken(header: unknown, claims: unknown, signature: Uint8Array | string): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.${Buffer.from(signature).toString('base64url')}`;
}

export function bearer(token: string): Headers {
  return new Headers({ authorization: `Bearer ${token}` });
}

/** Turns of the event loop until something holds that threads of the runtime work on; fails after thousands of them. */
export async function settled(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn > 100_000) throw new Error('it never comes to that');
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
