import type { Clock } from '../../base/clock.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { HttpVersion } from '../../domain/http-version.ts';
import type { Problem } from '../../domain/problem.ts';
import type { DowngradeReason } from '../../domain/transport-downgrade.ts';
import type { Endpoint } from './endpoint.ts';
import { type H3Failure, openH3 } from './h3-connection.ts';
import type { HttpConnection, Opening } from './http-connection.ts';
import { openTcp, type TcpVersion } from './tcp-connection.ts';
import type { TransportChoice } from './transport-choice.ts';
import type { TransportMemory } from './transport-memory.ts';

/** A connection, and why it is not the one that was wanted. */
export interface Negotiated {
  readonly connection: HttpConnection;
  readonly downgrade?: {
    readonly from: HttpVersion;
    readonly reason: DowngradeReason;
    readonly afterMs: number;
  };
}

export interface NegotiateOptions {
  readonly endpoint: Endpoint;
  readonly choice: TransportChoice;
  readonly memory: TransportMemory;
  readonly clock: Clock;
  readonly openers?: Openers;
}

/** How connections are begun; tests bring their own. */
export interface Openers {
  h3(endpoint: Endpoint, clock: Clock): Opening<H3Failure>;
  tcp(endpoint: Endpoint, versions: readonly [TcpVersion, ...TcpVersion[]], clock: Clock): Opening<Problem>;
}

const realOpeners: Openers = { h3: openH3, tcp: openTcp };

/**
 * How long HTTP/3 alone may win: as long as three round trips of 50 ms. After it whoever is there first wins, so that on a
 * long way HTTP/3, which needs one round trip less, still does, and where UDP is swallowed a call is late by no more.
 */
export const h3BoundMs = 150;

/** How much longer it may take when packets came back: then it is there, and its end or this program is slow. */
const h3GraceMs = 100;

/** How much later TCP starts; where HTTP/3 works and the way is short, it does not start at all. */
export const tcpDelayMs = 30;

/** How long a connection may take when nothing else is left. */
export const connectTimeoutMs = 10_000;

/** How long HTTP/3 may take when it alone is wanted: first packets are sent anew after 1 s (RFC 9002, section 6.2). */
const h3AloneMs = 3_000;

/** Connects by what was chosen. For `auto` HTTP/3 and TCP race, HTTP/3 ahead (in the spirit of RFC 8305). */
export function negotiate(options: NegotiateOptions): Promise<Result<Negotiated, Problem>> {
  const { endpoint, choice } = options;
  if (choice === 'h3') return onlyH3(options);
  if (choice === 'h2') return onlyTcp(options, ['h2']);
  if (choice === 'h1') return onlyTcp(options, ['h1']);
  return wantedVersion(endpoint, choice) === 'h3' ? preferH3(options) : onlyTcp(options, ['h2', 'h1']);
}

/** Without TLS there is no HTTP/3, and its library shows no client certificate: then HTTP/2 is what is wanted. */
export function wantedVersion(endpoint: Endpoint, choice: TransportChoice): HttpVersion {
  if (choice !== 'auto') return choice;
  return endpoint.secure && !endpoint.clientCertificate ? 'h3' : 'h2';
}

async function preferH3(options: NegotiateOptions): Promise<Result<Negotiated, Problem>> {
  const { endpoint, memory } = options;
  const remembered = memory.recall(endpoint.origin);
  if (remembered === undefined) return race(options);
  const connected = await onlyTcp(options, ['h2', 'h1']);
  if (!connected.ok) {
    // What was remembered may be of another network.
    memory.forget(endpoint.origin);
    return race(options);
  }
  const { connection } = connected.value;
  return ok({ connection, downgrade: { from: 'h3', reason: remembered, afterMs: 0 } });
}

