import { createContextKey } from '@connectrpc/connect';
import type { ClientCertificate } from '../ports/authenticator.ts';

/** What the listener knows of a call and the API asks for. Calls inside the process have the defaults. */

/** HTTP versions by their ALPN-like short names; `memory` where there is no wire. */
export type HttpVersion = 'h1' | 'h2' | 'h3' | 'memory';

export const httpVersionKey = createContextKey<HttpVersion>('memory', {
  description: 'HTTP version of the call',
});

export const clientCertificateKey = createContextKey<ClientCertificate | undefined>(undefined, {
  description: 'verified client certificate of the connection',
});

/** `192.0.2.7:50123`; empty inside the process. */
export const remoteAddressKey = createContextKey('', { description: 'address of the caller' });
