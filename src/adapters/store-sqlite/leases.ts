import type { Database } from 'bun:sqlite';
import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import type { CommitBatch, Lease, LeaseRequest } from '../../ports/store.ts';

export interface LeaseRows {
  acquire(request: LeaseRequest): Result<Lease, Problem>;
  /** Does nothing when the lease has passed to another meanwhile. */
  release(lease: Lease): void;
  /** Frees every lease: for whoever knows that all holders are gone. Tokens go on from where they are. */
  releaseAll(): void;
  /** Whether the fence still names the lease's owner and token. Expiry alone does not matter: only a successor does. */
  check(fence: NonNullable<CommitBatch['fence']>): Result<void, Problem>;
}

/** Owner of a lease that was released: nobody's id. The row stays, so that tokens never go back. */
const nobody = '';

export function createLeaseRows(db: Database): LeaseRows {
  const select = db.query<Lease, [string]>(
    'SELECT name, owner, token, expires_at AS expiresAt FROM leases WHERE name = ?',
  );
  const upsert = db.query(
    `INSERT INTO leases (name, owner, token, expires_at) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET owner = excluded.owner, token = excluded.token, expires_at = excluded.expires_at`,
  );
  const free = db.query(
    'UPDATE leases SET owner = ?, expires_at = 0 WHERE name = ? AND owner = ? AND token = ?',
  );
  const freeAll = db.query('UPDATE leases SET owner = ?, expires_at = 0');

  return {
    acquire({ name, owner, ttlMs, now }) {
      const held = select.get(name);
      const renews = held?.owner === owner;
      if (held && !renews && held.owner !== nobody && held.expiresAt > now) {
        return err({
          ...lost(name, `is held by ${held.owner} until ${new Date(held.expiresAt).toISOString()}`),
          value: held.owner,
        });
      }
      const token = renews ? held.token : (held?.token ?? 0) + 1;
      const lease: Lease = { name, owner, token, expiresAt: now + ttlMs };
      upsert.run(name, owner, token, lease.expiresAt);
      return ok(Object.freeze(lease));
    },
    release: (lease) => void free.run(nobody, lease.name, lease.owner, lease.token),
    releaseAll: () => void freeAll.run(nobody),
    check(fence) {
      const held = select.get(fence.lease);
      if (held && held.token === fence.token && held.owner === fence.owner) return ok(undefined);
      const now = held ? `has token ${held.token} of ${held.owner || 'nobody'} now` : 'was never taken';
      return err({ ...lost(fence.lease, now), value: fence.token, limit: held?.token ?? 0 });
    },
  };
}

function lost(name: string, what: string): Problem {
  return { code: 'LEASE_LOST', message: `lease ${name} ${what}`, subject: `lease/${name}` };
}
