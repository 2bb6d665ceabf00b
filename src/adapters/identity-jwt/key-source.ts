import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { JwtAlgorithm } from './jwt-issuer.ts';
import { type KeySet, parseKeySet } from './key-set.ts';
import type { LoadKeyText } from './load-key-text.ts';

/** The keys of an issuer, kept fresh. */
export interface KeySource {
  /** Error: whether there is no such key, or no keys at all for the time being. */
  find(keyId: string, algorithm: JwtAlgorithm): Promise<Result<CryptoKey, 'unknown' | 'unavailable'>>;
  /** Grows whenever keys come, change or become too old to use: what was verified before is to be verified again. */
  revision(): number;
  /** Reads the keys now, or joins the reading that is under way. Error: a sentence that says why they cannot be had. */
  refresh(): Promise<Result<undefined, string>>;
  close(): void;
}

/** All in milliseconds. */
export interface KeyTiming {
  /** After this time the keys are read again, so that those that were withdrawn stop working. */
  readonly maxAge: number;
  /** At least so long lies between two readings because of unknown keys: forged tokens shall not wear out the issuer. */
  readonly cooldown: number;
  /** When the keys could not be read for so long, they are no longer used. */
  readonly staleLimit: number;
  /** A reading that takes longer has failed. */
  readonly timeout: number;
  /** Waiting time after the first failure; it doubles with each further one up to `maxBackoff`. */
  readonly backoff: number;
  readonly maxBackoff: number;
}

/** A file is read again every few seconds, and its keys are as good as the file is. */
export const fileTiming: KeyTiming = {
  maxAge: 5_000,
  cooldown: 1_000,
  staleLimit: Number.POSITIVE_INFINITY,
  timeout: 5_000,
  backoff: 5_000,
  maxBackoff: 5_000,
};
export const urlTiming: KeyTiming = {
  maxAge: 10 * 60_000,
  cooldown: 10_000,
  staleLimit: 24 * 3_600_000,
  timeout: 5_000,
  backoff: 1_000,
  maxBackoff: 5 * 60_000,
};

export interface KeySourceParts {
  /** For the log. */
  readonly issuer: string;
  readonly algorithms: readonly JwtAlgorithm[];
  readonly load: LoadKeyText;
  readonly timing: KeyTiming;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Nothing is read before the first `refresh`. */
export function createKeySource(parts: KeySourceParts): KeySource {
  const { clock, timing, log, issuer } = parts;
  const closing = new AbortController();
  let keys: KeySet | undefined;
  let text = '';
  let revision = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  let attemptedAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let nextAttemptAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<Result<undefined, string>> | undefined;
  let unschedule = (): void => {};

  function refresh(): Promise<Result<undefined, string>> {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function read(): Promise<Result<undefined, string>> {
    attemptedAt = clock.monotonic();
    const taken = await take();
    if (closing.signal.aborted) return err('the service is stopping');
    if (taken.ok) succeeded();
    else failed(taken.error);
    return taken;
  }

  async function take(): Promise<Result<undefined, string>> {
    const loaded = await bounded(parts.load, timing.timeout, clock, closing.signal);
    if (!loaded.ok) return loaded;
    if (keys && loaded.value === text) return ok(undefined);
    const parsed = await parseKeySet(loaded.value, parts.algorithms);
    if (!parsed.ok) return parsed;
    keys = parsed.value;
    text = loaded.value;
    revision += 1;
    // What a service starts with is not news; what changes while it runs is.
    log[revision === 1 ? 'debug' : 'info']('the keys of an issuer were read', { issuer, keys: keys.size });
    return ok(undefined);
  }

  function succeeded(): void {
    readAt = clock.monotonic();
    failures = 0;
    planNext(timing.maxAge);
  }

  function failed(why: string): void {
    const delay = Math.min(timing.maxBackoff, timing.backoff * 2 ** Math.min(failures, 30));
    failures += 1;
    // Half of it is drawn, so that the replicas of the service do not come back all at once.
    const waitMs = Math.round(delay * (0.5 + parts.random.next() / 2));
    log.warn('the keys of an issuer cannot be read', { issuer, why, failures, waitMs });
    planNext(waitMs);
  }

  function planNext(waitMs: number): void {
    nextAttemptAt = clock.monotonic() + waitMs;
    unschedule();
    unschedule = clock.schedule(waitMs, () => void refresh());
  }

  /** Those that may be used; forgets keys that are too old. */
  function usable(): KeySet | undefined {
    if (keys && clock.monotonic() - readAt > timing.staleLimit) {
      keys = undefined;
      revision += 1;
      log.error('the keys of an issuer are too old to be used', { issuer });
    }
    return keys;
  }

  function mayReadAgain(): boolean {
    const now = clock.monotonic();
    return now - attemptedAt >= timing.cooldown && (failures === 0 || now >= nextAttemptAt);
  }

  return {
    async find(keyId, algorithm) {
      const known = usable()?.find(keyId, algorithm);
      if (known) return ok(known);
      if (reading || mayReadAgain()) await refresh();
      const current = usable();
      if (!current) return err('unavailable');
      const found = current.find(keyId, algorithm);
      return found ? ok(found) : err('unknown');
    },
    revision() {
      usable();
      return revision;
    },
    refresh,
    close() {
      closing.abort();
      unschedule();
    },
  };
}

/** What is loaded within `timeoutMs`; also a loader that does not heed its signal holds nobody up. */
async function bounded(
  load: LoadKeyText,
  timeoutMs: number,
  clock: Clock,
  closing: AbortSignal,
): Promise<Result<string, string>> {
  const giveUp = new AbortController();
  const signal = AbortSignal.any([giveUp.signal, closing]);
  const late = Promise.withResolvers<Result<string, string>>();
  signal.addEventListener('abort', () => late.resolve(err('it does not answer in time')), { once: true });
  const unschedule = clock.schedule(timeoutMs, () => giveUp.abort());
  try {
    return await Promise.race([load(signal), late.promise]);
  } finally {
    unschedule();
  }
}
