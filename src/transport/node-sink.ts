import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { ResponseSink } from './send-response.ts';

type NodeResponse = Http2ServerResponse | ServerResponse;

/** Error code of HTTP/2 for a stream that was not looked at and may be sent again (RFC 9113, 7). */
const refusedStream = 7;
/** For a response that broke off. */
const internalError = 2;

/** Writes to a response of `node:http2`, of either version, at the pace of its reader. */
export function nodeSink(
  response: NodeResponse,
  altSvc: string | undefined,
): ResponseSink & { refuse(): void } {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new Error('the reader is gone'));
  });
  return {
    gone: gone.signal,
    head(status, header, isWhole) {
      const fields = toFields(header);
      if (altSvc !== undefined) fields['alt-svc'] = altSvc;
      if ('stream' in response) response.writeHead(status, fields);
      else response.writeHead(status, fields);
      if (isWhole) response.end();
    },
    write(chunk) {
      return new Promise((resolve, reject) => {
        if (gone.signal.aborted) return reject(gone.signal.reason);
        if (write(response, chunk)) return resolve();
        response.once('drain', resolve);
      });
    },
    end(trailer) {
      if (trailer) response.addTrailers(toFields(trailer));
      return new Promise((resolve) => {
        response.end(() => resolve());
      });
    },
    cut: () => cut(response, internalError),
    refuse: () => cut(response, refusedStream),
  };
}

function write(response: NodeResponse, chunk: Uint8Array): boolean {
  return 'stream' in response ? response.write(chunk) : response.write(chunk);
}

function cut(response: NodeResponse, code: number): void {
  if ('stream' in response) response.stream?.close(code);
  else response.destroy();
}

function toFields(header: Headers): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of header) if (name !== 'set-cookie') fields[name] = value;
  const cookies = header.getSetCookie();
  if (cookies.length > 0) fields['set-cookie'] = cookies;
  return fields;
}
