import { err, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import type { CommitBatch, CommitReceipt } from '../ports/store.ts';
import type { ExecutionDeps } from './execution-deps.ts';

/** Writes under the namespace's lease; once that is lost, nothing is written any more. */
export interface FencedWriter {
  /** Problems: LEASE_LOST, REVISION_CONFLICT. */
  commit(batch: Omit<CommitBatch, 'fence'>): Promise<Result<CommitReceipt, Problem>>;
  lost(): boolean;
  markLost(): void;
}

/** @param onLost called once */
export function createFencedWriter(
  deps: Pick<ExecutionDeps, 'store' | 'fence' | 'log'>,
  planId: string,
  onLost: () => void,
): FencedWriter {
  let leaseLost = false;

  function markLost(): void {
    if (leaseLost) return;
    leaseLost = true;
    deps.log.warn('the namespace lease was lost while a plan executed', { planId });
    onLost();
  }

  return {
    lost: () => leaseLost,
    markLost,
    async commit(batch) {
      if (leaseLost) return err(lostProblem(planId));
      const written = await deps.store.commit({ ...batch, fence: deps.fence() });
      if (!written.ok && written.error.code === 'LEASE_LOST') markLost();
      return written;
    },
  };
}

function lostProblem(planId: string): Problem {
  return {
    code: 'LEASE_LOST',
    message: `the lease was lost while plan ${planId} executed`,
    subject: `plan/${planId}`,
  };
}
