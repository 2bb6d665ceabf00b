import { verifyStoredChain } from '../audit/verify-chain.ts';
import { err, ok } from '../base/result.ts';
import type { Store } from '../ports/store.ts';
import type { AuditQueries } from './rebalancer.ts';

/** Reads of the audit trail and the proof that nobody altered it. */
export function createAuditQueries(store: Pick<Store, 'auditRecords' | 'auditHead'>): AuditQueries {
  return {
    list: (query) => store.auditRecords(query),
    async verify() {
      const verified = await verifyStoredChain(store);
      if (!verified.ok) return err([verified.error]);
      return ok({ records: verified.value.sequence, headHash: verified.value.hash });
    },
  };
}
