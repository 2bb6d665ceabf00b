import { Code, ConnectError } from '@connectrpc/connect';
import type { Clock } from '../base/clock.ts';
import type { NativeHeader } from './http3-addon.ts';
import { createHttp3RequestBody, type Http3RequestBody } from './http3-request-body.ts';
import { createHttp3Writer, type Http3Wire, type Http3Writer } from './http3-writer.ts';
import type { ResponseSink } from './send-response.ts';

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
  readonly writer: Http3Writer;
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

/** How long a body that is full may wait to be read, in milliseconds. */
const stuckMs = 2_000;
/**
 * How long a client may go on sending after its answer, in milliseconds. Then its stream is reset, which would take what is left
 * of the answer with it: so there is time for that to arrive.
 */
const lingerMs = 10_000;

/** @param taken called when a chunk of the request was read or dropped */
export function createHttp3Stream(wire: Http3Wire, clock: Clock, taken: () => void): Http3Stream {
  const gone = new AbortController();
  const body = createHttp3RequestBody(taken);
  let isReceived = false;
  let isWatched = false;
  let release: (() => void) | undefined;

  const writer = createHttp3Writer(wire, gone.signal, clock);
  /** A handler that reads nothing would hold up everybody's requests: the addon slows all senders down together. */
  function watchReader(): void {
    isWatched = true;
    const before = body.reads;
    clock.schedule(stuckMs, () => {
      isWatched = false;
      if (!body.isFull || gone.signal.aborted) return;
      if (body.reads > before) return watchReader();
      wire.reset(h3Codes.excessiveLoad);
      leave('the body piled up unread');
    });
  }
  function leave(reason: string): void {
    const error = new ConnectError(reason, Code.Canceled);
    body.fail(error);
    gone.abort(error);
    release?.();
  }
  const sink: ResponseSink = {
    gone: gone.signal,
    head(status, header, isWhole) {
      wire.sendHead([{ name: ':status', value: String(status) }, ...toNative(header)], isWhole);
    },
    write: (chunk) => writer.write(chunk),
    end: (trailer) => writer.end(trailer && toNative(trailer)),
    cut() {
      if (gone.signal.aborted) return;
      wire.reset(h3Codes.internalError);
      leave('the response broke off');
    },
  };
  return {
    body,
    sink,
    writer,
    signal: gone.signal,
    onData(chunk) {
      body.push(chunk);
      if (body.isFull && !isWatched) watchReader();
    },
    onFinished() {
      isReceived = true;
      body.finish();
      release?.();
    },
    onGone: leave,
    close(released) {
      body.ignore();
      if (isReceived || gone.signal.aborted) return released();
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
