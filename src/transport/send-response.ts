import type { UniversalServerResponse } from '@connectrpc/connect/protocol';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { problemResponse } from './problem-response.ts';

/** Where a response goes, whatever version of HTTP carries it. */
export interface ResponseSink {
  /** Status and headers; `isWhole` when nothing follows. */
  head(status: number, header: Headers, isWhole: boolean): void;
  /** Resolves when more may be written: the reader has taken enough of what was written before. Undefined: at once. */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** Resolves when the response was handed over whole. */
  end(trailer: Headers | undefined): Promise<void>;
  /** Gives the response up; what was sent stays sent, and the reader learns that it is not whole. */
  cut(): void;
  /** Aborts when the reader is gone. */
  readonly gone: AbortSignal;
}

export interface SendOptions {
  /** How long the reader may take nothing, in milliseconds. */
  readonly writeTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** `gone`: the reader went away before the end; `cut`: it was too slow, or the body failed. */
export type SendOutcome = 'sent' | 'gone' | 'cut';

/**
 * Sends a response as its reader takes it; never rejects. Headers leave with the first chunk or the end, since a handler
 * may set them until then. A body that fails before that becomes a 500. A body whose reader is gone is returned, so that its
 * generator ends.
 */
export async function sendResponse(
  response: UniversalServerResponse,
  sink: ResponseSink,
  options: SendOptions,
): Promise<SendOutcome> {
  const body = response.body?.[Symbol.asyncIterator]();
  const { step, stop } = untilAborted(sink.gone);
  let isBegun = false;
  try {
    let next = await step(body?.next() ?? nothing);
    const isWhole = next.done === true && !trailerOf(response);
    isBegun = true;
    sink.head(response.status, response.header ?? new Headers(), isWhole);
    for (; body && next.done !== true; next = await step(body.next())) {
      const written = sink.write(next.value);
      if (written) await inTime(step(written), options);
    }
    if (!isWhole) await inTime(step(sink.end(trailerOf(response))), options);
    return 'sent';
  } catch (error) {
    if (sink.gone.aborted) return 'gone';
    options.log.warn('a response broke off', { error: String(error) });
    if (!isBegun) return await sendResponse(internal(), sink, options);
    sink.cut();
    return 'cut';
  } finally {
    stop();
    body?.return?.().catch(() => {});
  }
}

const nothing: Promise<IteratorReturnResult<undefined>> = Promise.resolve({ done: true, value: undefined });

/** Trailers may be set until a body ends; without any, none are sent, since browsers wait in vain after some. */
function trailerOf({ trailer }: UniversalServerResponse): Headers | undefined {
  return trailer && !trailer.keys().next().done ? trailer : undefined;
}

function internal(): UniversalServerResponse {
  return problemResponse({ code: 'INTERNAL', message: 'the service did not expect what happened' });
}

interface UntilAborted {
  /** What the promise gives; rejects with the signal's reason when that comes first. One step at a time. */
  step<T>(promise: Promise<T>): Promise<T>;
  stop(): void;
}

/** A race of each step with a promise of the signal would keep something of every step for as long as the response lasts. */
function untilAborted(signal: AbortSignal): UntilAborted {
  let giveUp: ((reason: unknown) => void) | undefined;
  const aborted = (): void => giveUp?.(signal.reason);
  signal.addEventListener('abort', aborted, { once: true });
  return {
    step: (promise) =>
      new Promise((resolve, reject) => {
        giveUp = reject;
        promise.then(resolve, reject);
        if (signal.aborted) reject(signal.reason);
      }),
    stop: () => signal.removeEventListener('abort', aborted),
  };
}

async function inTime(promise: Promise<void>, { writeTimeoutMs, clock }: SendOptions): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const stop = clock.schedule(writeTimeoutMs, () =>
    reject(new Error(`the reader took nothing for ${writeTimeoutMs} ms`)),
  );
  try {
    await Promise.race([promise, late]);
  } finally {
    stop();
  }
}
