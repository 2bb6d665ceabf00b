import { Code, ConnectError } from '@connectrpc/connect';
import type { ErrorCode } from '../../domain/error-codes.ts';
import { type Problem, ProblemError } from '../../domain/problem.ts';

/** What a fleet's refusals mean to us; every other failure is FLEET_UNREACHABLE: nobody knows what became of the call. */
const codes = new Map<Code, ErrorCode>([
  [Code.OutOfRange, 'RESUME_TOKEN_INVALID'],
  [Code.InvalidArgument, 'FIELD_INVALID'],
  [Code.Unauthenticated, 'UNAUTHENTICATED'],
  [Code.PermissionDenied, 'PERMISSION_DENIED'],
]);

/**
 * The problem behind an error of a call to the fleet.
 *
 * @param what the call, for people: `listing the shards of orders`
 * @param notFound what NOT_FOUND means for this call
 */
export function fleetProblem(error: unknown, address: string, what: string, notFound?: ErrorCode): Problem {
  if (error instanceof ProblemError) return error.problems[0];
  const refusal = ConnectError.from(error);
  const code = refusal.code === Code.NotFound ? notFound : codes.get(refusal.code);
  if (code) return { code, message: `the fleet refused ${what}: ${refusal.rawMessage}`, value: address };
  return {
    code: 'FLEET_UNREACHABLE',
    message: `the fleet at ${address} does not answer ${what}: ${refusal.rawMessage}`,
    value: address,
    remedy: 'Check the address, that the fleet runs there, and that it serves this contract.',
  };
}

/** Whether the fleet does not serve the method at all. */
export function isUnimplemented(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.Unimplemented;
}
