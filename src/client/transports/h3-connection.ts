import { rootCertificates } from 'node:tls';
import type { Http3ClientSession, SessionCloseInfo } from '@currentspace/http3';
import type { Clock } from '../../base/clock.ts';
import { isLoopback } from '../../base/loopback.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { DowngradeReason } from '../../domain/transport-downgrade.ts';
import type { Endpoint } from './endpoint.ts';
import { createH3Send } from './h3-send.ts';
import type { HttpConnection, Opening } from './http-connection.ts';
import { createKeepAlive } from './keep-alive.ts';

/** Why there is no HTTP/3. */
export interface H3Failure {
  readonly reason: DowngradeReason;
  /** For people. */
  readonly detail: string;
}

/**
 * How long a connection may be silent. A service that was killed says nothing over UDP, and until then its watchers are blind:
 * calls in flight ping often enough that three lost pings in a row end the connection, and the watch resumes on another.
 */
const maxIdleTimeoutMs = 8_000;
const pingEveryMs = 2_500;

/**
 * Starts a QUIC handshake. The library is loaded here, since it is native code that not every platform has.
 *
 * It checks names and not addresses: for a loopback address the certificate must be made for `localhost`, unless
 * the endpoint says which name it is.
 */
export function openH3(endpoint: Endpoint, clock: Clock): Opening<H3Failure> {
  let startMs = clock.monotonic();
  const begun = Promise.withResolvers<void>();
  const given = Promise.withResolvers<Result<HttpConnection, H3Failure>>();
  let session: Http3ClientSession | undefined;
  let over = false;
  const end = (result: Result<HttpConnection, H3Failure>): void => {
    over = true;
    begun.resolve();
    given.resolve(result);
  };
  const start = async (): Promise<void> => {
    const library = await import('@currentspace/http3').catch(() => undefined);
    if (!library) return end(err({ reason: 'disabled', detail: 'this program was built without HTTP/3' }));
    if (over) return;
    startMs = clock.monotonic();
    begun.resolve();
    session = library.connect(
      { address: endpoint.host, port: endpoint.port, servername: nameToCheck(endpoint) },
      {
        // Over TCP the runtime brings the authorities of the world; the library has none of its own.
        ca: endpoint.ca ?? rootCertificates.join('\n'),
        connectTimeoutMs: 0,
        maxIdleTimeoutMs,
        // The faster runtime (io_uring) is forbidden in most containers, and a client does not need it.
        runtimeMode: 'portable',
      },
    );
    const opened = session;
    opened.once('connect', () => {
      if (!over) end(ok(connectionOf(opened, endpoint, clock, clock.monotonic() - startMs)));
    });
    opened.once('close', (info) => end(err(closedEarly(info))));
    // After the handshake, what fails is told by the streams and by `close`.
    opened.on('error', (error) => end(err({ reason: 'handshake_failed', detail: error.message })));
    await opened.ready().catch(() => {});
  };
  start().catch((error: unknown) => end(err({ reason: 'disabled', detail: String(error) })));
  const heard = (): boolean => (session?.getMetrics()?.packetsIn ?? 0) > 0;
  return {
    begun: begun.promise,
    done: given.promise,
    heard,
    giveUp() {
      const failure: H3Failure = heard()
        ? { reason: 'timeout', detail: 'packets came back, but the handshake did not end in time' }
        : { reason: 'udp_blocked', detail: 'no packet came back' };
      if (!over) {
        end(err(failure));
        session?.destroy().catch(() => {});
      }
      return failure;
    },
  };
}

/** The name that the certificate must have. */
function nameToCheck({ host, serverName }: Endpoint): string {
  return serverName ?? (isLoopback(host) ? 'localhost' : host);
}

/** CRYPTO_ERROR codes are 0x100 + the TLS alert (RFC 9001, section 4.8). */
const firstCryptoError = 0x100;
/** TLS alert `no_application_protocol`. */
const noApplicationProtocol = 120;

function closedEarly({ errorCode, reason }: SessionCloseInfo): H3Failure {
  const alert = errorCode - firstCryptoError;
  if (alert === noApplicationProtocol) return { reason: 'version', detail: 'no HTTP/3 is spoken there' };
  if (alert >= 0 && alert < 0x100)
    return { reason: 'handshake_failed', detail: alertTexts.get(alert) ?? `TLS alert ${alert}` };
  if (errorCode === 0 && reason === '') return { reason: 'version', detail: 'no common version of QUIC' };
  return { reason: 'handshake_failed', detail: `closed with ${errorCode} ${reason}`.trim() };
}

const alertTexts: ReadonlyMap<number, string> = new Map([
  [40, 'TLS alert 40: handshake failure'],
  [42, 'TLS alert 42: the certificate is not for this name'],
  [45, 'TLS alert 45: the certificate has expired'],
  [48, 'TLS alert 48: the certificate is from an authority that is not trusted'],
  [116, 'TLS alert 116: a client certificate is required'],
]);

function connectionOf(
  session: Http3ClientSession,
  endpoint: Endpoint,
  clock: Clock,
  handshakeMs: number,
): HttpConnection {
  let open = true;
  const keepAlive = createKeepAlive(clock, pingEveryMs, () => {
    if (open) session.ping();
  });
  const shut = (): void => {
    open = false;
    keepAlive.stop();
  };
  session.once('close', shut);
  session.on('error', shut);
  session.once('goaway', () => {
    open = false;
  });
  return {
    version: 'h3',
    handshakeMs,
    send: createH3Send(session, new URL(endpoint.origin).host, keepAlive),
    isOpen: () => open,
    async close() {
      shut();
      await session.close().catch(() => {});
    },
  };
}
