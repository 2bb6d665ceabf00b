import type { ErrorCode } from './error-codes.ts';

/**
 * What is wrong with an input or a request: the same value becomes an RFC 9457 problem document, gRPC status
 * details and the CLI's error text.
 */
export interface Problem {
  /** Stable; see `error-codes.ts` for its meaning, its gRPC and HTTP status and its general remedy. */
  readonly code: ErrorCode;
  /** One sentence: what happened, to what. */
  readonly message: string;
  /** Path of the field that is wrong, for instance `budget.maxMoves` or `shards[17].replicas[2].node`. */
  readonly field?: string;
  /** The value that was given. */
  readonly value?: string | number | boolean;
  /** The bound or expectation that it broke. */
  readonly limit?: string | number;
  /** What the problem is about: `node/n12`, `shard/s7`, `plan/01H...`. */
  readonly subject?: string;
  /** What to do about it, more specific than the registry's remedy. */
  readonly remedy?: string;
}

/** Carries problems through code that can only throw (stream handlers, RPC boundaries); see `Result` for the rest. */
export class ProblemError extends Error {
  readonly problems: readonly [Problem, ...Problem[]];

  constructor(first: Problem, ...others: Problem[]) {
    super(first.message);
    this.name = 'ProblemError';
    this.problems = [first, ...others];
  }
}

/** The value of a result, where there is nothing to do without it: throws a `ProblemError` with the problems. */
export function expectOk<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: readonly Problem[] },
): T {
  if (result.ok) return result.value;
  const [first, ...others] = result.error;
  throw first ? new ProblemError(first, ...others) : new Error('a refusal without a problem');
}
