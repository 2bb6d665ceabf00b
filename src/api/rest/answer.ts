import type { JsonObject } from '@bufbuild/protobuf';
import type { createHandlerContext } from '@connectrpc/connect';
import {
  type Compression,
  createAsyncIterable,
  type UniversalHandlerOptions,
  type UniversalServerRequest,
  type UniversalServerResponse,
} from '@connectrpc/connect/protocol';
import type { Problem } from '../../domain/problem.ts';
import { httpStatusOf, problemContentType, problemDocument } from './problem-document.ts';

/** A handler's context, by whoever made it: it can be ended. */
export type CallContext = ReturnType<typeof createHandlerContext>;

/** What an answer is made with; there is none where no method was found. */
export interface Answer {
  readonly request: UniversalServerRequest;
  readonly context: CallContext;
  readonly options: Pick<UniversalHandlerOptions, 'acceptCompression' | 'compressMinBytes'>;
}

/** @param json or its text, where that is there already */
export async function answerJson(
  answer: Answer | undefined,
  status: number,
  json: JsonObject | string,
  contentType = 'application/json',
  more: Readonly<Record<string, string>> = {},
): Promise<UniversalServerResponse> {
  const header = headersOf(answer, more);
  header.set('content-type', contentType);
  let bytes: Uint8Array = new TextEncoder().encode(typeof json === 'string' ? json : JSON.stringify(json));
  const compression = chosenCompression(answer, bytes.length);
  if (compression) {
    bytes = await compression.compress(bytes);
    header.set('content-encoding', compression.name);
  }
  header.append('vary', 'accept-encoding');
  header.set('content-length', String(bytes.length));
  // HEAD: everything of the answer but the answer.
  if (answer?.request.method === 'HEAD') return { status, header };
  return { status, header, body: createAsyncIterable([bytes]) };
}

export async function answerNothing(
  answer: Answer | undefined,
  status: number,
  more: Readonly<Record<string, string>> = {},
): Promise<UniversalServerResponse> {
  return { status, header: headersOf(answer, more) };
}

export function answerProblems(
  answer: Answer | undefined,
  problems: readonly [Problem, ...Problem[]],
  more: Readonly<Record<string, string>> = {},
): Promise<UniversalServerResponse> {
  const [first] = problems;
  const headers = { ...more, ...challengeOf(first), 'cache-control': 'no-store' };
  return answerJson(answer, httpStatusOf(first), problemDocument(problems), problemContentType, headers);
}

/** How to ask better (RFC 6750, 3): with a credential, or with one that has the scope. */
function challengeOf(problem: Problem): Readonly<Record<string, string>> {
  if (problem.code === 'UNAUTHENTICATED') return { 'www-authenticate': 'Bearer realm="meshkit"' };
  if (problem.code !== 'PERMISSION_DENIED' || !/^mesh\.[a-z]+$/.test(String(problem.limit))) return {};
  return {
    'www-authenticate': `Bearer realm="meshkit", error="insufficient_scope", scope="${problem.limit}"`,
  };
}

function headersOf(answer: Answer | undefined, more: Readonly<Record<string, string>>): Headers {
  const header = new Headers(answer?.context.responseHeader);
  // What a principal may see is nobody else's to keep.
  if (!header.has('cache-control')) header.set('cache-control', 'private, no-cache');
  for (const [name, value] of Object.entries(more)) header.set(name, value);
  return header;
}

function chosenCompression(answer: Answer | undefined, bytes: number): Compression | undefined {
  if (!answer || bytes < answer.options.compressMinBytes) return undefined;
  const accepted = (answer.request.header.get('accept-encoding') ?? '')
    .split(',')
    .map((each) => each.trim().toLowerCase());
  return answer.options.acceptCompression.find(({ name }) => accepted.some((each) => each === name));
}
