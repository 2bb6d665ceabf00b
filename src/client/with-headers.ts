import type { Transport } from '@connectrpc/connect';

/** The same transport, on which every call has these headers besides its own. */
export function withHeaders(transport: Transport, fixed: Readonly<Record<string, string>>): Transport {
  const added = (header: HeadersInit | undefined): Headers => {
    const headers = new Headers(header);
    for (const [name, value] of Object.entries(fixed)) headers.set(name, value);
    return headers;
  };
  return {
    unary: (method, signal, timeoutMs, header, ...rest) =>
      transport.unary(method, signal, timeoutMs, added(header), ...rest),
    stream: (method, signal, timeoutMs, header, ...rest) =>
      transport.stream(method, signal, timeoutMs, added(header), ...rest),
  };
}
