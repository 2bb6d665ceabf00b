import type { CallOptions } from '@connectrpc/connect';
import type { Clock } from '../../base/clock.ts';
import type { ErrorCode } from '../../domain/error-codes.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { FleetChannel } from './fleet-channel.ts';
import { fleetProblem, isUnimplemented } from './fleet-problem.ts';

export interface FleetStream<T> {
  readonly channel: FleetChannel;
  readonly clock: Clock;
  /** For people: `watching the peers`. */
  readonly what: string;
  readonly signal: AbortSignal;
  /** The stream is taken for dead after so long without a message; 0 where silence is normal. */
  readonly silenceMs: number;
  readonly notFound?: ErrorCode;
  open(options: CallOptions): AsyncIterable<T>;
}

/**
 * The messages of a server stream. Ends when the signal aborts or the server ends it; throws `ProblemError`
 * (FLEET_UNREACHABLE, RESUME_TOKEN_INVALID, ...) when the connection breaks or falls silent, and lets only "not served
 * at all" through as it is, for callers that have another way.
 */
export async function* fleetStream<T>(stream: FleetStream<T>): AsyncGenerator<T> {
  const { channel, clock, what, signal, silenceMs } = stream;
  if (signal.aborted) return;
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  signal.addEventListener('abort', abort, { once: true });
  let isSilent = false;
  const arm = (): (() => void) => {
    if (silenceMs === 0) return () => {};
    return clock.schedule(silenceMs, () => {
      isSilent = true;
      stop.abort();
    });
  };
  let disarm = arm();
  try {
    for await (const message of stream.open({ signal: stop.signal, timeoutMs: 0 })) {
      disarm();
      yield message;
      // Anew only now: how long the consumer takes is not the fleet's silence.
      disarm = arm();
    }
  } catch (error) {
    if (signal.aborted) return;
    if (isUnimplemented(error)) throw error;
    if (!isSilent) throw new ProblemError(fleetProblem(error, channel.address, what, stream.notFound));
    throw new ProblemError({
      code: 'FLEET_UNREACHABLE',
      message: `the fleet at ${channel.address} fell silent for ${silenceMs} ms while ${what}`,
      value: channel.address,
      limit: silenceMs,
    });
  } finally {
    disarm();
    signal.removeEventListener('abort', abort);
    stop.abort();
  }
}
