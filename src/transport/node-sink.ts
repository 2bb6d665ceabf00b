import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { ResponseSink } from './send-response.ts';

type NodeResponse = Http2ServerResponse | ServerResponse;

/** Writes to a response of `node:http2`, of either version, at the pace of its reader. */
export function nodeSink(response: NodeResponse, altSvc: string | undefined): ResponseSink {
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
      if (gone.signal.aborted) return Promise.reject(gone.signal.reason);
      if (write(response, chunk)) return undefined;
      return new Promise((resolve) => {
        response.once('drain', resolve);
      });
    },
    end(trailer) {
      if (trailer) response.addTrailers(toFields(trailer));
      return new Promise((resolve) => {
        response.end(() => resolve());
      });
    },
    cut() {
      // Closing a stream without an error would end it as if it were whole.
      if ('stream' in response) response.stream?.destroy(new Error('the response broke off'));
      else response.destroy();
    },
  };
}

function write(response: NodeResponse, chunk: Uint8Array): boolean {
  return 'stream' in response ? response.write(chunk) : response.write(chunk);
}

function toFields(header: Headers): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of header) if (name !== 'set-cookie') fields[name] = value;
  const cookies = header.getSetCookie();
  if (cookies.length > 0) fields['set-cookie'] = cookies;
  return fields;
}
