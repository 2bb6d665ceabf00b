import type { Result } from '../base/result.ts';
import type { Principal } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';

/** Learns from a request's headers who asks. Problem: UNAUTHENTICATED. */
export interface Authenticator {
  authenticate(headers: Headers): Promise<Result<Principal, Problem>>;
}
