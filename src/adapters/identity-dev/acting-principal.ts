import { err, ok, type Result } from '../../base/result.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import { unauthenticated } from '../../domain/unauthenticated.ts';
import { principalHeader } from '../../wire/header-names.ts';

/** Longer names and more groups are no people's. */
const maxHeaderLength = 512;
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._@:-]{0,127}$/;

/**
 * The principal of a development credential, or the one whom the request names instead: that one has the credential's
 * grants and groups of its own, so that one person can play several. Problem: UNAUTHENTICATED.
 */
export function actingPrincipal(principal: Principal, headers: Headers): Result<Principal, Problem> {
  const header = headers.get(principalHeader);
  if (header === null) return ok(principal);
  const parsed = parsePrincipal(header);
  if (parsed) return ok({ ...parsed, grants: principal.grants });
  return err({
    ...unauthenticated(
      `the header ${principalHeader} names nobody`,
      `Send for instance "${principalHeader}: ann;groups=sre,dba", or leave the header out.`,
      principalHeader,
    ),
    limit: 'name or name;groups=a,b',
  });
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
