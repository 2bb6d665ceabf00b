import { type HttpVersion, httpVersions } from './http-version.ts';

/**
 * Why a client that wanted a newer HTTP version uses an older one.
 *
 * - `udp_blocked`: not one packet came back
 * - `timeout`: packets came, but the handshake did not end in time
 * - `handshake_failed`: TLS said no
 * - `no_alt_svc`: what answers over TCP says that it has no HTTP/3
 * - `version`: no common version of QUIC or HTTP
 * - `disabled`: this program cannot speak it
 */
export const downgradeReasons = [
  'udp_blocked',
  'timeout',
  'handshake_failed',
  'no_alt_svc',
  'version',
  'disabled',
] as const;
export type DowngradeReason = (typeof downgradeReasons)[number];

export function isDowngradeReason(value: unknown): value is DowngradeReason {
  return downgradeReasons.some((each) => each === value);
}

export interface TransportDowngrade {
  readonly from: HttpVersion;
  readonly to: HttpVersion;
  readonly reason: DowngradeReason;
}

/**
 * By which a client says, with exactly one request of a connection set, that it wanted a newer HTTP version:
 * `from=h3; to=h2; reason=timeout`. So the service can count what its clients' networks let through.
 */
export const downgradeHeader = 'meshkit-transport-downgrade';

export function formatDowngrade({ from, to, reason }: TransportDowngrade): string {
  return `from=${from}; to=${to}; reason=${reason}`;
}

/** Undefined for anything that is not exactly a downgrade: what strangers write must not become a label of a counter. */
export function parseDowngrade(text: string): TransportDowngrade | undefined {
  const match = /^from=(h\d); ?to=(h\d); ?reason=([a-z_]{1,32})$/.exec(text.trim());
  const [from, to] = [versionOf(match?.[1]), versionOf(match?.[2])];
  const reason = match?.[3];
  if (!from || !to || !isDowngradeReason(reason)) return undefined;
  return httpVersions.indexOf(to) > httpVersions.indexOf(from) ? { from, to, reason } : undefined;
}

function versionOf(text: string | undefined): HttpVersion | undefined {
  return httpVersions.find((each) => each === text);
}
