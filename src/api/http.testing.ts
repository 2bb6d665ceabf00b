import { createContextValues } from '@connectrpc/connect';
import { createAsyncIterable, readAllBytes, type UniversalHandlerFn } from '@connectrpc/connect/protocol';
import { type HttpVersion, httpVersionKey } from '../transport/call-context.ts';

/** A request to the API without a socket. */
export interface SampleRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON; a text as it is. */
  readonly body?: object | string | Uint8Array;
  readonly httpVersion?: HttpVersion;
  readonly signal?: AbortSignal;
}

export interface SampleAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON. */
  json(): Record<string, unknown>;
}

export async function ask(
  handler: UniversalHandlerFn,
  target: string,
  request: SampleRequest = {},
): Promise<SampleAnswer> {
  const { response } = await begin(handler, target, request);
  const bytes = response.body ? await readAllBytes(response.body, 2 ** 28) : new Uint8Array();
  const text = new TextDecoder().decode(bytes);
  return {
    status: response.status,
    headers: response.header ?? new Headers(),
    text,
    json: () => JSON.parse(text) as Record<string, unknown>,
  };
}

/** The same, leaving the body to be read. */
export async function begin(handler: UniversalHandlerFn, target: string, request: SampleRequest) {
  const { body, httpVersion = 'h2' } = request;
  const header = new Headers(request.headers);
  if (isObject(body) && !header.has('content-type')) header.set('content-type', 'application/json');
  const bytes =
    body instanceof Uint8Array ? body : encode(typeof body === 'object' ? JSON.stringify(body) : body);
  const response = await handler({
    httpVersion: httpVersion === 'h1' ? '1.1' : '2.0',
    url: `https://mesh.test${target}`,
    method: request.method ?? (body === undefined ? 'GET' : 'POST'),
    header,
    body: createAsyncIterable(bytes ? [bytes] : []),
    signal: request.signal ?? new AbortController().signal,
    contextValues: createContextValues().set(httpVersionKey, httpVersion),
  });
  return { response };
}

function isObject(body: SampleRequest['body']): body is object {
  return typeof body === 'object' && !(body instanceof Uint8Array);
}

function encode(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : new TextEncoder().encode(text);
}
