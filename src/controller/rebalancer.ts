import type { Result } from '../base/result.ts';
import type { Alert, AlertOutcome } from '../domain/alert.ts';
import type { AuditRecord } from '../domain/audit-record.ts';
import type { ControllerRecord } from '../domain/controller-state.ts';
import type { MeshEvent } from '../domain/event.ts';
import type { Explanation, ExplanationSubject } from '../domain/explanation.ts';
import type { Incident, IncidentSeverity } from '../domain/incident.ts';
import type { Move, MoveProgress } from '../domain/move.ts';
import type { AdminState, Node } from '../domain/node.ts';
import type { Obstacle, Plan } from '../domain/plan.ts';
import type { RequestedMove } from '../domain/planning.ts';
import type { Policy } from '../domain/policy.ts';
import type { PolicyDocument, PolicyOverlay } from '../domain/policy-overlay.ts';
import type { CommandContext } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { GuardrailOverride, Verdict } from '../domain/verdict.ts';
import type { DeadLetter, Webhook, WebhookAttempt, WebhookCursor } from '../domain/webhook.ts';
import type { WhatIfAnswer } from '../domain/what-if-answer.ts';
import type { WhatIfChange } from '../domain/what-if-change.ts';
import type { AuditQuery, Page, PlanQuery } from '../ports/store.ts';
import type { NodeScore } from '../scoring/node-scores.ts';

/** The core as the APIs, an embedding program and the tests see it; `app/create-rebalancer.ts` puts it together. */
export interface Rebalancer {
  readonly plans: PlanCommands;
  readonly policies: PolicyCommands;
  readonly incidents: IncidentCommands;
  readonly nodes: NodeCommands;
  readonly controllers: ControllerCommands;
  readonly audit: AuditQueries;
  readonly webhooks: WebhookCommands;
  readonly events: EventFeed;
  /** Begins ingest and the controllers; resumes what was executing. */
  start(): Promise<void>;
  /** Stops cleanly: steps in flight end, nothing new starts. */
  stop(): Promise<void>;
}

/** A refusal may have several problems: every guardrail that blocks is named, not only the first. */
export type CommandResult<T> = Result<T, readonly [Problem, ...Problem[]]>;

export interface PlanCommands {
  /** Evaluates now and makes a plan: a draft for a dry run, else one that waits for approval or starts by policy. */
  create(request: CreatePlanRequest, context: CommandContext): Promise<CommandResult<PlanView>>;
  get(id: string): Promise<CommandResult<PlanView>>;
  list(query: PlanQuery): Promise<CommandResult<Page<Plan>>>;
  approve(request: ApprovePlanRequest, context: CommandContext): Promise<CommandResult<Plan>>;
  reject(request: PlanTarget, context: CommandContext): Promise<CommandResult<Plan>>;
  cancel(request: CancelPlanRequest, context: CommandContext): Promise<CommandResult<Plan>>;
  pause(request: PlanTarget, context: CommandContext): Promise<CommandResult<Plan>>;
  resume(request: PlanTarget, context: CommandContext): Promise<CommandResult<Plan>>;
  /** Makes the plan that takes back what `request.id` completed; it needs approval like any other. */
  rollback(request: RollbackPlanRequest, context: CommandContext): Promise<CommandResult<PlanView>>;
  /** How the world differs from the one the plan was made for: which preconditions no longer hold. */
  diff(id: string): Promise<CommandResult<PlanDiff>>;
  /** Why the plan moves or leaves something; `limit` destinations or moves are named. */
  explain(id: string, subject: ExplanationSubject, limit: number): Promise<CommandResult<PlanExplanation>>;
  /** What would be done if the fleet or the policy were different; touches and stores nothing of it. */
  whatIf(request: WhatIfRequest, context: CommandContext): Promise<CommandResult<WhatIfAnswer>>;
  snapshot(digest: string): Promise<CommandResult<Snapshot>>;
}

export interface PlanExplanation {
  readonly plan: Plan;
  readonly explanation: Explanation;
}

