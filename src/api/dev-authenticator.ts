import { err, ok } from '../base/result.ts';
import { grantEach, scopes } from '../domain/principal.ts';
import type { Authenticator } from '../ports/authenticator.ts';

/** `name` or `name;groups=a,b`. Believed as it stands, hence for development on loopback only. */
export const principalHeader = 'x-meshkit-principal';

/** Who asks when the header is missing. */
const defaultPrincipal = 'dev';
/** Longer names and more groups are no people's. */
const maxHeaderLength = 512;
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._@:-]{0,127}$/;

/** Believes what the header says and grants every scope on every namespace: used with `--dev` only. */
export function createDevAuthenticator(): Authenticator {
  return {
    async authenticate({ headers }) {
      const parsed = parsePrincipal(headers.get(principalHeader) ?? defaultPrincipal);
      if (parsed) return ok({ ...parsed, grants: grantEach(scopes) });
      return err({
        code: 'UNAUTHENTICATED',
        message: `the header ${principalHeader} names nobody`,
        field: principalHeader,
        limit: 'name or name;groups=a,b',
        remedy: `Send for instance "${principalHeader}: ann;groups=sre,dba", or leave the header out.`,
      });
    },
  };
}

function parsePrincipal(text: string): { id: string; groups: string[] } | undefined {
  if (text.length > maxHeaderLength) return undefined;
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim());
  if (!namePattern.test(name)) return undefined;
  const groups: string[] = [];
  for (const parameter of parameters) {
    if (!parameter.startsWith('groups=')) return undefined;
    for (const group of parameter.slice('groups='.length).split(',')) {
      if (group.trim() === '') continue;
      if (!namePattern.test(group.trim())) return undefined;
      groups.push(group.trim());
    }
  }
  return { id: name, groups };
}
