import type { Clock } from '../base/clock.ts';
import { MeshClientError } from './client-error.ts';

export interface SilenceOptions {
  /** For the error's message. */
  readonly address: string;
  readonly clock: Clock;
  /** The longest wait for the other side, milliseconds. The time that our side takes does not count. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/**
 * What a stream gives, which is left when nothing comes for `silenceMs`, be it the first item: a connection whose other end vanished without a word looks like one on
 * which nothing happens, and not every transport asks.
 *
 * @param open begins the stream; its signal aborts when `signal` does, when the stream is silent, and when the reader leaves, since a
 *   stream does not notice by itself that nobody wants the rest
 * @throws MeshClientError SERVICE_UNREACHABLE when nothing came for `silenceMs`, and what the stream throws
 */
export async function* unlessSilent<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  options: SilenceOptions,
): AsyncGenerator<T, void> {
  const leaving = new AbortController();
  const items = open(AbortSignal.any([options.signal, leaving.signal]))[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await inTime(items.next(), options);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not waited for: a stream that is silent may have nothing more to say to this either.
    items.return?.()?.catch(() => {});
    leaving.abort();
  }
}

/**
 * The one answer to a stream of requests, which is left when neither a request is taken nor the answer comes for `silenceMs`.
 *
 * @param ask sends the requests, and calls `onTaken` whenever the other side was ready for the next one
 * @throws MeshClientError SERVICE_UNREACHABLE when nothing happened for `silenceMs`, and what `ask` throws
 */
export async function answerUnlessSilent<T>(
  ask: (signal: AbortSignal, onTaken: () => void) => Promise<T>,
  { address, clock, silenceMs, signal }: SilenceOptions,
): Promise<T> {
  const leaving = new AbortController();
  const silent = Promise.withResolvers<never>();
  let cancel = (): void => {};
  const listen = (): void => {
    cancel();
    // Who sends may still be at it when the answer is there.
    if (leaving.signal.aborted) return;
    cancel = clock.schedule(silenceMs, () => silent.reject(fellSilent(address, silenceMs)));
  };
  listen();
  try {
    return await Promise.race([ask(AbortSignal.any([signal, leaving.signal]), listen), silent.promise]);
  } finally {
    leaving.abort();
    cancel();
  }
}

async function inTime<T>(next: Promise<T>, { address, clock, silenceMs }: SilenceOptions): Promise<T> {
  const silent = Promise.withResolvers<never>();
  const cancel = clock.schedule(silenceMs, () => silent.reject(fellSilent(address, silenceMs)));
  try {
    return await Promise.race([next, silent.promise]);
  } finally {
    cancel();
  }
}

function fellSilent(address: string, silenceMs: number): MeshClientError {
  const message = `nothing came from the rebalancer at ${address} for ${silenceMs / 1_000} s`;
  return new MeshClientError([{ code: 'SERVICE_UNREACHABLE', message, subject: address }], true);
}
