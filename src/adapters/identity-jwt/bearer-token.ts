import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import { unauthenticated } from '../../domain/unauthenticated.ts';

/** Longest token: several times what issuers make, and still less than what a header may hold. */
export const maxTokenLength = 8_192;

/** Scheme in any case, at least one space, and one token of RFC 6750 section 2.1; so no comma and no second header. */
const bearerPattern = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** The token of the header `authorization`; undefined without that header. Problem: UNAUTHENTICATED. */
export function bearerToken(headers: Headers): Result<string | undefined, Problem> {
  const header = headers.get('authorization');
  if (header === null) return ok(undefined);
  // The scheme and its spaces are no part of the bound, but must be bounded as well.
  if (header.length > maxTokenLength + 16) return err(tooLong(header.length));
  const token = bearerPattern.exec(header)?.[1];
  if (token === undefined) {
    return err(
      unauthenticated(
        'the authorization header is not one bearer token',
        'Send the header once, as "authorization: Bearer TOKEN".',
      ),
    );
  }
  return token.length > maxTokenLength ? err(tooLong(token.length)) : ok(token);
}

function tooLong(length: number): Problem {
  return {
    ...unauthenticated(
      `the token has ${length} characters, more than ${maxTokenLength}`,
      'Ask the issuer for a token with fewer claims, for instance without groups that do not concern this service.',
    ),
    value: length,
    limit: maxTokenLength,
  };
}
