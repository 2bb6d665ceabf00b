import type { HandlerContext } from '@connectrpc/connect';
import { type Problem, ProblemError } from '../domain/problem.ts';
import type { ApiDeps } from './api-deps.ts';
import { recordDenial } from './denial.ts';
import { principalOf, transportOf } from './request-context.ts';

/**
 * A principal may be limited to namespaces. Throws `ProblemError` PERMISSION_DENIED, audited, when this one is and the
 * call is about another namespace, or about all of them (empty).
 */
export async function requireNamespace(
  deps: ApiDeps,
  context: HandlerContext,
  namespace: string,
): Promise<void> {
  if (seesNamespace(context, namespace)) return;
  throw new ProblemError(await recordNamespaceDenial(deps, context, namespace));
}

/** Audits that a principal is limited to other namespaces; for calls of which the rest goes on. */
export async function recordNamespaceDenial(
  deps: ApiDeps,
  context: HandlerContext,
  namespace: string,
): Promise<Problem> {
  const principal = principalOf(context);
  const problem: Problem = {
    code: 'PERMISSION_DENIED',
    message: namespace
      ? `${principal.id} has no access to the namespace ${namespace}`
      : `${principal.id} has access to single namespaces only`,
    field: 'namespace',
    value: namespace,
    limit: principal.namespaces.join(', '),
    subject: `principal/${principal.id}`,
  };
  await recordDenial(deps, {
    actor: principal.id,
    method: `${context.service.typeName}/${context.method.name}`,
    namespace,
    transport: transportOf(context),
    problem,
  });
  return problem;
}

/** Whether a principal sees what belongs to a namespace. */
export function seesNamespace(context: HandlerContext, namespace: string): boolean {
  const { namespaces } = principalOf(context);
  return namespaces.length === 0 || namespaces.includes(namespace);
}
