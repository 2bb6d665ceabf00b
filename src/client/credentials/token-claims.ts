/** What a token says of itself. Nobody has verified it: good for telling people, and for knowing when to renew it. */
export interface TokenClaims {
  readonly subject: string;
  readonly issuer: string;
  readonly scopes: readonly string[];
  readonly namespaces: readonly string[];
  readonly groups: readonly string[];
  /** Milliseconds since the epoch; absent: for ever. */
  readonly expiresAtMs?: number;
}

/** The claims of a JWT; undefined for anything else. */
export function readTokenClaims(token: string): TokenClaims | undefined {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
    return {
      subject: text(claims.sub),
      issuer: text(claims.iss),
      scopes: [...words(claims.scope), ...words(claims.scp)],
      namespaces: words(claims.namespaces),
      groups: words(claims.groups),
      ...(typeof claims.exp === 'number' ? { expiresAtMs: claims.exp * 1000 } : {}),
    };
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Lists, and words with spaces between them (RFC 8693, section 4.2). */
function words(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return text(value)
    .split(' ')
    .filter((each) => each !== '');
}
