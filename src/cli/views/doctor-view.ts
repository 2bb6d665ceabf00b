import { formatDuration } from '../../base/duration.ts';
import type { TokenClaims } from '../../client/credentials/token-claims.ts';
import type { EndpointReport, VersionReport } from '../../client/probe-endpoint.ts';
import type { DowngradeReason } from '../../domain/transport-downgrade.ts';
import type { ClientSettings } from '../settings/client-settings.ts';

/** One line of `mesh doctor`. */
export interface Check {
  readonly check: string;
  readonly result: 'good' | 'warning' | 'bad';
  readonly detail: string;
  readonly remedy?: string;
}

const dayMs = 86_400_000;
/** A certificate that ends sooner is worth a word. */
const soonMs = 14 * dayMs;
/** Tokens are judged with some leeway; a clock that is further off makes good tokens look bad. */
const toleratedSkewMs = 30_000;

export function settingsCheck({ address, profile, transport }: ClientSettings): Check {
  const from = profile ? `profile ${profile.value}` : 'no profile';
  const detail = `${address.value} (${address.name || address.origin}), transport ${transport.value}, ${from}`;
  return { check: 'settings', result: 'good', detail };
}

/** HTTP/3 and HTTP/1.1 are nice to have; without any there is nothing. */
export function versionChecks({ versions }: EndpointReport): readonly Check[] {
  const reachable = versions.some((each) => each.handshakeMs !== undefined);
  return versions.map((each) => versionCheck(each, reachable));
}

function versionCheck({ version, handshakeMs, problem, reason }: VersionReport, reachable: boolean): Check {
  if (handshakeMs !== undefined)
    return { check: version, result: 'good', detail: `handshake in ${handshakeMs.toFixed(1)} ms` };
  const why = reason ? ` (${reason})` : '';
  const remedy = problem?.remedy ?? (reason === 'udp_blocked' ? blockedRemedy : undefined);
  return {
    check: version,
    result: reachable ? 'warning' : 'bad',
    detail: `${problem?.message ?? 'not reachable'}${why}`,
    ...(remedy && version !== 'h1' ? { remedy } : {}),
  };
}

const blockedRemedy =
  'Let UDP through to the port of the service, if it has HTTP/3; without it HTTP/2 is used.';

export function certificateCheck(
  report: EndpointReport,
  { ca, address }: ClientSettings,
  nowMs: number,
): Check {
  const { certificate } = report;
  if (!certificate) {
    const plain = address.value.startsWith('http://');
    const untrusted = report.versions.find((each) => each.problem?.code === 'SERVICE_UNTRUSTED')?.problem;
    const detail = plain ? 'none: the connection is in clear text' : (untrusted?.message ?? 'not seen');
    return { check: 'certificate', result: plain ? 'warning' : 'bad', detail };
  }
  const { subject, issuer, names, notAfter, tlsVersion } = certificate;
  const leftMs = notAfter - nowMs;
  const trust = ca ? `trusted by ${ca.value}` : 'trusted by the system';
  const detail = `${subject} for ${names.join(', ')}; of ${issuer}, ${trust}; ${tlsVersion}, ends ${new Date(notAfter).toISOString()}`;
  if (leftMs > soonMs) return { check: 'certificate', result: 'good', detail };
  return {
    check: 'certificate',
    result: 'warning',
    detail,
    remedy: `Renew it within ${formatDuration(leftMs)}.`,
  };
}

export function clockCheck({ clockSkewMs }: EndpointReport): Check {
  if (clockSkewMs === undefined)
    return { check: 'clock', result: 'warning', detail: 'the service did not tell its time' };
  const seconds = Math.round(Math.abs(clockSkewMs) / 1000);
  const side = clockSkewMs > 0 ? 'ahead of' : 'behind';
  const detail =
    seconds === 0 ? 'the same as the service' : `the service is ${seconds} s ${side} this machine`;
  return Math.abs(clockSkewMs) <= toleratedSkewMs
    ? { check: 'clock', result: 'good', detail }
    : { check: 'clock', result: 'warning', detail, remedy: 'Set the clock of the one that is wrong.' };
}

/** @param works whether HTTP/3 was reached just now, so that what is remembered is forgotten */
export function memoryCheck(remembered: DowngradeReason | undefined, works: boolean): Check {
  if (!remembered)
    return { check: 'memory', result: 'good', detail: 'nothing that keeps HTTP/3 from being tried' };
  if (works)
    return {
      check: 'memory',
      result: 'good',
      detail: `HTTP/3 works again (it was ${remembered}) and is tried again`,
    };
  const detail = `HTTP/3 is not tried for some minutes, since it did not work (${remembered})`;
  return { check: 'memory', result: 'warning', detail };
}

export function claimsCheck(origin: string, claims: TokenClaims | undefined, nowMs: number): Check {
  if (!claims)
    return { check: 'credential', result: 'warning', detail: `${origin}: not a JWT, so it tells nothing` };
  const { subject, scopes, namespaces, expiresAtMs } = claims;
  const facts = [
    `${origin}: ${subject || 'nobody'}`,
    scopes.length > 0 ? `scopes ${scopes.join(' ')}` : 'no scopes of its own',
    ...(namespaces.length > 0 ? [`namespaces ${namespaces.join(' ')}`] : []),
  ];
  if (expiresAtMs === undefined)
    return { check: 'credential', result: 'good', detail: [...facts, 'never ends'].join(', ') };
  const ends = new Date(expiresAtMs).toISOString();
  if (expiresAtMs > nowMs)
    return { check: 'credential', result: 'good', detail: [...facts, `ends ${ends}`].join(', ') };
  return {
    check: 'credential',
    result: 'bad',
    detail: [...facts, `ended ${ends}`].join(', '),
    remedy: 'Get a new token.',
  };
}
