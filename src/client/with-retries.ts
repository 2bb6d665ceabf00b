import type { DescMethod } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, type Transport } from '@connectrpc/connect';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { ProblemDetailSchema } from '../gen/meshkit/rebalancer/v1/problem_pb.ts';
import { MeshClientError } from './client-error.ts';

export interface RetryOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Of calls that answer once, all their attempts together, milliseconds. Streams have none. */
  readonly timeoutMs: number;
}

/** How often a call is made, the first time included. */
const maxAttempts = 3;
/** The wait before the second attempt; it doubles up to the longest. */
const firstWaitMs = 100;
const longestWaitMs = 2_000;
/** A connection that took longer than this not to be made is not tried again: nobody is there. */
const patienceMs = 1_000;

/**
 * The same transport with deadlines, on which calls that answer once are repeated where that is safe: where a method changes
 * nothing, or the request has an idempotency key; and where nothing was answered, or the service says when to come again.
 */
export function withRetries(transport: Transport, options: RetryOptions): Transport {
  const { clock, random } = options;
  return {
    async unary(method, signal, timeoutMs = options.timeoutMs, header, message, contextValues) {
      const startMs = clock.monotonic();
      const deadline = startMs + timeoutMs;
      const repeatable = isRepeatable(method, message, header);
      for (let attempt = 1; ; attempt++) {
        const leftMs = timeoutMs <= 0 ? 0 : Math.max(1, Math.ceil(deadline - clock.monotonic()));
        try {
          return await transport.unary(method, signal, leftMs, header, message, contextValues);
        } catch (error) {
          if (!repeatable || attempt >= maxAttempts || signal?.aborted) throw error;
          if (error instanceof MeshClientError && clock.monotonic() - startMs > patienceMs) throw error;
          const waitMs = waitBefore(error, attempt, random);
          if (waitMs === undefined || (timeoutMs > 0 && clock.monotonic() + waitMs >= deadline)) throw error;
          await clock.sleep(waitMs, signal);
          if (signal?.aborted) throw error;
        }
      }
    },
    stream: (method, signal, timeoutMs, ...rest) => transport.stream(method, signal, timeoutMs ?? 0, ...rest),
  };
}

function isRepeatable(method: DescMethod, message: object, header: HeadersInit | undefined): boolean {
  if (method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS) return true;
  if (
    'idempotencyKey' in message &&
    typeof message.idempotencyKey === 'string' &&
    message.idempotencyKey !== ''
  )
    return true;
  return new Headers(header).has('idempotency-key');
}

/** Milliseconds to wait; undefined where another attempt would fail like this one. */
function waitBefore(error: unknown, attempt: number, random: Random): number | undefined {
  // Half of it is chance, so that many clients do not come back together.
  const backOffMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1)) * (0.5 + random.next() / 2);
  if (error instanceof MeshClientError) return error.unreachable ? backOffMs : undefined;
  if (!(error instanceof ConnectError)) return undefined;
  if (error.code === Code.ResourceExhausted) {
    const seconds = Number(error.metadata.get('retry-after') ?? Number.NaN);
    return seconds >= 0 ? Math.max(seconds * 1000, backOffMs) : undefined;
  }
  if (error.code !== Code.Unavailable) return undefined;
  const [problem] = error.findDetails(ProblemDetailSchema);
  return problem === undefined || problem.code === 'SERVICE_STOPPING' ? backOffMs : undefined;
}
