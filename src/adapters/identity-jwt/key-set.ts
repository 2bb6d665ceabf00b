import { importJWK, type JWK } from 'jose';
import { err, ok, type Result } from '../../base/result.ts';
import type { JwtAlgorithm } from './jwt-issuer.ts';
import { isObject, type JsonObject } from './signed-token.ts';

/** Public keys of an issuer, ready to verify with. */
export interface KeySet {
  /**
   * The key that a token was signed with; without a name (empty), the only one that fits. Undefined where the set has
   * none, or where it cannot be told which.
   */
  find(keyId: string, algorithm: JwtAlgorithm): CryptoKey | undefined;
  /** Keys that verify one of the issuer's algorithms. */
  readonly size: number;
}

interface PublicKey {
  readonly keyId: string;
  readonly algorithm: JwtAlgorithm;
  readonly key: CryptoKey;
}

/** Issuers publish a handful. */
const maxKeys = 64;
/** RFC 7518 section 3.3. */
const minModulusBits = 2_048;

const curveAlgorithms: Readonly<Record<string, readonly JwtAlgorithm[]>> = {
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA', 'Ed25519'],
};
const rsaAlgorithms: readonly JwtAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
/** What makes a public key; secret members, should there be any, are left where they are. */
const publicMembers = ['kty', 'crv', 'x', 'y', 'n', 'e'];

/**
 * Reads a JSON Web Key Set (RFC 7517). Keys that are for other purposes, for other algorithms or broken are passed
 * over: issuers publish them side by side. Error: a sentence that says why there is no key to verify with.
 */
export async function parseKeySet(
  text: string,
  algorithms: readonly JwtAlgorithm[],
): Promise<Result<KeySet, string>> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return err('it is not JSON');
  }
  if (!isObject(document) || !Array.isArray(document.keys)) return err('it has no list "keys"');
  if (document.keys.length > maxKeys) return err(`it has ${document.keys.length} keys, more than ${maxKeys}`);
  const found: PublicKey[] = [];
  for (const entry of document.keys) {
    if (isObject(entry)) found.push(...(await keysOf(entry, algorithms)));
  }
  if (found.length === 0) return err(`it has no public key for ${algorithms.join(', ')}`);
  return ok(keySetOf(found));
}

function keySetOf(keys: readonly PublicKey[]): KeySet {
  return {
    find(keyId, algorithm) {
      const fitting = keys.filter(
        (each) => each.algorithm === algorithm && (keyId === '' || each.keyId === keyId),
      );
      return fitting.length === 1 ? fitting[0]?.key : undefined;
    },
    size: new Set(keys.map((each) => each.keyId)).size,
  };
}

/** One for each of the algorithms that the key may be used with. */
async function keysOf(entry: JsonObject, algorithms: readonly JwtAlgorithm[]): Promise<PublicKey[]> {
  const { kid, use, alg } = entry;
  const operations = entry.key_ops;
  if (use !== undefined && use !== 'sig') return [];
  if (Array.isArray(operations) && !operations.includes('verify')) return [];
  const fitting = algorithmsOf(entry).filter(
    (each) => algorithms.includes(each) && (alg === undefined || alg === each || isEd25519(alg, each)),
  );
  const publicKey: JWK = Object.fromEntries(
    Object.entries(entry).filter(([name]) => publicMembers.includes(name)),
  );
  const keys: PublicKey[] = [];
  for (const algorithm of fitting) {
    const key = await imported(publicKey, algorithm);
    if (key) keys.push({ keyId: typeof kid === 'string' ? kid : '', algorithm, key });
  }
  return keys;
}

/** Two names of one algorithm (RFC 9864 section 2.2). */
function isEd25519(declared: unknown, algorithm: JwtAlgorithm): boolean {
  return (
    (declared === 'EdDSA' || declared === 'Ed25519') && (curveAlgorithms.Ed25519 ?? []).includes(algorithm)
  );
}

function algorithmsOf({ kty, crv }: JsonObject): readonly JwtAlgorithm[] {
  if (kty === 'RSA') return rsaAlgorithms;
  const isCurve = (kty === 'EC' || kty === 'OKP') && typeof crv === 'string';
  return isCurve && Object.hasOwn(curveAlgorithms, crv) ? (curveAlgorithms[crv] ?? []) : [];
}

async function imported(publicKey: JWK, algorithm: JwtAlgorithm): Promise<CryptoKey | undefined> {
  try {
    const key = await importJWK(publicKey, algorithm);
    if (key instanceof Uint8Array) return undefined;
    const bits = 'modulusLength' in key.algorithm ? Number(key.algorithm.modulusLength) : minModulusBits;
    return bits >= minModulusBits ? key : undefined;
  } catch {
    return undefined;
  }
}
