/** Who asks, as the credential and the roles of the configuration say. */
export interface Principal {
  readonly id: string;
  readonly groups: readonly string[];
  /** What it may do and where: the union of what each of them allows. */
  readonly grants: readonly Grant[];
}

/** A scope on some namespaces or on all. */
export interface Grant {
  readonly scope: Scope;
  readonly namespaces: NamespaceLimit;
}

/** An empty list allows nothing. */
export type NamespaceLimit = 'all' | readonly string[];

export const scopes = ['mesh.read', 'mesh.observe', 'mesh.operate', 'mesh.admin', 'mesh.telemetry'] as const;
export type Scope = (typeof scopes)[number];

export function isScope(text: string): text is Scope {
  return scopes.some((scope) => scope === text);
}

/** What every command carries besides its own arguments. */
export interface CommandContext {
  readonly principal: Principal;
  /** Why, in the words of the one who asks. */
  readonly reason: string;
  /** Empty when none was given. */
  readonly changeTicket: string;
  /** Protocol by which the command came: `grpc/h2`, `rest/h1`, `internal`. */
  readonly transport: string;
}

/** The same limit for each of the scopes. */
export function grantEach(granted: readonly Scope[], namespaces: NamespaceLimit = 'all'): readonly Grant[] {
  return granted.map((scope) => ({ scope, namespaces }));
}

/** The namespaces on which a principal has a scope; an empty list without the scope. */
export function namespacesOf(principal: Principal, scope: Scope): NamespaceLimit {
  const names = new Set<string>();
  for (const grant of principal.grants) {
    if (grant.scope !== scope) continue;
    if (grant.namespaces === 'all') return 'all';
    for (const namespace of grant.namespaces) names.add(namespace);
  }
  return [...names];
}

/** Whether a principal has a scope on any namespace. */
export function hasScope(principal: Principal, scope: Scope): boolean {
  return principal.grants.some(
    (grant) => grant.scope === scope && (grant.namespaces === 'all' || grant.namespaces.length > 0),
  );
}

/** Whether a principal has a scope on a namespace; on the empty one, which stands for all of them, only without limits. */
export function mayActOn(principal: Principal, scope: Scope, namespace: string): boolean {
  return principal.grants.some(
    (grant) =>
      grant.scope === scope &&
      (grant.namespaces === 'all' || (namespace !== '' && grant.namespaces.includes(namespace))),
  );
}

/** The scopes that a principal has on any namespace, in the order of `scopes`. */
export function scopesOf(principal: Principal): readonly Scope[] {
  return scopes.filter((scope) => hasScope(principal, scope));
}

/** The service itself, when the controller acts on its own. */
export const controllerPrincipal: Principal = {
  id: 'meshkit-rebalancer',
  groups: [],
  grants: grantEach(['mesh.read', 'mesh.observe', 'mesh.operate']),
};

/** Who stands in the audit trail where nobody is known. */
export const anonymousId = 'anonymous';

/** Longest name of a principal or a group: a SPIFFE id or an address of e-mail fits. */
export const maxNameLength = 256;

/** No control, format or line-breaking characters, and no white space at either end: what is read as one is one. */
const namePattern = /^[^\p{C}\p{Z}](?:[^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\p{Z}])?$/u;

/** Whether a credential may name a group so. */
export function isGroupName(text: string): boolean {
  return text.length <= maxNameLength && namePattern.test(text);
}

/** Whether a credential may name its principal so: not as the audit trail names the service itself or nobody. */
export function isPrincipalId(text: string): boolean {
  return isGroupName(text) && text !== controllerPrincipal.id && text !== anonymousId;
}
