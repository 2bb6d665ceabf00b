import { createContextKey, type HandlerContext } from '@connectrpc/connect';
import type { CommandContext, Principal } from '../domain/principal.ts';
import { httpVersionKey } from '../transport/call-context.ts';

/** Set by the gate before anything else of a call runs. */
export const principalKey = createContextKey<Principal | undefined>(undefined, {
  description: 'principal of the call',
});

/** `grpc/h2`, `connect/h1`, `grpc-web/h2`: what audit records name. */
export function transportOf(context: HandlerContext): string {
  return `${context.protocolName}/${context.values.get(httpVersionKey)}`;
}

/** Who asks. Throws when the gate did not run: a bug. */
export function principalOf(context: HandlerContext): Principal {
  const principal = context.values.get(principalKey);
  if (!principal) throw new Error(`${context.method.name} was called without passing the gate`);
  return principal;
}

/** What a command carries besides its own arguments. */
export function commandContext(
  context: HandlerContext,
  request: { readonly reason?: string; readonly changeTicket?: string },
): CommandContext {
  return {
    principal: principalOf(context),
    reason: request.reason ?? '',
    changeTicket: request.changeTicket ?? '',
    transport: transportOf(context),
  };
}
