import { createContextKey } from '@connectrpc/connect';
import type { HttpVersion as WireVersion } from '../domain/http-version.ts';
import type { ClientCertificate } from '../ports/authenticator.ts';

/** What the listener knows of a call and the API asks for. Calls inside the process have the defaults. */

/** `memory` where there is no wire. */
export type HttpVersion = WireVersion | 'memory';

export const httpVersionKey = createContextKey<HttpVersion>('memory', {
  description: 'HTTP version of the call',
});

export const clientCertificateKey = createContextKey<ClientCertificate | undefined>(undefined, {
  description: 'verified client certificate of the connection',
});

/** `192.0.2.7:50123`; empty inside the process. */
export const remoteAddressKey = createContextKey('', { description: 'address of the caller' });
