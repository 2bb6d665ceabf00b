import type { Clock } from '../base/clock.ts';
import { err, type Result } from '../base/result.ts';
import { type HttpVersion, httpVersions } from '../domain/http-version.ts';
import type { Problem } from '../domain/problem.ts';
import type { DowngradeReason } from '../domain/transport-downgrade.ts';
import type { Endpoint } from './transports/endpoint.ts';
import { type H3Failure, openH3 } from './transports/h3-connection.ts';
import type { HttpConnection, Opening, ServerCertificate } from './transports/http-connection.ts';
import { openTcp } from './transports/tcp-connection.ts';

/** What can be said of a service without a credential. */
export interface EndpointReport {
  readonly versions: readonly VersionReport[];
  /** Absent where there is no TLS, or none that could be trusted. */
  readonly certificate?: ServerCertificate;
  /** How much the service's clock is ahead of ours, milliseconds, to the second; absent where it does not tell. */
  readonly clockSkewMs?: number;
}

export interface VersionReport {
  readonly version: HttpVersion;
  /** Milliseconds until requests could be sent; absent where they cannot. */
  readonly handshakeMs?: number;
  readonly reason?: DowngradeReason;
  readonly problem?: Problem;
}

/** How long each HTTP version may take to connect, milliseconds. */
const probeTimeoutMs = 2_000;

/** Connects by every HTTP version, one after the other, so that none disturbs another's time. */
export async function probeEndpoint(endpoint: Endpoint, clock: Clock): Promise<EndpointReport> {
  const versions: VersionReport[] = [];
  let certificate: ServerCertificate | undefined;
  let clockSkewMs: number | undefined;
  for (const version of httpVersions) {
    if (version === 'h3') {
      versions.push(await probeH3(endpoint, clock));
      continue;
    }
    const opened = await settled(openTcp(endpoint, [version], clock), clock);
    if (!opened.ok) {
      versions.push({ version, problem: opened.error });
      continue;
    }
    versions.push({ version, handshakeMs: opened.value.handshakeMs });
    certificate ??= opened.value.certificate;
    clockSkewMs ??= await clockSkew(opened.value, endpoint, clock);
    await opened.value.close();
  }
  return {
    versions,
    ...(certificate ? { certificate } : {}),
    ...(clockSkewMs === undefined ? {} : { clockSkewMs }),
  };
}

async function probeH3(endpoint: Endpoint, clock: Clock): Promise<VersionReport> {
  const version = 'h3';
  const unreachable = (reason: DowngradeReason, message: string): VersionReport => ({
    version,
    reason,
    problem: { code: 'SERVICE_UNREACHABLE', message, subject: endpoint.origin },
  });
  if (!endpoint.secure) return unreachable('disabled', 'there is no HTTP/3 without TLS');
  if (endpoint.clientCertificate)
    return unreachable('disabled', 'a client certificate is shown over HTTP/2 and HTTP/1.1 only');
  const opened = await settled<H3Failure>(openH3(endpoint, clock), clock);
  if (!opened.ok) return unreachable(opened.error.reason, opened.error.detail);
  await opened.value.close();
  return { version, handshakeMs: opened.value.handshakeMs };
}

async function settled<E>(opening: Opening<E>, clock: Clock): Promise<Result<HttpConnection, E>> {
  const over = new AbortController();
  const late = clock.sleep(probeTimeoutMs, over.signal).then(() => undefined);
  const result = (await Promise.race([opening.done, late])) ?? err(opening.giveUp());
  over.abort();
  return result;
}

/** By the `Date` of an answer, whatever it says otherwise; it was made at some time between our two looks at the clock. */
async function clockSkew(
  connection: HttpConnection,
  { origin }: Endpoint,
  clock: Clock,
): Promise<number | undefined> {
  const over = new AbortController();
  const cancel = clock.schedule(probeTimeoutMs, () => over.abort(new Error('no answer')));
  try {
    const before = clock.now();
    const url = `${origin}/healthz`;
    const answer = await connection.send({ url, method: 'GET', header: new Headers(), signal: over.signal });
    const after = clock.now();
    for await (const _ of answer.body);
    const theirs = Date.parse(answer.header.get('date') ?? '');
    // The header has whole seconds, cut off: half of one is the fairest guess.
    return Number.isNaN(theirs) ? undefined : theirs + 500 - (before + after) / 2;
  } catch {
    return undefined;
  } finally {
    cancel();
  }
}
