import { Code, ConnectError } from '@connectrpc/connect';
import {
  getAbortSignalReason,
  type UniversalClientFn,
  type UniversalClientRequest,
} from '@connectrpc/connect/protocol';
import type {
  ClientHttp3Stream,
  Http3ClientSession,
  IncomingHeaders,
  StreamFlags,
} from '@currentspace/http3';
import type { KeepAlive } from './keep-alive.ts';

/** Application errors of HTTP/3 (RFC 9114, section 8.1). */
const h3NoError = 0x100;
const h3ExcessiveLoad = 0x107;
const h3RequestRejected = 0x10b;
const h3RequestCancelled = 0x10c;

/** Headers of a connection, which HTTP/3 has none of (RFC 9114, section 4.2). */
const connectionHeaders: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'host',
]);

/** Sends requests over one HTTP/3 connection, trailers included. */
export function createH3Send(
  session: Http3ClientSession,
  authority: string,
  keepAlive: KeepAlive,
): UniversalClientFn {
  return async (request) => {
    const { signal } = request;
    if (signal?.aborted) throw getAbortSignalReason(signal);
    const stream = await session
      .requestAsync(requestHeaders(request, authority), {
        endStream: request.body === undefined,
        ...(signal ? { signal } : {}),
      })
      .catch((error: unknown) => {
        throw signal?.aborted ? getAbortSignalReason(signal) : connectionError(error);
      });
    // The library throws away what an answer brings that ends before somebody reads it, unless its stream is paused.
    stream.pause();
    keepAlive.begin();
    // Also the signal of a call that ended well aborts at its end.
    const cancel = (): void => {
      if (stream.readableEnded) stream.destroy();
      else stream.close(h3RequestCancelled);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    stream.once('close', () => {
      keepAlive.end();
      signal?.removeEventListener('abort', cancel);
    });
    const failure = (error: unknown): unknown =>
      signal?.aborted ? getAbortSignalReason(signal) : connectionError(error);
    const trailer = new Headers();
    stream.once('trailers', (headers: IncomingHeaders) => addHeaders(trailer, headers));
    const answered = new Promise<IncomingHeaders>((resolve, reject) => {
      stream.once('response', (headers: IncomingHeaders, { endStream }: StreamFlags) => {
        resolve(headers);
        // Nobody reads what is empty, and what is not read does not end.
        if (endStream) stream.resume();
      });
      stream.once('error', (error) => reject(failure(error)));
      stream.once('close', () => reject(failure(new Error('the stream was closed before its answer'))));
    });
    if (request.body) sendBody(stream, request.body);
    const headers = await answered;
    return {
      status: Number(headers[':status']),
      header: addHeaders(new Headers(), headers),
      trailer,
      body: readBody(stream, failure),
    };
  };
}

function requestHeaders(request: UniversalClientRequest, authority: string): IncomingHeaders {
  const url = new URL(request.url);
  const headers: IncomingHeaders = {
    ':method': request.method,
    ':scheme': 'https',
    ':authority': authority,
    ':path': url.pathname + url.search,
  };
  request.header.forEach((value, name) => {
    if (!connectionHeaders.has(name)) headers[name] = value;
  });
  return headers;
}

function addHeaders(into: Headers, from: IncomingHeaders): Headers {
  for (const [name, value] of Object.entries(from)) {
    if (name.startsWith(':')) continue;
    for (const each of Array.isArray(value) ? value : [value]) into.append(name, each);
  }
  return into;
}

/** Writes as fast as the other side reads. What goes wrong is told by the stream's error. */
async function sendBody(stream: ClientHttp3Stream, body: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of body) {
      if (stream.destroyed) return;
      await new Promise<void>((resolve, reject) =>
        stream.write(chunk, (error) => (error ? reject(error) : resolve())),
      );
    }
    stream.end();
  } catch (error) {
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

async function* readBody(
  stream: ClientHttp3Stream,
  failure: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const chunk of stream) yield chunk;
  } catch (error) {
    throw failure(error);
  } finally {
    // A reader that leaves early does not want the rest.
    if (!stream.readableEnded && !stream.destroyed) stream.close(h3RequestCancelled);
  }
}

/** What the library threw, as the code by which a caller can tell whether repeating helps. */
function connectionError(error: unknown): ConnectError {
  if (error instanceof ConnectError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const h3Code = error instanceof Error && 'h3Code' in error ? error.h3Code : undefined;
  return new ConnectError(text, codes.get(h3Code) ?? Code.Unavailable, undefined, undefined, error);
}

const codes: ReadonlyMap<unknown, Code> = new Map([
  [h3NoError, Code.Unavailable],
  [h3ExcessiveLoad, Code.ResourceExhausted],
  [h3RequestRejected, Code.Unavailable],
  [h3RequestCancelled, Code.Canceled],
]);
