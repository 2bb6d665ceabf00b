import type { Approval, ApprovalRequirement } from './approval.ts';
import type { Move } from './move.ts';
import type { PlanStatus } from './plan-status.ts';
import type { PlanKind } from './policy.ts';
import type { GuardrailOverride, Verdict } from './verdict.ts';

/**
 * A plan is a small header that changes while it lives, and a content that never does. The digest covers what is
 * approved: cluster, namespace, kind, policy revision, snapshot digest and the ordered moves (`plan-digest.ts`).
 */
export interface Plan {
  readonly id: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: PlanKind;
  readonly status: PlanStatus;
  /** Rises with every change of the header; the etag of the APIs. */
  readonly revision: number;
  readonly digest: string;
  readonly policyRevision: number;
  readonly snapshotDigest: string;
  /** Snapshot after the plan ended; empty before. */
  readonly afterSnapshotDigest: string;
  readonly seed: number;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly reason: string;
  readonly changeTicket: string;
  /** What bounded the search: policy's, narrowed as its author asked; absent in plans made before it was kept. */
  readonly budget?: PlanBudgetBounds;
  /** What made the controller look: `peakToMean`, `nodeMustBeVacated`, ..., `manual`, `schedule`. */
  readonly trigger: string;
  readonly summary: PlanSummary;
  readonly verdicts: readonly Verdict[];
  readonly overrides: readonly GuardrailOverride[];
  readonly approval: ApprovalRequirement;
  readonly approvals: readonly Approval[];
  /** When an approval still missing makes the plan expire. */
  readonly expiresAt: number;
  /** Plan whose effect this one takes back; empty otherwise. */
  readonly rollbackOf: string;
  /** Plan that took this one's effect back, or that replaced it; empty otherwise. */
  readonly rolledBackBy: string;
  readonly supersededBy: string;
  /** Plan whose moves that were not made the search began with; empty, or absent in older plans, for none. */
  readonly warmStartedFrom?: string;
  /** 0 while it has not happened. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly progress: PlanProgress;
  /** Why it is in its status, when that needs saying: a pause, a failure, a rejection. */
  readonly outcome: PlanOutcome | null;
}

export interface PlanBudgetBounds {
  readonly maxMoves: number;
  readonly maxBytes: number;
  readonly maxShareOfShards: number;
}

export interface PlanOutcome {
  /** Of `error-codes.ts`; a newer service may know more of them. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What a plan would change, and how good it is. */
export interface PlanSummary {
  readonly moves: number;
  readonly waves: number;
  readonly bytes: number;
  readonly shardsTouched: number;
  readonly shareOfShards: number;
  /** Per dimension of the policy. */
  readonly before: readonly DimensionBalance[];
  readonly after: readonly DimensionBalance[];
  readonly violationsBefore: number;
  readonly violationsAfter: number;
  /** Replicas on nodes that must be vacated. */
  readonly toVacateBefore: number;
  readonly toVacateAfter: number;
  /** Objective levels, most important first; see the planner. */
  readonly objectiveBefore: readonly number[];
  readonly objectiveAfter: readonly number[];
  /** No plan, however many moves it has, ends with a smaller peak over mean in its worst dimension. */
  readonly lowerBound: number;
  /** The same for plans within the budget, where the budget ended this one; else equal to `lowerBound`. */
  readonly lowerBoundWithinBudget: number;
  /** What the lower bound within the budget follows from. */
  readonly lowerBoundBy: LowerBoundKind;
  /** (peak over mean after − lower bound within the budget) / lower bound within the budget. */
  readonly gap: number;
  /** No plan that does as well as this one, dimension by dimension, has fewer moves. */
  readonly movesLowerBound: number;
  readonly eta: DurationRange;
  /** Candidates that the search evaluated in all its lanes, and whether a wall-clock cap ended one of them. */
  readonly evaluations: number;
  readonly deterministic: boolean;
}

/**
 * What a lower bound on the peak follows from: load has to lie somewhere that may hold it (`waterFilling`); a replica
 * cannot be divided (`largestReplica`); so many large replicas find so many nodes (`counting`); no placement is as even in all dimensions
 * at once on nodes of so many shapes (`nodeShapes`); some may not move now (`immovable`); so few moves relieve so few nodes (`budget`). `unknown`: made by a program that did not say.
 */
export type LowerBoundKind =
  | 'waterFilling'
  | 'largestReplica'
  | 'counting'
  | 'nodeShapes'
  | 'immovable'
  | 'budget'
  | 'unknown';

/** Milliseconds. */
export interface DurationRange {
  readonly lowMs: number;
  readonly expectedMs: number;
  readonly highMs: number;
}

export interface DimensionBalance {
  readonly dimension: string;
  /** Utilisation of effective capacity, over the nodes that take replicas. */
  readonly peak: number;
  readonly mean: number;
  readonly peakToMean: number;
  /** Node of the peak. */
  readonly peakNode: string;
  /** Nodes above their target. */
  readonly overTarget: number;
}

export interface PlanProgress {
  readonly pending: number;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
  readonly aborted: number;
  readonly skipped: number;
  readonly unknown: number;
  readonly bytesDone: number;
  /** Estimate of what is left while it runs, else null. */
  readonly remaining: DurationRange | null;
}

/** The immutable part: stored once under the plan's digest. */
export interface PlanContent {
  readonly moves: readonly Move[];
  /** What could not or need not move, bounded by `maxObstaclesPerPlan`. */
  readonly obstacles: readonly Obstacle[];
}

/** Why something was not done: a replica on a hot node without a destination, a move dropped by a budget. */
export interface Obstacle {
  readonly code: ObstacleCode;
  readonly subject: string;
  readonly message: string;
  readonly observed: number;
  readonly limit: number;
}

export type ObstacleCode =
  | 'noFeasibleDestination'
  | 'capacity'
  | 'spread'
  | 'label'
  | 'pin'
  | 'dependency'
  | 'replicaOnNode'
  | 'nodeTakesNothing'
  | 'concentration'
  | 'cooldown'
  | 'budgetMoves'
  | 'budgetBytes'
  | 'budgetShare'
  | 'budgetSearch'
  | 'gainBelowPrice'
  | 'intermediateCapacity'
  | 'transientCapacity'
  | 'shardNotMovable'
  | 'extension'
  // Only explanations say these: they are no obstacles, and no plan lists them.
  | 'withinTolerance'
  | 'noBetterDestination'
  | 'improvementLeft'
  | 'notRequested';

export const maxObstaclesPerPlan = 200;
