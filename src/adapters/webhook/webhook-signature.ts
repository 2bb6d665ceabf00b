import { createHmac } from 'node:crypto';
import { err, ok, type Result } from '../../base/result.ts';

/** Bytes of a secret, as Standard Webhooks asks for: less can be guessed, more adds nothing. */
const fewestSecretBytes = 24;
const mostSecretBytes = 64;

export const secretForm = `the base64 of ${fewestSecretBytes} to ${mostSecretBytes} random bytes, best after the prefix whsec_`;

/** Secrets that one message is signed with at most: the new one and the one that it follows. */
export const maxSecrets = 2;

/** The bytes of a secret; an error when it is none, which never repeats it. */
export function parseSecret(text: string): Result<Uint8Array, string> {
  const base64 = text.startsWith('whsec_') ? text.slice('whsec_'.length) : text;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 === 1) return err(secretForm);
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length < fewestSecretBytes || bytes.length > mostSecretBytes ? err(secretForm) : ok(bytes);
}

/** One secret a line; blank lines do not count. */
export function parseSecretFile(text: string): Result<readonly Uint8Array[], string> {
  const lines = text.split('\n').map((line) => line.trim());
  const secrets = lines.filter((line) => line !== '').map(parseSecret);
  const wrong = secrets.find((secret) => !secret.ok);
  if (wrong && !wrong.ok) return wrong;
  if (secrets.length === 0 || secrets.length > maxSecrets)
    return err(`1 to ${maxSecrets} lines, each ${secretForm}`);
  return ok(secrets.flatMap((secret) => (secret.ok ? [secret.value] : [])));
}

/**
 * The headers by which a receiver knows that a message is ours, whole and new (Standard Webhooks 1.0.0): HMAC-SHA256 over
 * `id.timestamp.body`, one signature per secret, so that a receiver may still have the old one while secrets are rotated.
 *
 * @param id without full stops, which separate what is signed
 * @param at milliseconds since the epoch, of this attempt
 */
export function signatureHeaders(
  id: string,
  at: number,
  body: string,
  secrets: readonly Uint8Array[],
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const timestamp = String(Math.floor(at / 1_000));
  const signed = `${id}.${timestamp}.${body}`;
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
