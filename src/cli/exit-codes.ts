import { type ErrorCode, errorCodes } from '../domain/error-codes.ts';
import type { PlanStatus } from '../domain/plan-status.ts';

/** What scripts can rely on; listed in `docs/cli.md` and in `mesh help exit-codes`. */
export const exitCodes = {
  done: 0,
  /** A bug of ours. */
  internal: 1,
  /** Wrong arguments or input. */
  usage: 2,
  /** Not authenticated, or not allowed. */
  denied: 3,
  notFound: 4,
  /** Conflict, or what was read is stale. */
  conflict: 5,
  /** A guardrail or the policy says no. */
  blocked: 6,
  unreachable: 7,
  /** The plan that was waited for ended failed, cancelled or otherwise not completed. */
  planFailed: 8,
  /** Interrupted by Ctrl-C (128 + SIGINT). */
  interrupted: 130,
  /** Whoever read the output left before its end (128 + SIGPIPE). */
  readerLeft: 141,
} as const;

export function exitCodeOf(code: ErrorCode): number {
  if (code === 'SERVICE_UNREACHABLE' || code === 'FLEET_UNREACHABLE') return exitCodes.unreachable;
  const { grpc, http } = errorCodes[code];
  switch (grpc) {
    case 'INVALID_ARGUMENT':
    case 'OUT_OF_RANGE':
      return exitCodes.usage;
    case 'UNAUTHENTICATED':
    case 'PERMISSION_DENIED':
      return exitCodes.denied;
    case 'NOT_FOUND':
      return exitCodes.notFound;
    case 'ALREADY_EXISTS':
    case 'ABORTED':
      return exitCodes.conflict;
    case 'FAILED_PRECONDITION':
      return http === 422 ? exitCodes.blocked : exitCodes.conflict;
    case 'RESOURCE_EXHAUSTED':
      return exitCodes.blocked;
    case 'UNAVAILABLE':
    case 'DEADLINE_EXCEEDED':
    case 'CANCELLED':
      return exitCodes.unreachable;
    case 'INTERNAL':
      return exitCodes.internal;
  }
}

/** Of a command that waited until a plan ended. */
export function exitCodeOfPlan(status: PlanStatus): number {
  return status === 'completed' || status === 'rolledBack' || status === 'draft'
    ? exitCodes.done
    : exitCodes.planFailed;
}
