import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import { unauthenticated } from '../../domain/unauthenticated.ts';

/** A token taken apart; nothing of it is verified. */
export interface SignedToken {
  readonly algorithm: string;
  /** Empty where it names none. */
  readonly keyId: string;
  readonly claims: JsonObject;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Longest name of a key that is looked for. */
const maxKeyIdLength = 256;
/** What `typ` may say: a token that was made for another purpose is none of access (RFC 8725 section 3.11). */
const tokenTypes = new Set(['jwt', 'application/jwt', 'at+jwt', 'application/at+jwt']);

/**
 * Reads a JSON Web Token in the compact form (RFC 7519, RFC 7515 section 7.1) so strictly that no two texts are the same
 * token. Keys that the token itself brings along (`jwk`, `jku`, `x5u`, `x5c`) are not looked at. Problem:
 * UNAUTHENTICATED.
 */
export function readSignedToken(token: string): Result<SignedToken, Problem> {
  const parts = token.split('.');
  if (parts.length !== 3) {
    return err(
      parts.length === 5
        ? refused('the token is encrypted', 'Ask the issuer for a token that is signed only.')
        : malformed('it does not have three parts'),
    );
  }
  const [header, claims, signature] = parts.map(bytesOf);
  if (!header || !claims || !signature) return err(malformed('a part of it is not base64url'));
  const protectedHeader = objectOf(header);
  if (!protectedHeader) return err(malformed('its header is not a JSON object'));
  const problem = headerProblem(protectedHeader);
  if (problem) return err(problem);
  if (signature.length === 0) return err(notSigned());
  const claimsSet = objectOf(claims);
  if (!claimsSet) return err(malformed('its claims are not a JSON object'));
  const { alg, kid } = protectedHeader;
  return ok({ algorithm: String(alg), keyId: typeof kid === 'string' ? kid : '', claims: claimsSet });
}

function headerProblem(header: JsonObject): Problem | undefined {
  const { alg, kid, typ, crit, b64 } = header;
  if (typeof alg !== 'string') return malformed('its header names no algorithm');
  if (alg.toLowerCase() === 'none') return notSigned();
  if (crit !== undefined || b64 !== undefined) {
    return refused(
      'the token demands extensions that this service does not have',
      'Ask the issuer for a token without "crit" and "b64" in its header.',
    );
  }
  if (typ !== undefined && !(typeof typ === 'string' && tokenTypes.has(typ.toLowerCase()))) {
    return refused(
      'the token is of another type than JWT or at+jwt',
      'Give an access token: not one for logging out, for proof of possession or for another purpose.',
    );
  }
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > maxKeyIdLength)) {
    return malformed('the name of its key is not a text of a usual length');
  }
  return undefined;
}

/** Undefined where the text is not the one and only base64url form of some bytes. */
function bytesOf(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}

function objectOf(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notSigned(): Problem {
  return refused('the token is not signed', 'Ask the issuer for a signed token.');
}

function malformed(why: string): Problem {
  return refused(`the token is not a JSON Web Token: ${why}`, 'Give the token whole, as the issuer made it.');
}

function refused(message: string, remedy: string): Problem {
  return unauthenticated(message, remedy);
}
