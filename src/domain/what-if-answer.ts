import type { ApprovalRequirement } from './approval.ts';
import type { Move } from './move.ts';
import type { DimensionBalance, Obstacle, PlanSummary } from './plan.ts';
import type { PlanKind } from './policy.ts';
import type { Verdict } from './verdict.ts';

/** What would be different. No plan: it has no id, no digest and no status, so that nothing of it can be approved. */
export interface WhatIfAnswer {
  readonly cluster: string;
  readonly namespace: string;
  /** In the words of the command line. */
  readonly changes: readonly string[];
  readonly policyChanged: boolean;
  /** What a plan of this would be for. */
  readonly kind: PlanKind;
  readonly policyRevision: number;
  /** The fleet as it is, and as it would be. */
  readonly snapshotDigest: string;
  readonly supposedSnapshotDigest: string;
  readonly seed: number;
  readonly today: FleetStanding;
  readonly supposed: FleetStanding;
  /** From the fleet as it would be to that with the plan. */
  readonly summary: PlanSummary;
  readonly verdicts: readonly Verdict[];
  readonly approval: ApprovalRequirement;
  readonly moves: readonly Move[];
  readonly obstacles: readonly Obstacle[];
}

export interface FleetStanding {
  readonly nodes: number;
  readonly takingNodes: number;
  readonly nodesToVacate: number;
  readonly replicasToVacate: number;
  /** Per dimension of the policy. */
  readonly balances: readonly DimensionBalance[];
}
