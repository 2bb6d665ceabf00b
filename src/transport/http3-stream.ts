import { Code, ConnectError } from '@connectrpc/connect';
import type { Clock } from '../base/clock.ts';
import type { NativeHeader } from './http3-addon.ts';
import { createHttp3RequestBody, type Http3RequestBody } from './http3-request-body.ts';
import type { ResponseSink } from './send-response.ts';

/** The commands of one stream of one connection. */
export interface Http3Wire {
  sendHead(headers: readonly NativeHeader[], isWhole: boolean): void;
  /** False when the queue of the endpoint is full; `onWritable` follows. */
  send(data: Uint8Array, isLast: boolean): boolean;
  sendTrailers(headers: readonly NativeHeader[]): void;
  reset(errorCode: number): void;
  /** Resolves when all commands before it were carried out and their events were delivered. */
  confirm(): Promise<void>;
}

/** One request and its response. Events come in by the `on...` methods, which never throw. */
export interface Http3Stream {
  readonly body: Http3RequestBody;
  readonly sink: ResponseSink;
  /** Aborts when the client gives the call up or its connection ends. */
  readonly signal: AbortSignal;
  onData(chunk: Uint8Array): void;
  onFinished(): void;
  /** The client gave up, or the stream cannot be written any more. */
  onGone(reason: string): void;
  onBlocked(): void;
  onWritable(isDrained: boolean): void;
  /** After the response: what still comes of the request is dropped. `released` is called when nothing comes any more. */
  close(released: () => void): void;
}

/** Error codes of HTTP/3 (RFC 9114, 8.1). */
export const h3Codes = {
  noError: 0x100,
  internalError: 0x102,
  excessiveLoad: 0x107,
  requestRejected: 0x10b,
  messageError: 0x10e,
} as const;

/** Bytes written at once, and between two confirmations: what a stream whose reader is slow keeps in the endpoint's queue. */
const windowBytes = 65_536;
/**
 * How long a client may go on sending after its answer, in milliseconds. Then its stream is reset, which would take what is left
 * of the answer with it: so there is time for that to arrive.
 */
const lingerMs = 10_000;
/** Trailers that found no room are lost silently, and sending them again is harmless: so they are, at these times. */
const trailerRetryMs = [20, 100, 500, 2_500, 10_000] as const;

/** @param taken called when a chunk of the request was read or dropped */
export function createHttp3Stream(wire: Http3Wire, clock: Clock, taken: () => void): Http3Stream {
  const gone = new AbortController();
  const body = createHttp3RequestBody(taken);
  let isReceived = false;
  let isBlocked = false;
  let wasBlocked = false;
  let unconfirmedBytes = 0;
  let waiting: Array<() => void> = [];
  let release: (() => void) | undefined;

  const goneSignal = gone.signal;
  goneSignal.addEventListener('abort', wake, { once: true });
  function wake(): void {
    const woken = waiting;
    waiting = [];
    for (const each of woken) each();
  }
  const changed = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  async function unblocked(): Promise<void> {
    while (isBlocked) {
      await changed();
      goneSignal.throwIfAborted();
    }
  }
  async function send(data: Uint8Array, isLast: boolean): Promise<void> {
    goneSignal.throwIfAborted();
    await unblocked();
    while (!wire.send(data, isLast)) {
      await changed();
      goneSignal.throwIfAborted();
    }
  }
  /** Only after this is it known whether what was written found room. */
  async function settled(): Promise<void> {
    if (unconfirmedBytes > 0) await wire.confirm();
    unconfirmedBytes = 0;
    goneSignal.throwIfAborted();
    await unblocked();
  }
  function repeatTrailers(headers: readonly NativeHeader[]): void {
    for (const delay of trailerRetryMs) {
      clock.schedule(delay, () => {
        if (!goneSignal.aborted) wire.sendTrailers(headers);
      });
    }
  }

  const sink: ResponseSink = {
    gone: goneSignal,
    head(status, header, isWhole) {
      wire.sendHead([{ name: ':status', value: String(status) }, ...toNative(header)], isWhole);
    },
    async write(chunk) {
      for (let start = 0; start < chunk.length; start += windowBytes) {
        const part = chunk.subarray(start, start + windowBytes);
        await send(part, false);
        unconfirmedBytes += part.length;
        if (unconfirmedBytes >= windowBytes) await settled();
      }
    },
    async end(trailer) {
      if (!trailer) return await send(new Uint8Array(), true);
      const headers = toNative(trailer);
      await settled();
      wire.sendTrailers(headers);
      if (wasBlocked) repeatTrailers(headers);
    },
    cut() {
      if (!goneSignal.aborted) wire.reset(h3Codes.internalError);
    },
  };
  return {
    body,
    sink,
    signal: goneSignal,
    onData: (chunk) => body.push(chunk),
    onFinished() {
      isReceived = true;
      body.finish();
      release?.();
    },
    onGone(reason) {
      const error = new ConnectError(reason, Code.Canceled);
      body.fail(error);
      gone.abort(error);
      release?.();
    },
    onBlocked() {
      isBlocked = true;
      wasBlocked = true;
    },
    onWritable(isDrained) {
      if (isDrained) isBlocked = false;
      wake();
    },
    close(released) {
      body.fail(new ConnectError('the call is over', Code.Canceled));
      if (isReceived || goneSignal.aborted) return released();
      const stop = clock.schedule(lingerMs, () => {
        wire.reset(h3Codes.noError);
        released();
      });
      release = () => {
        stop();
        released();
      };
    },
  };
}

function toNative(header: Headers): NativeHeader[] {
  const headers: NativeHeader[] = [];
  for (const [name, value] of header) if (name !== 'set-cookie') headers.push({ name, value });
  for (const value of header.getSetCookie()) headers.push({ name: 'set-cookie', value });
  return headers;
}
