import { type Grant, grantEach, type NamespaceLimit, type Principal, type Scope } from './principal.ts';

/** What the configuration grants to groups and to single principals. */
export interface Role {
  readonly name: string;
  /** Everybody in any of them has the role. */
  readonly groups: readonly string[];
  /** Ids of principals that have the role by themselves. */
  readonly principals: readonly string[];
  readonly scopes: readonly Scope[];
  readonly namespaces: NamespaceLimit;
}

/** The principal with what its roles grant added to what its credential grants. */
export function withRoles(principal: Principal, roles: readonly Role[]): Principal {
  const added: readonly Grant[] = roles
    .filter((role) => hasRole(principal, role))
    .flatMap((role) => grantEach(role.scopes, role.namespaces));
  return added.length === 0 ? principal : { ...principal, grants: [...principal.grants, ...added] };
}

function hasRole({ id, groups }: Principal, role: Role): boolean {
  return role.principals.includes(id) || role.groups.some((group) => groups.includes(group));
}
