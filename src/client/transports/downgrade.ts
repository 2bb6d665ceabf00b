import type { HttpVersion } from './http-version.ts';

/**
 * Why a client got less than it wanted.
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

export interface Downgrade {
  readonly from: HttpVersion;
  readonly to: HttpVersion;
  readonly reason: DowngradeReason;
  /** Milliseconds from the first attempt until the lesser connection was there; 0 where it was remembered. */
  readonly afterMs: number;
}

/** Goes with exactly one request of a client, so that the service can count what its clients' networks let through. */
export const downgradeHeader = 'meshkit-transport-downgrade';

export function downgradeHeaderValue({ from, to, reason }: Downgrade): string {
  return `from=${from}; to=${to}; reason=${reason}`;
}
