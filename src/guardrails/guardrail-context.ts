import type { Incident } from '../domain/incident.ts';
import type { Move } from '../domain/move.ts';
import type { MoveTrace } from '../domain/move-trace.ts';
import type { PlanSummary } from '../domain/plan.ts';
import type { PlanKind, Policy } from '../domain/policy.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { GuardrailOverride } from '../domain/verdict.ts';
import type { FleetView } from './fleet-view.ts';

/** When a plan as a whole is judged: when it is made, when somebody approves it, and when its execution begins. */
export type PlanPhase = 'create' | 'approve' | 'start';

export interface PlanGuardrailContext {
  readonly phase: PlanPhase;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The newest snapshot. */
  readonly snapshot: Snapshot;
  /** Effective policy of the namespace. */
  readonly policy: Policy;
  readonly kind: PlanKind;
  readonly moves: readonly Move[];
  readonly summary: PlanSummary;
  /** Empty when none was given. */
  readonly changeTicket: string;
  /** Open incidents of the cluster and the namespace. */
  readonly incidents: readonly Incident[];
  /** Moves that ended recently: at least as far back as the longest cooldown and the oscillation window. */
  readonly moveTraces: readonly MoveTrace[];
  /** When the namespace's last plan ended; 0 when there was none. */
  readonly lastPlanEndedAt: number;
  readonly lastPlanFailed: boolean;
  readonly overrides: readonly GuardrailOverride[];
  /** The plan's own id, where it has one: traces of its own moves do not count against it. */
  readonly planId?: string;
}

export interface MoveGuardrailContext {
  readonly now: number;
  /** The fleet as measured, with the influence of the moves in flight. */
  readonly view: FleetView;
  readonly policy: Policy;
  /** The cluster's own policy: its `concurrency.cluster` is what namespaces share. */
  readonly clusterPolicy: Policy;
  /** Moves in flight over all namespaces of the cluster. */
  readonly clusterMovesInFlight: number;
  readonly incidents: readonly Incident[];
  readonly overrides: readonly GuardrailOverride[];
  readonly moveTraces: readonly MoveTrace[];
  readonly planId: string;
  /** Kind of the plan: drains, restores and rollbacks are exempt from some rules (docs/guardrails.md). */
  readonly kind: PlanKind;
}