async function race(options: NegotiateOptions): Promise<Result<Negotiated, Problem>> {
  const { endpoint, clock, memory, openers = realOpeners } = options;
  const over = new AbortController();
  const h3 = openers.h3(endpoint, clock);
  await h3.begun;
  const startMs = clock.monotonic();
  try {
    const ahead = await within(h3.done, tcpDelayMs, clock, over.signal);
    if (ahead?.ok) return ok({ connection: ahead.value });
    const tcp = openers.tcp(endpoint, ['h2', 'h1'], clock);
    const overTcp = within(tcp.done, connectTimeoutMs, clock, over.signal).then(
      (result) => result ?? err(tcp.giveUp()),
    );
    let inTime = ahead ?? (await within(h3.done, h3BoundMs - tcpDelayMs, clock, over.signal));
    if (!inTime && h3.heard()) inTime = await within(h3.done, h3GraceMs, clock, over.signal);
    if (inTime?.ok) {
      tcp.giveUp();
      return ok({ connection: inTime.value });
    }
    const first = inTime
      ? { tcp: await overTcp }
      : await Promise.race([
          overTcp.then((result) => ({ tcp: result })),
          h3.done.then((result) => ({ h3: result })),
        ]);
    if ('h3' in first && first.h3.ok) {
      tcp.giveUp();
      return ok({ connection: first.h3.value });
    }
    const connected = 'tcp' in first ? first.tcp : await overTcp;
    if (!connected.ok) return await lastChance(h3, connected.error, startMs, clock);
    const failure = await failureOf(h3);
    if (failure.reason !== 'disabled') memory.remember(endpoint.origin, failure.reason);
    const afterMs = clock.monotonic() - startMs;
    return ok({ connection: connected.value, downgrade: { from: 'h3', reason: failure.reason, afterMs } });
  } finally {
    over.abort();
  }
}

/** TCP does not connect. What is left of the bound is HTTP/3's; after it nobody is there. */
async function lastChance(
  h3: Opening<H3Failure>,
  problem: Problem,
  startMs: number,
  clock: Clock,
): Promise<Result<Negotiated, Problem>> {
  const over = new AbortController();
  const leftMs = Math.max(0, startMs + h3BoundMs - clock.monotonic());
  const late = await within(h3.done, leftMs, clock, over.signal);
  over.abort();
  if (late?.ok) return ok({ connection: late.value });
  h3.giveUp();
  return err(problem);
}

async function failureOf(h3: Opening<H3Failure>): Promise<H3Failure> {
  const given = h3.giveUp();
  const result = await h3.done;
  if (result.ok) {
    // It was there in the same moment, and is not needed.
    await result.value.close();
    return given;
  }
  return result.error;
}

async function onlyTcp(
  { endpoint, clock, openers = realOpeners }: NegotiateOptions,
  versions: readonly [TcpVersion, ...TcpVersion[]],
): Promise<Result<Negotiated, Problem>> {
  const startMs = clock.monotonic();
  const over = new AbortController();
  const opening = openers.tcp(endpoint, versions, clock);
  const connected =
    (await within(opening.done, connectTimeoutMs, clock, over.signal)) ?? err(opening.giveUp());
  over.abort();
  if (!connected.ok) return connected;
  const connection = connected.value;
  if (connection.version === versions[0]) return ok({ connection });
  const afterMs = clock.monotonic() - startMs;
  return ok({ connection, downgrade: { from: versions[0], reason: 'version', afterMs } });
}

async function onlyH3({
  endpoint,
  clock,
  openers = realOpeners,
}: NegotiateOptions): Promise<Result<Negotiated, Problem>> {
  const contradiction = noH3(endpoint);
  if (contradiction) return err(contradiction);
  const over = new AbortController();
  const opening = openers.h3(endpoint, clock);
  const connected = (await within(opening.done, h3AloneMs, clock, over.signal)) ?? err(opening.giveUp());
  over.abort();
  if (connected.ok) return ok({ connection: connected.value });
  return err({
    code: connected.error.reason === 'handshake_failed' ? 'SERVICE_UNTRUSTED' : 'SERVICE_UNREACHABLE',
    message: `there is no HTTP/3 to ${endpoint.origin}: ${connected.error.detail} (${connected.error.reason})`,
    subject: endpoint.origin,
    remedy: 'Take --transport auto, or see what mesh doctor says.',
  });
}

/** Why HTTP/3 cannot even be tried. */
function noH3({ secure, clientCertificate, origin }: Endpoint): Problem | undefined {
  if (secure && !clientCertificate) return undefined;
  return {
    code: 'FIELDS_CONTRADICT',
    message: secure
      ? 'a client certificate is shown over HTTP/2 and HTTP/1.1 only'
      : `there is no HTTP/3 without TLS, which ${origin} does not have`,
    field: '--transport',
    value: 'h3',
    limit: 'auto, h2, h1',
    subject: origin,
    remedy: 'Take another transport, or auto.',
  };
}

/** What the promise gives when it does within `ms`; undefined when not. */
function within<T>(
  promise: Promise<T>,
  ms: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | undefined> {
  return Promise.race([promise, clock.sleep(ms, signal).then(() => undefined)]);
}
