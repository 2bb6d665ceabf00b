import type { UniversalServerResponse } from '@connectrpc/connect/protocol';
import { errorCodes } from '../domain/error-codes.ts';
import type { Problem } from '../domain/problem.ts';

/** The answer of a listener to a request that does not reach the API: a problem document (RFC 9457), as the API
 * writes them. */
export function problemResponse(problem: Problem): UniversalServerResponse {
  const { http, meaning, remedy } = errorCodes[problem.code];
  const { message, ...members } = problem;
  const document = {
    type: `urn:meshkit:problem:${problem.code}`,
    title: meaning,
    status: http,
    detail: message,
    ...members,
    remedy: problem.remedy ?? remedy,
  };
  return {
    status: http,
    header: new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' }),
    body: once(new TextEncoder().encode(JSON.stringify(document))),
  };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
