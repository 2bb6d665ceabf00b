import { isAbsolute, resolve } from 'node:path';
import type { CertificateRule } from '../../adapters/identity-certificates/certificate-rule.ts';
import type { JwtIssuer } from '../../adapters/identity-jwt/jwt-issuer.ts';
import type { Role } from '../../domain/role.ts';
import { resolveCertificateRule } from './auth-certificate-rule.ts';
import { resolveJwtIssuer } from './auth-jwt-issuer.ts';
import { resolveRole } from './auth-role.ts';
import { fieldsOf, type Wrong } from './section-fields.ts';

/** Whom the service believes, and what they may do. */
export interface AuthConfig {
  /** With distinct names. */
  readonly jwt: readonly JwtIssuer[];
  /** The first that fits a certificate counts. */
  readonly certificates: readonly CertificateRule[];
  readonly roles: readonly Role[];
}

export interface AuthSurroundings {
  /** What relative paths are relative to. */
  readonly folder: string;
  /** Keys may come by plain HTTP from this machine. */
  readonly dev: boolean;
}

export const noAuth: AuthConfig = { jwt: [], certificates: [], roles: [] };

/** Each keeps its keys fresh. */
const maxIssuers = 16;
/** Each is tried on every call with a certificate. */
const maxRules = 100;
/** Each is looked at on every call. */
const maxRoles = 200;

/** The section `auth` of the configuration; everybody is a stranger when it is absent. */
export function resolveAuth(input: unknown, wrong: Wrong, surroundings: AuthSurroundings): AuthConfig {
  if (input === undefined) return noAuth;
  const given = fieldsOf(input, 'auth', ['jwt', 'certificates', 'roles'], wrong);
  if (!given) return noAuth;
  const path = (text: string): string => (isAbsolute(text) ? text : resolve(surroundings.folder, text));
  const place = { wrong, path, dev: surroundings.dev };
  const jwt = listOf(given.jwt, 'auth.jwt', maxIssuers, wrong, (each, at) =>
    resolveJwtIssuer(each, at, place),
  );
  const certificates = listOf(given.certificates, 'auth.certificates', maxRules, wrong, (each, at) =>
    resolveCertificateRule(each, at, wrong),
  );
  const roles = listOf(given.roles, 'auth.roles', maxRoles, wrong, (each, at) =>
    resolveRole(each, at, wrong),
  );
  onlyOnce(
    jwt.map((each) => each.issuer),
    'auth.jwt',
    'issuer',
    wrong,
  );
  onlyOnce(
    roles.map((each) => each.name),
    'auth.roles',
    'name',
    wrong,
  );
  return { jwt, certificates, roles };
}

function listOf<T>(
  input: unknown,
  field: string,
  limit: number,
  wrong: Wrong,
  resolveOne: (each: unknown, at: string) => T | undefined,
): readonly T[] {
  if (input === undefined) return [];
  if (!Array.isArray(input) || input.length > limit) {
    wrong(field, Array.isArray(input) ? input.length : input, `a list of at most ${limit}`);
    return [];
  }
  return input.flatMap((each, index) => {
    const resolved = resolveOne(each, `${field}[${index}]`);
    return resolved === undefined ? [] : [resolved];
  });
}

function onlyOnce(names: readonly string[], field: string, member: string, wrong: Wrong): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) wrong(field, name, `every ${member} once`);
    seen.add(name);
  }
}
