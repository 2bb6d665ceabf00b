import { devIssuer } from '../../adapters/identity-dev/dev-tokens.ts';
import {
  defaultClaims,
  isJwtAlgorithm,
  type JwtAlgorithm,
  type JwtClaims,
  type JwtIssuer,
  jwtAlgorithms,
  type KeyLocation,
} from '../../adapters/identity-jwt/jwt-issuer.ts';
import { isLoopback } from '../../base/loopback.ts';
import { isGroupName } from '../../domain/principal.ts';
import { fieldsOf, textOf, textsOf, type Wrong } from './section-fields.ts';

const fields = [
  'issuer',
  'audience',
  'algorithms',
  'clockLeewaySeconds',
  'jwks',
  'claims',
  'prefix',
] as const;
const claimNames = ['principal', 'groups', 'scopes', 'namespaces'] as const;

const defaultLeewaySeconds = 30;
/** A clock that goes wrong by more is repaired, not tolerated. */
const maxLeewaySeconds = 300;
const maxTextLength = 512;
const maxPrefixLength = 64;

const issuerRule = `a text, as its tokens have it, other than ${devIssuer}`;
const algorithmRule = `one of ${jwtAlgorithms.join(', ')}`;
const keysRule =
  'the https:// URL or the path of a JSON Web Key Set; http:// only with dev to localhost, 127.0.0.0/8 or [::1]';

interface Place {
  readonly wrong: Wrong;
  /** Makes a path absolute. */
  readonly path: (text: string) => string;
  readonly dev: boolean;
}

/** One of `auth.jwt`; undefined where something of it is wrong. */
export function resolveJwtIssuer(input: unknown, at: string, place: Place): JwtIssuer | undefined {
  const { wrong } = place;
  const given = fieldsOf(input, at, fields, wrong);
  if (!given) return undefined;
  const issuer = textOf(given.issuer, `${at}.issuer`, issuerRule, wrong, isIssuer);
  const audiences = audiencesOf(given.audience, `${at}.audience`, wrong);
  const algorithms = algorithmsOf(given.algorithms, `${at}.algorithms`, wrong);
  const leeway = given.clockLeewaySeconds ?? defaultLeewaySeconds;
  const isLeeway = typeof leeway === 'number' && leeway >= 0 && leeway <= maxLeewaySeconds;
  if (!isLeeway) wrong(`${at}.clockLeewaySeconds`, leeway, `0 to ${maxLeewaySeconds} seconds`);
  const keys = keysOf(given.jwks, `${at}.jwks`, place);
  const claims = claimsOf(given.claims ?? {}, `${at}.claims`, wrong);
  const isPrefix = (text: string): boolean =>
    text === '' || (text.length <= maxPrefixLength && isGroupName(`${text}x`));
  const prefix = textOf(
    given.prefix ?? '',
    `${at}.prefix`,
    `up to ${maxPrefixLength} printable characters`,
    wrong,
    isPrefix,
  );
  if (issuer === undefined || prefix === undefined || !isLeeway) return undefined;
  if (!audiences || !algorithms || !keys || !claims) return undefined;
  return { issuer, audiences, algorithms, clockLeewaySeconds: leeway, keys, claims, prefix };
}

function audiencesOf(value: unknown, field: string, wrong: Wrong): readonly string[] | undefined {
  const rule = 'a text, or a list of them, that the tokens for this service have as their audience';
  const list = typeof value === 'string' ? [value] : value;
  if (Array.isArray(list) && list.length > 0) return textsOf(list, field, rule, wrong, isShortText);
  wrong(field, value, rule);
  return undefined;
}

function algorithmsOf(value: unknown, field: string, wrong: Wrong): readonly JwtAlgorithm[] | undefined {
  if (!Array.isArray(value) || value.length === 0) {
    wrong(field, value, `a list, each ${algorithmRule}`);
    return undefined;
  }
  return textsOf(value, field, algorithmRule, wrong, isJwtAlgorithm)?.filter(isJwtAlgorithm);
}

function keysOf(value: unknown, field: string, { wrong, path, dev }: Place): KeyLocation | undefined {
  const text = textOf(value, field, keysRule, wrong, isShortText);
  if (text === undefined) return undefined;
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { kind: 'file', path: path(text) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (dev && url?.protocol === 'http:' && isLoopback(url.hostname));
  if (url && isSafe && url.username === '' && url.password === '') return { kind: 'url', url: text };
  wrong(field, url && (url.username || url.password) ? '(hidden)' : text, keysRule);
  return undefined;
}

/** An empty text for a claim says that it is not looked at; the principal's is always needed. */
function claimsOf(input: unknown, at: string, wrong: Wrong): JwtClaims | undefined {
  const given = fieldsOf(input, at, claimNames, wrong);
  if (!given) return undefined;
  const named = claimNames.map((name) => {
    const limit = name === 'principal' ? 'the name of a claim' : 'the name of a claim, or "" for none';
    return textOf(
      given[name] ?? defaultClaims[name],
      `${at}.${name}`,
      limit,
      wrong,
      (text) => isShortText(text) || (text === '' && name !== 'principal'),
    );
  });
  const [principal, groups, scopes, namespaces] = named;
  if (principal === undefined || groups === undefined) return undefined;
  return scopes === undefined || namespaces === undefined
    ? undefined
    : { principal, groups, scopes, namespaces };
}

/** Tokens for trying out are believed with `dev` only. */
function isIssuer(text: string): boolean {
  return isShortText(text) && text !== devIssuer;
}

function isShortText(text: string): boolean {
  return text.trim() === text && text !== '' && text.length <= maxTextLength;
}
