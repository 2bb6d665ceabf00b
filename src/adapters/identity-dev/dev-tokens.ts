import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { compactVerify, SignJWT } from 'jose';
import { ensureKey } from './dev-certificates.ts';
import type { DevFolder } from './dev-folder.ts';
import { type DevName, devNames, devPrincipalId, devScopes } from './dev-scopes.ts';

/** What the tokens say of themselves. */
export const devIssuer = 'urn:meshkit:dev';
export const devAudience = 'meshkit-rebalancer';
export const devAlgorithm = 'ES256';
export const keySetFile = 'jwks.json';

const daySeconds = 86_400;
const tokenDays = 30;
const renewBelowDays = 7;

/**
 * Sees to a key that signs, its public half as a key set, and a token for each name in `tokens/`; those that are valid for
 * another week stay.
 *
 * @param now milliseconds since the epoch
 * @throws ProblemError DEV_CREDENTIALS_DAMAGED for a key that is none, FILE_UNREADABLE
 */
export async function ensureTokens(folder: DevFolder, now: number): Promise<void> {
  const key = ensureKey(folder, 'signing.key');
  const publicKey = createPublicKey(key);
  const keyId = keyIdOf(publicKey);
  const publicJwk = { ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: devAlgorithm, use: 'sig' };
  const keySet = `${JSON.stringify({ keys: [publicJwk] }, null, 2)}\n`;
  if (folder.read(keySetFile) !== keySet) folder.write(keySetFile, keySet);
  const seconds = Math.floor(now / 1_000);
  for (const name of devNames) {
    const file = `tokens/${name}.jwt`;
    const known = folder.read(file)?.trim() ?? '';
    if (await isGood(known, name, publicKey, seconds)) continue;
    folder.write(file, `${await issue(name, key, keyId, seconds)}\n`);
  }
}

function keyIdOf(publicKey: KeyObject): string {
  const bytes = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 16);
}

function claimsOf(name: DevName): { readonly sub: string; readonly scope: string } {
  return { sub: devPrincipalId(name), scope: devScopes[name].join(' ') };
}

function issue(name: DevName, key: KeyObject, keyId: string, seconds: number): Promise<string> {
  return new SignJWT({ ...claimsOf(name) })
    .setProtectedHeader({ alg: devAlgorithm, kid: keyId, typ: 'JWT' })
    .setIssuer(devIssuer)
    .setAudience(devAudience)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + tokenDays * daySeconds)
    .sign(key);
}

/** Whether a token is ours, says what it should, and will do so for long enough. */
async function isGood(token: string, name: DevName, publicKey: KeyObject, seconds: number): Promise<boolean> {
  try {
    const { payload } = await compactVerify(token, publicKey, { algorithms: [devAlgorithm] });
    const claims: Record<string, unknown> = JSON.parse(new TextDecoder().decode(payload));
    const { sub, scope } = claimsOf(name);
    return (
      claims.iss === devIssuer &&
      claims.aud === devAudience &&
      claims.sub === sub &&
      claims.scope === scope &&
      Number(claims.iat) <= seconds &&
      Number(claims.exp) - seconds >= renewBelowDays * daySeconds
    );
  } catch {
    return false;
  }
}
