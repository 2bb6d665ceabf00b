import { createHash } from 'node:crypto';
import type { Principal } from '../../domain/principal.ts';

export interface VerifiedToken {
  readonly principal: Principal;
  readonly issuer: string;
}

/** What was verified lately, by the digest of the token: the tokens themselves are not kept. */
export interface TokenCache {
  get(digest: string, now: number, revision: (issuer: string) => number): VerifiedToken | undefined;
  put(digest: string, entry: CachedToken): void;
  readonly size: number;
}

export interface CachedToken {
  readonly verified: VerifiedToken;
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** Of the issuer's keys when it was verified. */
  readonly revision: number;
}

/** Some 10 MB at most. */
const maxEntries = 10_000;

/** Drops the one that was used longest ago when it is full. */
export function createTokenCache(limit = maxEntries): TokenCache {
  const entries = new Map<string, CachedToken>();
  return {
    get(digest, now, revision) {
      const entry = entries.get(digest);
      if (!entry) return undefined;
      entries.delete(digest);
      if (now >= entry.until || revision(entry.verified.issuer) !== entry.revision) return undefined;
      entries.set(digest, entry);
      return entry.verified;
    },
    put(digest, entry) {
      entries.delete(digest);
      entries.set(digest, entry);
      for (const oldest of entries.keys()) {
        if (entries.size <= limit) break;
        entries.delete(oldest);
      }
    },
    get size() {
      return entries.size;
    },
  };
}

export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
