import { err, ok, type Result } from '../../base/result.ts';
import type { NamespaceLimit, Principal } from '../../domain/principal.ts';
import { type Grant, grantEach, isGroupName, isPrincipalId, isScope } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import { unauthenticated } from '../../domain/unauthenticated.ts';
import type { JwtIssuer } from './jwt-issuer.ts';
import { isObject, type JsonObject } from './signed-token.ts';

/** Groups, scopes and namespaces that a token may list, each. */
const maxListed = 256;
/** What a list of namespaces says for all of them. */
const everyNamespace = '*';

/** What a verified token says. */
export interface TokenContent {
  readonly principal: Principal;
  /** Milliseconds since the epoch, without leeway. */
  readonly expiresAt: number;
}

/**
 * Whether the claims of a token whose signature is right make it one for us and for now, and whom it names. Problem:
 * UNAUTHENTICATED.
 */
export function readClaims(
  claims: JsonObject,
  issuer: JwtIssuer,
  now: number,
): Result<TokenContent, Problem> {
  const misaddressed = audienceProblem(claims, issuer);
  if (misaddressed) return err(misaddressed);
  const expiresAt = timeOf(claims, 'exp');
  if (!expiresAt.ok) return expiresAt;
  if (expiresAt.value === undefined) {
    return err(unauthenticated('the token never expires', 'Ask the issuer for one with the claim "exp".'));
  }
  const untimely = timeProblem(claims, expiresAt.value, issuer, now);
  if (untimely) return err(untimely);
  const principal = principalOf(claims, issuer);
  return principal.ok ? ok({ principal: principal.value, expiresAt: expiresAt.value }) : principal;
}

function audienceProblem(claims: JsonObject, { audiences }: JwtIssuer): Problem | undefined {
  const named = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (named.length <= maxListed && named.some((each) => audiences.some((ours) => ours === each))) {
    return undefined;
  }
  const ours = audiences.join(' or ');
  return {
    ...unauthenticated(
      claims.aud === undefined ? `the token has no audience` : `the audience of the token is not ${ours}`,
      `Ask the issuer for a token for ${ours}.`,
    ),
    limit: ours,
  };
}

function timeProblem(
  claims: JsonObject,
  expiresAt: number,
  { clockLeewaySeconds }: JwtIssuer,
  now: number,
): Problem | undefined {
  const leewayMs = clockLeewaySeconds * 1_000;
  if (now >= expiresAt + leewayMs) {
    const ago = Math.floor((now - expiresAt) / 1_000);
    return unauthenticated(`the token expired ${ago} s ago`, 'Get a new one from the issuer.');
  }
  for (const claim of ['nbf', 'iat']) {
    const from = timeOf(claims, claim);
    if (!from.ok) return from.error;
    if (from.value !== undefined && from.value > now + leewayMs) {
      const ahead = Math.ceil((from.value - now) / 1_000);
      return unauthenticated(
        `the token is valid from "${claim}" on, ${ahead} s from now`,
        "Wait, or compare this service's clock with the issuer's.",
      );
    }
  }
  return undefined;
}

/** Milliseconds since the epoch of a claim in seconds (NumericDate); undefined where the claim is missing. */
function timeOf(claims: JsonObject, claim: string): Result<number | undefined, Problem> {
  const value = claims[claim];
  if (value === undefined) return ok(undefined);
  if (typeof value === 'number' && Number.isFinite(value)) return ok(value * 1_000);
  return err(badClaim(claim, 'a number of seconds'));
}

function principalOf(claims: JsonObject, issuer: JwtIssuer): Result<Principal, Problem> {
  const { claims: names, prefix } = issuer;
  const name = claimAt(claims, names.principal);
  const id = typeof name === 'string' && name !== '' ? prefix + name : '';
  if (!isPrincipalId(id)) return err(badClaim(names.principal, 'the name of a principal'));
  const groups = listAt(claims, names.groups, false);
  if (!groups.ok) return groups;
  const grants = grantsOf(claims, issuer);
  if (!grants.ok) return grants;
  const named = (groups.value ?? []).map((group) => prefix + group).filter(isGroupName);
  return ok({ id, groups: named, grants: grants.value });
}

function grantsOf(claims: JsonObject, { claims: names }: JwtIssuer): Result<readonly Grant[], Problem> {
  const listed = listAt(claims, names.scopes, true);
  if (!listed.ok) return listed;
  const namespaces = listAt(claims, names.namespaces, true);
  if (!namespaces.ok) return namespaces;
  const limit: NamespaceLimit =
    namespaces.value === undefined || namespaces.value.includes(everyNamespace) ? 'all' : namespaces.value;
  // Issuers list scopes of other services as well.
  return ok(grantEach([...new Set((listed.value ?? []).filter(isScope))], limit));
}

/** Texts of a claim; undefined where it is missing. A single text is a list by spaces where `spaced`, else one entry. */
function listAt(
  claims: JsonObject,
  path: string,
  spaced: boolean,
): Result<readonly string[] | undefined, Problem> {
  const value = path === '' ? undefined : claimAt(claims, path);
  if (value === undefined) return ok(undefined);
  const list: unknown = typeof value === 'string' ? (spaced ? value.split(' ') : [value]) : value;
  if (!Array.isArray(list) || list.length > maxListed || !list.every((each) => typeof each === 'string')) {
    return err(badClaim(path, `a list of at most ${maxListed} texts`));
  }
  return ok(list.filter((each) => each !== ''));
}

/** The claim of that name, or else the member to which the dots in it lead. */
function claimAt(claims: JsonObject, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function badClaim(claim: string, expected: string): Problem {
  return {
    ...unauthenticated(
      `the claim "${claim}" of the token is not ${expected}`,
      `Have the issuer put ${expected} into "${claim}", or name another claim in the configuration.`,
    ),
    limit: expected,
  };
}
