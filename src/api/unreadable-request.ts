import { Code, ConnectError } from '@connectrpc/connect';
import { readAllBytes, type UniversalServerResponse } from '@connectrpc/connect/protocol';
import { codeToHttpStatus, errorFromJsonBytes, errorToJsonBytes } from '@connectrpc/connect/protocol-connect';
import { problemsToConnectError } from '../wire/problem-status.ts';

/** How the library names a binary message that it cannot parse. */
const libraryWords = 'parse binary: ';
/** Bytes of a status; ours are some kilobytes. */
const maxStatusBytes = 65_536;

/**
 * The library calls a request that it cannot parse a bug of the service. Where it does, this is the caller's mistake instead:
 * INPUT_MALFORMED. Other errors stay as they are.
 */
export function blameForUnreadable(error: ConnectError): ConnectError {
  if (error.code !== Code.Internal || !error.rawMessage.startsWith(libraryWords)) return error;
  const reason = error.rawMessage.slice(libraryWords.length);
  return problemsToConnectError([
    { code: 'INPUT_MALFORMED', message: `the request cannot be read as Protobuf: ${reason}` },
  ]);
}

/** The same for the answer to a Connect call that answers once: such a request is parsed before any interceptor sees it. */
export async function answerForUnreadable(
  response: UniversalServerResponse,
): Promise<UniversalServerResponse> {
  const { status, body, header } = response;
  if (status !== codeToHttpStatus(Code.Internal) || !body) return response;
  const bytes = await readAllBytes(body, maxStatusBytes);
  const unknown = new ConnectError('', Code.Internal);
  const known = errorFromJsonBytes(bytes, undefined, unknown);
  const error = blameForUnreadable(known);
  if (error === known) return { ...response, body: piece(bytes) };
  const told = errorToJsonBytes(error, undefined);
  const changed = new Headers(header);
  changed.set('content-length', String(told.byteLength));
  return { ...response, status: codeToHttpStatus(error.code), header: changed, body: piece(told) };
}

async function* piece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
