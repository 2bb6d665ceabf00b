import type { HandlerContext } from '@connectrpc/connect';
import { anonymousId, hasScope, type Principal, scopesOf } from '../domain/principal.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';
import { clientCertificateKey } from '../transport/call-context.ts';
import { compact } from '../wire/scalars.ts';
import type { ApiDeps } from './api-deps.ts';
import { statusOf } from './error-interceptor.ts';
import { isForAnyone, scopeOf } from './method-scope.ts';
import { principalKey, transportOf } from './request-context.ts';

/**
 * Runs when a call's headers are there and before its body is read: who asks, and may that one? Throws a status with
 * UNAUTHENTICATED or PERMISSION_DENIED; every denial is audited.
 */
export function createGate(deps: ApiDeps): (context: HandlerContext) => Promise<void> {
  return async (context) => {
    if (isForAnyone(context.method)) return;
    try {
      await admit(deps, context);
    } catch (thrown) {
      throw statusOf(thrown, deps.log, methodOf(context), context.signal);
    }
  };
}

async function admit(deps: ApiDeps, context: HandlerContext): Promise<void> {
  const authenticated = await deps.authenticator.authenticate({
    headers: context.requestHeader,
    ...compact({ clientCertificate: context.values.get(clientCertificateKey) }),
  });
  if (!authenticated.ok) return deny(deps, context, anonymousId, authenticated.error);
  const principal = authenticated.value;
  const problem = missingScope(context, principal);
  if (problem) return deny(deps, context, principal.id, problem);
  limitRate(deps, context, principal);
  context.values.set(principalKey, principal);
}

function methodOf(context: HandlerContext): string {
  return `${context.service.typeName}/${context.method.name}`;
}

function missingScope(context: HandlerContext, principal: Principal): Problem | undefined {
  const scope = scopeOf(context.method);
  if (scope && hasScope(principal, scope)) return undefined;
  return {
    code: 'PERMISSION_DENIED',
    message: scope
      ? `${principal.id} lacks the scope ${scope}, which ${context.method.name} needs`
      : `${context.method.name} declares no scope and is not served`,
    value: scopesOf(principal).join(', '),
    limit: scope ?? 'none',
    subject: `principal/${principal.id}`,
  };
}

/** Telemetry is many small batches, and is slowed down by back-pressure instead. */
function limitRate(deps: ApiDeps, context: HandlerContext, principal: Principal): void {
  if (scopeOf(context.method) === 'mesh.telemetry') return;
  const waitMs = deps.rateLimiter.take(principal.id);
  if (waitMs === 0) return;
  const seconds = Math.ceil(waitMs / 1_000);
  context.responseHeader.set('retry-after', String(seconds));
  deps.stats.countDenial('RATE_LIMITED');
  throw new ProblemError({
    code: 'RATE_LIMITED',
    message: `${principal.id} sends more requests than it may`,
    subject: `principal/${principal.id}`,
    remedy: `Wait ${seconds} s; send fewer requests, or larger pages.`,
  });
}

async function deny(deps: ApiDeps, context: HandlerContext, actor: string, problem: Problem): Promise<never> {
  deps.stats.countDenial(problem.code);
  await deps.denials.record({
    actor,
    method: methodOf(context),
    namespace: '',
    transport: transportOf(context),
    problem,
  });
  throw new ProblemError(problem);
}
