import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';
import { createNodeHttpClient, Http2SessionManager } from '@connectrpc/connect-node';
import type { Clock } from '../../base/clock.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Endpoint } from './endpoint.ts';
import type { HttpConnection, Opening, ServerCertificate } from './http-connection.ts';
import { connectionProblem } from './tls-problem.ts';

/** HTTP versions that are spoken over TCP, by what the client offers; the service chooses. */
export type TcpVersion = 'h2' | 'h1';

const alpnNames: Readonly<Record<TcpVersion, string>> = { h2: 'h2', h1: 'http/1.1' };

/** When a connection with calls in flight says nothing, it is asked; without an answer it is given up. */
const pingIntervalMs = 10_000;
const pingTimeoutMs = 5_000;

/** Starts a TCP connection, with TLS where the endpoint has it, and speaks what was agreed on. */
export function openTcp(
  endpoint: Endpoint,
  versions: readonly [TcpVersion, ...TcpVersion[]],
  clock: Clock,
): Opening<Problem> {
  const startMs = clock.monotonic();
  const given = Promise.withResolvers<Result<HttpConnection, Problem>>();
  const gaveUp = (): Problem => connectionProblem(new Error('it took too long'), endpoint);
  let socket: Socket | undefined;
  try {
    socket = endpoint.secure ? secureSocket(endpoint, versions) : connectTcp(endpoint.port, endpoint.host);
  } catch (error) {
    // The files of certificates and keys are judged when the socket is made.
    given.resolve(err(unreadable(error, endpoint)));
    return { begun: Promise.resolve(), done: given.promise, heard: () => false, giveUp: gaveUp };
  }
  const opened = socket;
  opened.once(endpoint.secure ? 'secureConnect' : 'connect', () => {
    const version = endpoint.secure ? agreedVersion(opened as TLSSocket) : versions[0];
    const certificate = endpoint.secure ? readCertificate(opened as TLSSocket) : undefined;
    const facts = { handshakeMs: clock.monotonic() - startMs, ...(certificate ? { certificate } : {}) };
    if (!versions.includes(version)) {
      given.resolve(err(notSpoken(versions[0], endpoint)));
      opened.destroy();
    } else given.resolve(ok(connectionOver(opened, version, endpoint, facts)));
  });
  opened.on('error', (error) => given.resolve(err(connectionProblem(error, endpoint))));
  opened.once('close', () => given.resolve(err(gaveUp())));
  return {
    begun: Promise.resolve(),
    done: given.promise,
    heard: () => false,
    giveUp() {
      given.resolve(err(gaveUp()));
      // Also when it was there a moment ago: nobody has it.
      opened.destroy();
      return gaveUp();
    },
  };
}

function unreadable(error: unknown, { origin }: Endpoint): Problem {
  return {
    code: 'CREDENTIAL_UNREADABLE',
    message: `the authorities, the certificate or its key cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    subject: origin,
  };
}

function secureSocket(endpoint: Endpoint, versions: readonly TcpVersion[]): TLSSocket {
  return connectTls({
    host: endpoint.host,
    port: endpoint.port,
    ALPNProtocols: versions.map((each) => alpnNames[each]),
    ...tlsOptions(endpoint),
  });
}

function tlsOptions({ host, ca, serverName, clientCertificate }: Endpoint) {
  const name = serverName ?? (isIP(host) === 0 ? host : undefined);
  return {
    minVersion: 'TLSv1.2' as const,
    ...(ca === undefined ? {} : { ca }),
    ...(name === undefined ? {} : { servername: name }),
    ...(clientCertificate ? { cert: clientCertificate.certificate, key: clientCertificate.key } : {}),
  };
}

/** A server that knows nothing of ALPN speaks HTTP/1.1. */
function agreedVersion(socket: TLSSocket): TcpVersion {
  return socket.alpnProtocol === alpnNames.h2 ? 'h2' : 'h1';
}

function notSpoken(version: TcpVersion, { origin }: Endpoint): Problem {
  return {
    code: 'SERVICE_UNREACHABLE',
    message: `${origin} does not speak ${version === 'h2' ? 'HTTP/2' : 'HTTP/1.1'}`,
    subject: origin,
    remedy: 'Take --transport auto.',
  };
}

function connectionOver(
  socket: Socket,
  version: TcpVersion,
  endpoint: Endpoint,
  facts: Pick<HttpConnection, 'handshakeMs' | 'certificate'>,
): HttpConnection {
  return version === 'h2' ? h2Connection(socket, endpoint, facts) : h1Connection(socket, endpoint, facts);
}

function h2Connection(
  socket: Socket,
  { origin }: Endpoint,
  facts: Pick<HttpConnection, 'handshakeMs' | 'certificate'>,
): HttpConnection {
  const manager = new Http2SessionManager(
    origin,
    { pingIntervalMs, pingTimeoutMs },
    { createConnection: () => socket },
  );
  let open = true;
  socket.once('close', () => {
    open = false;
  });
  return {
    version: 'h2',
    ...facts,
    send: createNodeHttpClient({ httpVersion: '2', sessionProvider: () => manager }),
    isOpen: () => open && manager.state() !== 'error',
    async close() {
      open = false;
      manager.abort();
      socket.destroy();
    },
  };
}

/** The socket has told what is spoken; the calls, of which each needs one of its own, have theirs from a pool. */
function h1Connection(
  socket: Socket,
  endpoint: Endpoint,
  facts: Pick<HttpConnection, 'handshakeMs' | 'certificate'>,
): HttpConnection {
  socket.destroy();
  const agent = endpoint.secure
    ? new HttpsAgent({ keepAlive: true, maxSockets, ...tlsOptions(endpoint) })
    : new HttpAgent({ keepAlive: true, maxSockets });
  let open = true;
  return {
    version: 'h1',
    ...facts,
    send: createNodeHttpClient({
      httpVersion: '1.1',
      nodeOptions: endpoint.secure ? { agent, ...tlsOptions(endpoint) } : { agent },
    }),
    isOpen: () => open,
    async close() {
      open = false;
      agent.destroy();
    },
  };
}

/** Connections at the same time over HTTP/1.1; more calls wait. */
const maxSockets = 16;

function readCertificate(socket: TLSSocket): ServerCertificate {
  const certificate = socket.getPeerCertificate();
  return {
    subject: nameText(certificate.subject),
    issuer: nameText(certificate.issuer),
    names: (certificate.subjectaltname ?? '')
      .split(', ')
      .filter((each) => each !== '')
      .map((each) =>
        each.replace(/^IP Address:(.*)$/, (_, address: string) => `IP:${shortAddress(address)}`),
      ),
    notBefore: Date.parse(certificate.valid_from),
    notAfter: Date.parse(certificate.valid_to),
    tlsVersion: socket.getProtocol() ?? '',
  };
}

/** `0:0:0:0:0:0:0:1` is `::1`, as everybody writes it. */
function shortAddress(address: string): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname.replace(/[[\]]/g, '') : address;
}

function nameText(name: PeerCertificate['subject']): string {
  return Object.entries(name ?? {})
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(', ');
}
