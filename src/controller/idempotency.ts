import { digestOfJson } from '../base/digest.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { CommandContext } from '../domain/principal.ts';
import type { IdempotencyRecord, Store } from '../ports/store.ts';
import type { Problems } from './problems.ts';

/** How long a key stands for what it made. */
export const idempotencyRetentionMs = 24 * 3_600_000;

/** Longest key; longer ones are not keys but payloads. */
export const maxIdempotencyKeyLength = 200;

export interface KeyedRequest {
  readonly record: IdempotencyRecord;
  /** What the key made before: `plan/<id>`; empty when it is new. */
  readonly earlier: string;
}

/**
 * What a key given with a request stands for; undefined when none was given. Keys are per principal, so that nobody
 * meets another's. Problems: FIELD_INVALID, IDEMPOTENCY_KEY_REUSED.
 */
export async function lookUpKey(
  store: Store,
  key: string | undefined,
  request: unknown,
  context: CommandContext,
  now: number,
): Promise<Result<KeyedRequest | undefined, Problems>> {
  if (key === undefined || key === '') return ok(undefined);
  if (key.length > maxIdempotencyKeyLength) {
    const message = `an idempotency key has at most ${maxIdempotencyKeyLength} characters`;
    const limit = maxIdempotencyKeyLength;
    return err([{ code: 'FIELD_INVALID', message, field: 'idempotencyKey', value: key.length, limit }]);
  }
  // Encoded, so that no id ends in a slash that another one's key could begin with.
  const scoped = `${encodeURIComponent(context.principal.id)}/${key}`;
  const requestDigest = digestOfJson(request);
  const known = await store.idempotency(scoped);
  if (known && known.requestDigest !== requestDigest) {
    const message = `the idempotency key ${key} was used for another request`;
    return err([
      {
        code: 'IDEMPOTENCY_KEY_REUSED',
        message,
        field: 'idempotencyKey',
        value: key,
        subject: known.subject,
      },
    ]);
  }
  const record = { key: scoped, requestDigest, subject: '', expiresAt: now + idempotencyRetentionMs };
  return ok({ record, earlier: known?.subject ?? '' });
}
