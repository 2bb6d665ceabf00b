import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import type { NativeHeader } from './http3-addon.ts';
import type { ListenerLimits } from './listener-limits.ts';

export interface RequestHead {
  readonly method: string;
  readonly url: string;
  readonly header: Headers;
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Host and port; no user, which a URL would allow. */
const authorityForm = /^[A-Za-z0-9\-._~%[\]:]+$/;
/** Visible ASCII. */
const pathForm = /^\/(?!\/)[\x21-\x7e]*$/;
/** What HTTP/1.1 says about its connection has no place in HTTP/3 (RFC 9114, 4.2). */
const connectionHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
const headerOverheadBytes = 32;

/**
 * Reads what came as the header section of an HTTP/3 request: the addon takes anything. Problems: REQUEST_MALFORMED,
 * REQUEST_HEADERS_TOO_LARGE, REQUEST_URL_TOO_LONG.
 */
export function parseRequestHead(
  headers: readonly NativeHeader[],
  limits: ListenerLimits,
): Result<RequestHead, Problem> {
  const pseudo = new Map<string, string>();
  const header = new Headers();
  let bytes = 0;
  for (const { name, value } of headers) {
    bytes += name.length + value.length + headerOverheadBytes;
    const wrong = name.startsWith(':') ? addPseudo(pseudo, name, value) : addHeader(header, name, value);
    if (wrong !== undefined) return err(malformed(wrong));
  }
  const path = pseudo.get(':path') ?? '';
  if (path.length > limits.maxUrlBytes) {
    return err({
      code: 'REQUEST_URL_TOO_LONG',
      message: `the URL has ${path.length} bytes`,
      limit: limits.maxUrlBytes,
    });
  }
  if (headers.length > limits.maxHeaders || bytes > limits.maxHeaderBytes) {
    return err({
      code: 'REQUEST_HEADERS_TOO_LARGE',
      message: `the request has ${headers.length} headers of ${bytes} bytes`,
      limit: `${limits.maxHeaders} headers of ${limits.maxHeaderBytes} bytes`,
    });
  }
  const method = pseudo.get(':method') ?? '';
  const authority = pseudo.get(':authority') ?? header.get('host') ?? '';
  if (!token.test(method) || method === 'CONNECT') return err(malformed('it has no method that is known'));
  if (pseudo.get(':scheme') !== 'https') return err(malformed('its scheme is not https'));
  if (!pathForm.test(path)) return err(malformed('it names no path of this host'));
  if (!authorityForm.test(authority) || !URL.canParse(`https://${authority}${path}`))
    return err(malformed('it names no host'));
  return ok({ method, url: new URL(`https://${authority}${path}`).toString(), header });
}

/** What is wrong, or undefined. */
function addPseudo(pseudo: Map<string, string>, name: string, value: string): string | undefined {
  if (pseudo.has(name)) return `it has ${name} twice`;
  pseudo.set(name, value);
  return undefined;
}

function addHeader(header: Headers, name: string, value: string): string | undefined {
  if (!token.test(name)) return 'a header has a name that is not allowed';
  if (connectionHeaders.has(name)) return `it has the header ${name}`;
  try {
    // Cookies may come in crumbs (RFC 9114, 4.2.1).
    const crumbs = name === 'cookie' ? header.get(name) : null;
    if (crumbs === null) header.append(name, value);
    else header.set(name, `${crumbs}; ${value}`);
    return undefined;
  } catch {
    return 'a header has a value that is not allowed';
  }
}

function malformed(why: string): Problem {
  return { code: 'REQUEST_MALFORMED', message: `the request is not a valid HTTP message: ${why}` };
}
