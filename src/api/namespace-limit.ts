import type { HandlerContext } from '@connectrpc/connect';
import { mayActOn, type NamespaceLimit, namespacesOf } from '../domain/principal.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';
import type { ApiDeps } from './api-deps.ts';
import { scopeOf } from './method-scope.ts';
import { principalOf, transportOf } from './request-context.ts';

/**
 * The scope that a method needs may be limited to namespaces. Throws `ProblemError` PERMISSION_DENIED, audited, when it
 * is for this principal and the call is about another namespace, or about all of them (empty).
 */
export async function requireNamespace(
  deps: ApiDeps,
  context: HandlerContext,
  namespace: string,
): Promise<void> {
  if (seesNamespace(context, namespace)) return;
  throw new ProblemError(await recordNamespaceDenial(deps, context, namespace));
}

/** Counts and audits that a principal is limited to other namespaces; for calls of which the rest goes on. */
export async function recordNamespaceDenial(
  deps: ApiDeps,
  context: HandlerContext,
  namespace: string,
): Promise<Problem> {
  const principal = principalOf(context);
  const granted = grantedNamespaces(context);
  const scope = scopeOf(context.method);
  const problem: Problem = {
    code: 'PERMISSION_DENIED',
    message: namespace
      ? `${principal.id} has no access to the namespace ${namespace} with the scope ${scope}`
      : `${principal.id} has access to single namespaces only with the scope ${scope}`,
    field: 'namespace',
    value: namespace,
    limit: granted === 'all' ? granted : granted.join(', '),
    subject: `principal/${principal.id}`,
  };
  deps.stats.countDenial(problem.code);
  await deps.denials.record({
    actor: principal.id,
    method: `${context.service.typeName}/${context.method.name}`,
    namespace,
    transport: transportOf(context),
    problem,
  });
  return problem;
}

/** Whether a principal sees what belongs to a namespace, by the scope that the method needs. */
export function seesNamespace(context: HandlerContext, namespace: string): boolean {
  const scope = scopeOf(context.method);
  return scope !== undefined && mayActOn(principalOf(context), scope, namespace);
}

/** The namespaces on which a principal may call the method. */
export function grantedNamespaces(context: HandlerContext): NamespaceLimit {
  const scope = scopeOf(context.method);
  return scope === undefined ? [] : namespacesOf(principalOf(context), scope);
}
