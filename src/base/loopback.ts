import { isIP } from 'node:net';

/** Where what has no real credentials may listen. */
export const loopbackHosts: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/** Whether a host's packets stay on this machine. @param host name or address, IPv6 with or without brackets */
export function isLoopback(host: string): boolean {
  return loopbackHosts.has(host.replace(/^\[|\]$/g, '')) || (isIP(host) === 4 && host.startsWith('127.'));
}
