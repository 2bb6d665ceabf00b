import {
  type AuditJson,
  type EffectivePolicyJson,
  type FleetJson,
  type PlanFileJson,
  statusName,
  worstPeakToMean,
} from './answers.ts';
import type { Operator } from './operator.ts';

/** The demo's last line. */
export interface DemoResult {
  readonly planId: string;
  readonly state: string;
  readonly moves: number;
  /** Largest over mean utilisation in the worst dimension: as measured before the plan, and as planned after it. */
  readonly peakToMeanBefore: number;
  readonly peakToMeanAfter: number;
  readonly lowerBound: number;
  /** The fewest healthy replicas that any shard with two or more had while plans ran, a killed node's loss excepted. */
  readonly minHealthyReplicas: number;
  readonly maxConcurrentMoves: number;
  readonly concurrentMovesLimit: number;
  readonly auditRecords: number;
  readonly auditVerified: boolean;
}

/** Asks the service and the fleet what became of a plan. */
export async function readResult(operator: Operator, planId: string, namespace: string): Promise<DemoResult> {
  const { plan } = await operator.json<PlanFileJson>(['shards', 'rebalance', 'show', planId]);
  const fleet = await operator.json<FleetJson>(['fleet', 'stats']);
  const policy = await operator.json<EffectivePolicyJson>(['policies', 'show', '--namespace', namespace]);
  const { concurrency } = policy.effective.spec;
  // Verifying ends with an error when a hash does not fit, so that an answer means that the chain is whole.
  const audit = await operator.json<AuditJson>(['audit', 'verify']);
  return {
    planId,
    state: statusName(plan.status),
    moves: Number(plan.summary.moves),
    peakToMeanBefore: worstPeakToMean(plan.summary.before),
    peakToMeanAfter: worstPeakToMean(plan.summary.after),
    lowerBound: plan.summary.lowerBound,
    minHealthyReplicas: fleet.minHealthyReplicas,
    maxConcurrentMoves: fleet.maxConcurrentMoves,
    concurrentMovesLimit: Math.min(concurrency.namespace, concurrency.cluster),
    auditRecords: Number(audit.records),
    auditVerified: Number(audit.records) > 0,
  };
}
