import { createHash } from 'node:crypto';

/**
 * Canonical JSON (RFC 8785): object members sorted by UTF-16 code units, no white space, numbers as ECMAScript
 * prints them. Members whose value is `undefined` are left out. Equal values give equal text on every machine.
 *
 * @throws TypeError on a number that is not finite, or on a value JSON has no form for: both are bugs here, since
 * everything that is digested was validated before.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`canonical JSON has no form for ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    members.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
  }
  throw new TypeError(`canonical JSON has no form for a ${typeof value}`);
}

/** `sha256:` and 64 hexadecimal digits over the bytes of the parts, in order. */
export function digestOf(...parts: (string | Uint8Array)[]): string {
  const hasher = createHash('sha256');
  for (const part of parts) hasher.update(part);
  return `sha256:${hasher.digest('hex')}`;
}

/** The digest of a value's canonical JSON. */
export function digestOfJson(value: unknown): string {
  return digestOf(canonicalJson(value));
}