export interface CreatePlanRequest {
  readonly namespace: string;
  readonly dryRun: boolean;
  readonly seed: number;
  /** Narrows policy's budget; never widens it. */
  readonly budget?: {
    readonly maxMoves?: number;
    readonly maxBytes?: number;
    readonly maxShareOfShards?: number;
  };
  /** Exactly these moves instead of a search. */
  readonly moves?: readonly RequestedMove[];
  readonly overrides: readonly Omit<GuardrailOverride, 'by'>[];
  readonly idempotencyKey?: string;
}

/** A fleet or a policy as it might be. */
export interface WhatIfRequest {
  readonly namespace: string;
  readonly changes: readonly WhatIfChange[];
  /** Laid over the effective policy. */
  readonly policy?: PolicyOverlay;
  readonly seed: number;
  /** Narrows policy's budget; never widens it. */
  readonly budget?: CreatePlanRequest['budget'];
}

export interface PlanTarget {
  readonly id: string;
  /** When given, the plan must still be in this revision: PLAN_STALE. */
  readonly revision?: number;
}

export interface ApprovePlanRequest extends PlanTarget {
  readonly digest: string;
}

export interface CancelPlanRequest extends PlanTarget {
  /** finish: moves in flight end first. abort: those that have not transferred are undone. */
  readonly inFlight: 'finish' | 'abort';
}

export interface RollbackPlanRequest extends PlanTarget {
  readonly dryRun: boolean;
  readonly overrides: readonly Omit<GuardrailOverride, 'by'>[];
  readonly idempotencyKey?: string;
}

export interface PlanView {
  readonly plan: Plan;
  readonly moves: readonly Move[];
  readonly obstacles: readonly Obstacle[];
  /** One per move, in the same order. */
  readonly progress: readonly MoveProgress[];
}

export interface PlanDiff {
  readonly plan: Plan;
  readonly currentSnapshotDigest: string;
  readonly drifted: readonly MoveDrift[];
}

export interface MoveDrift {
  readonly moveId: string;
  readonly shard: string;
  readonly what: 'version' | 'owner' | 'missing' | 'destination';
  readonly expected: string;
  readonly actual: string;
}

export interface PolicyCommands {
  /** Everything that is wrong with it; against the current snapshot where there is one. */
  validate(cluster: string, namespace: string, overlay: PolicyOverlay): Promise<readonly Problem[]>;
  /** `expectedRevision` 0: there is none yet; undefined: whatever there is. */
  apply(request: ApplyPolicyRequest, context: CommandContext): Promise<CommandResult<PolicyView>>;
  get(cluster: string, namespace: string, revision?: number): Promise<CommandResult<PolicyView>>;
  list(): Promise<readonly PolicyDocument[]>;
  revisions(cluster: string, namespace: string): Promise<readonly PolicyDocument[]>;
}

export interface ApplyPolicyRequest {
  readonly cluster: string;
  readonly namespace: string;
  readonly overlay: PolicyOverlay;
  readonly expectedRevision?: number;
}

export interface PolicyView {
  readonly document: PolicyDocument;
  readonly effective: Policy;
}

export interface IncidentCommands {
  open(request: OpenIncidentRequest, context: CommandContext): Promise<CommandResult<Incident>>;
  close(request: { readonly id: string }, context: CommandContext): Promise<CommandResult<Incident>>;
  list(openOnly: boolean): Promise<readonly Incident[]>;
  /** Opens an incident for each alert that fires and closes it when the alert is resolved; repeating changes nothing. */
  receiveAlerts(
    request: ReceiveAlertsRequest,
    context: CommandContext,
  ): Promise<CommandResult<readonly AlertOutcome[]>>;
}

export interface ReceiveAlertsRequest {
  /** The receiver's name in Alertmanager's configuration. */
  readonly receiver: string;
  readonly alerts: readonly Alert[];
}

export interface OpenIncidentRequest {
  readonly namespace: string;
  readonly severity: IncidentSeverity;
  readonly title: string;
  readonly source: string;
}

export interface NodeCommands {
  list(namespace: string): Promise<CommandResult<readonly NodeView[]>>;
  setAdminState(
    request: { readonly node: string; readonly adminState: AdminState },
    context: CommandContext,
  ): Promise<CommandResult<NodeView>>;
}

