import { Agent } from 'node:https';
import type { UniversalClientFn } from '@connectrpc/connect/protocol';
import { createNodeHttpClient, Http2SessionManager } from '@connectrpc/connect-node';
import type { MeshProcess } from '../../scripts/support/mesh-process.ts';
import type { Wire } from '../../src/api/wires.testing.ts';
import { connectH3 } from '../../src/transport/h3-client.testing.ts';
import { devAuthority } from './client.ts';

export const httpVersions = ['h1', 'h2', 'h3'] as const;
export type HttpVersion = (typeof httpVersions)[number];

/** A wire that stays connected until it is disposed of; without any fallback to another version. */
export interface OpenWire extends Wire, AsyncDisposable {}

/** Connections at the same time over HTTP/1.1. */
const maxSockets = 8;

/** @param ca PEM of the authority that signed the service's certificate; the one of `--dev` when left out */
export async function openWire(
  service: Pick<MeshProcess, 'ready' | 'url'>,
  version: HttpVersion,
  ca = devAuthority(service),
): Promise<OpenWire> {
  const { client, close } = await connect(service.url, version, ca);
  return { baseUrl: service.url, client, [Symbol.asyncDispose]: close };
}

interface Connected {
  readonly client: UniversalClientFn;
  readonly close: () => Promise<void>;
}

async function connect(url: string, version: HttpVersion, ca: string): Promise<Connected> {
  if (version === 'h3') {
    const { fetch, close } = await connectH3(Number(new URL(url).port), ca);
    return { client: fetch, close };
  }
  if (version === 'h2') {
    const sessions = new Http2SessionManager(url, {}, { ca });
    const client = createNodeHttpClient({ httpVersion: '2', sessionProvider: () => sessions });
    return { client, close: async () => sessions.abort() };
  }
  const agent = new Agent({ keepAlive: true, maxSockets, ca });
  const client = createNodeHttpClient({ httpVersion: '1.1', nodeOptions: { agent, ca } });
  return { client, close: async () => agent.destroy() };
}

export interface WireAnswer {
  readonly status: number;
  readonly header: Headers;
  readonly trailer: Headers;
  readonly text: string;
}

/** One whole HTTP exchange. */
export async function exchange(
  { baseUrl, client }: Wire,
  path: string,
  init: {
    readonly method?: string;
    readonly headers?: HeadersInit;
    readonly body?: string | Uint8Array;
  } = {},
): Promise<WireAnswer> {
  const bytes = typeof init.body === 'string' ? new TextEncoder().encode(init.body) : init.body;
  const answer = await client({
    url: `${baseUrl}${path}`,
    method: init.method ?? (bytes ? 'POST' : 'GET'),
    header: new Headers(init.headers),
    ...(bytes ? { body: pieces([bytes]) } : {}),
  });
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of answer.body) text += decoder.decode(chunk, { stream: true });
  return { status: answer.status, header: answer.header, trailer: answer.trailer, text };
}

async function* pieces(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
