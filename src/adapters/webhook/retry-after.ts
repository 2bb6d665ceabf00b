/**
 * Milliseconds that a `Retry-After` header (RFC 9110, 10.2.3) asks to wait: seconds, or a date. Undefined when it says
 * neither, or a date that is over.
 *
 * @param now milliseconds since the epoch
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  // Only dates with a weekday: what else the runtime takes for a date is none of HTTP's.
  const at = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN;
  return at > now ? at - now : undefined;
}