export interface NodeView {
  readonly node: Node;
  readonly replicas: number;
  readonly leaders: number;
  /** Load per dimension of the snapshot. */
  readonly loads: readonly number[];
  readonly dimensions: readonly string[];
  readonly distress: number;
}

export interface ControllerCommands {
  list(): Promise<readonly ControllerView[]>;
  get(namespace: string): Promise<CommandResult<ControllerView>>;
  /** Looks now instead of at the next interval. */
  evaluate(namespace: string, context: CommandContext): Promise<CommandResult<ControllerView>>;
  /** The newest snapshot. */
  snapshot(namespace: string): Promise<CommandResult<Snapshot>>;
  scores(namespace: string): Promise<CommandResult<ScoreBreakdown>>;
}

export interface ControllerView {
  readonly record: ControllerRecord;
  readonly mode: Policy['mode'];
  readonly snapshotDigest: string;
  readonly snapshotAt: number;
  readonly peakToMean: number;
  /** What stands in the way right now, whether or not a plan exists. */
  readonly verdicts: readonly Verdict[];
}

export interface ScoreBreakdown {
  readonly snapshotDigest: string;
  readonly nodes: readonly NodeScore[];
}

export interface AuditQueries {
  list(query: AuditQuery): Promise<readonly AuditRecord[]>;
  /** Recomputes the whole chain. Problem: AUDIT_CHAIN_BROKEN with the first record that does not fit. */
  verify(): Promise<CommandResult<{ readonly records: number; readonly headHash: string }>>;
}

/** How the receivers of events fare. Problems: WEBHOOK_NOT_FOUND, DEAD_LETTER_NOT_FOUND. */
export interface WebhookCommands {
  /** In the order of the configuration. */
  list(): Promise<readonly WebhookView[]>;
  /** Ascending by the event's sequence. */
  deadLetters(query: {
    readonly webhook: string;
    readonly after: number;
    readonly limit: number;
  }): Promise<CommandResult<{ readonly letters: readonly DeadLetter[]; readonly total: number }>>;
  /** Asks for one more attempt at each. */
  redeliver(target: DeadLetterTarget, context: CommandContext): Promise<CommandResult<DeadLettersChanged>>;
  drop(target: DeadLetterTarget, context: CommandContext): Promise<CommandResult<DeadLettersChanged>>;
  /** Sends again to a receiver that said it was gone, and ends the wait of one that is tried again later. */
  resume(webhook: string, context: CommandContext): Promise<CommandResult<WebhookView>>;
  /** Sends a message that stands for no event; what the receiver answers is no problem of the command. */
  test(webhook: string, context: CommandContext): Promise<CommandResult<WebhookAttempt>>;
}

export interface DeadLetterTarget {
  readonly webhook: string;
  /** Of the events; empty for all, a bounded number at a time. */
  readonly sequences: readonly number[];
}

export interface DeadLettersChanged {
  readonly changed: number;
  /** Dead letters to which the same could be done. */
  readonly remaining: number;
}

export interface WebhookView {
  readonly webhook: Webhook;
  /** Absent before anything was delivered for it. */
  readonly cursor?: WebhookCursor;
  readonly state: WebhookState;
  /** Events of the feed after its position. */
  readonly behind: number;
  readonly deadLetters: number;
}

export type WebhookState = 'new' | 'delivering' | 'retrying' | 'stopped';

export interface EventFeed {
  /**
   * Events after a position, then live ones, until the signal aborts. Throws `ProblemError`: RESUME_TOKEN_INVALID,
   * WATCHER_TOO_SLOW.
   */
  watch(query: EventWatch, signal: AbortSignal): AsyncIterable<MeshEvent>;
  head(): Promise<number>;
  /** Throws `ProblemError` RESUME_TOKEN_INVALID when nothing can be watched from that position any more, or yet. */
  requireRetained(position: number): Promise<void>;
}

export interface EventWatch {
  /** Undefined: from now on. */
  readonly after?: number;
  readonly namespace?: string;
  readonly subject?: string;
}
