import type { Result } from '../base/result.ts';
import type { AuditDraft, AuditRecord } from '../domain/audit-record.ts';
import type { ControllerRecord } from '../domain/controller-state.ts';
import type { MeshEvent, MeshEventDraft } from '../domain/event.ts';
import type { Incident } from '../domain/incident.ts';
import type { JournalEntry } from '../domain/journal-entry.ts';
import type { MoveTrace } from '../domain/move-trace.ts';
import type { AdminState } from '../domain/node.ts';
import type { Plan, PlanContent } from '../domain/plan.ts';
import type { PlanStatus } from '../domain/plan-status.ts';
import type { PolicyDocument } from '../domain/policy-overlay.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { DeadLetter, WebhookCursor } from '../domain/webhook.ts';

/**
 * Everything that outlives the process. Reads return frozen values; there is one way to write: a batch that is
 * committed whole or not at all. Adapters: `adapters/store-sqlite`; the contract they keep is tested by
 * `ports/store.contract.ts`.
 */
export interface Store {
  /**
   * Writes the batch in one transaction: checks the fence and the revisions, stores, seals the audit drafts onto the
   * chain, numbers the events. Durable when it returns. Problems: REVISION_CONFLICT (also when an idempotency key
   * that has not expired stands for something else), LEASE_LOST, STORAGE_FULL and FILE_UNREADABLE when the medium
   * refuses the write; nothing of the batch is stored then. Throws TypeError on a number that is not finite: nothing
   * can hold it.
   */
  commit(batch: CommitBatch): Promise<Result<CommitReceipt, Problem>>;

  plan(id: string): Promise<Plan | undefined>;
  /** In the order of their making, as the query says. Problem: CURSOR_INVALID. */
  plans(query: PlanQuery): Promise<Result<Page<Plan>, Problem>>;
  planContent(digest: string): Promise<PlanContent | undefined>;
  /** In the order written. */
  journal(planId: string): Promise<readonly JournalEntry[]>;
  /** Moves that ended at or after `since`, oldest first. */
  moveTraces(cluster: string, namespace: string, since: number): Promise<readonly MoveTrace[]>;
  snapshot(digest: string): Promise<Snapshot | undefined>;

  /** The newest revision, or the one asked for. As applied: what was left out stays absent. */
  policy(cluster: string, namespace: string, revision?: number): Promise<PolicyDocument | undefined>;
  /** The newest revision of each. */
  policies(): Promise<readonly PolicyDocument[]>;
  policyRevisions(cluster: string, namespace: string): Promise<readonly PolicyDocument[]>;

  incident(id: string): Promise<Incident | undefined>;
  incidents(query: { readonly cluster?: string; readonly openOnly?: boolean }): Promise<readonly Incident[]>;
  controllers(): Promise<readonly ControllerRecord[]>;
  nodeAdminStates(cluster: string): Promise<readonly NodeAdminRecord[]>;

  /** Ascending by sequence. */
  auditRecords(query: AuditQuery): Promise<readonly AuditRecord[]>;
  /** Where the chain ends; sequence 0 and the genesis hash when there is no record. */
  auditHead(): Promise<{ readonly sequence: number; readonly hash: string }>;
  /** Events after a position, ascending. Problem: RESUME_TOKEN_INVALID when it is pruned or from the future. */
  events(query: EventQuery): Promise<Result<readonly MeshEvent[], Problem>>;
  /** Sequence of the newest event; 0 when there is none. */
  eventHead(): Promise<number>;
  /** The position before the oldest event that can be read; from here on a watcher can resume. */
  eventTail(): Promise<number>;
  /** Calls the listener after every commit that wrote events; returns how to stop. */
  onEvents(listener: () => void): () => void;

  /** Of every webhook that was ever configured, by name. */
  webhookCursors(cluster: string): Promise<readonly WebhookCursor[]>;
  /** Ascending by the event's sequence. */
  deadLetters(query: DeadLetterQuery): Promise<readonly DeadLetter[]>;
  deadLetterCount(cluster: string, webhook: string): Promise<number>;

  /** What a key stands for; undefined when it was never used or has expired. */
  idempotency(key: string): Promise<IdempotencyRecord | undefined>;

  /** Takes or renews a lease; the token rises whenever the owner changes. Problem: LEASE_LOST while another holds it. */
  acquireLease(request: LeaseRequest): Promise<Result<Lease, Problem>>;
  releaseLease(lease: Lease): Promise<void>;

  close(): Promise<void>;
}

export interface CommitBatch {
  /** Namespace lease under which this is written; a newer token in the store refuses the batch. */
  readonly fence?: { readonly lease: string; readonly token: number; readonly owner: string };
  /** `revision` is the one to be written; the stored one must be `revision - 1` (absent for 1). */
  readonly plans?: readonly Plan[];
  readonly planContents?: readonly { readonly digest: string; readonly content: PlanContent }[];
  readonly snapshots?: readonly Snapshot[];
  readonly journal?: readonly JournalEntry[];
  readonly moveTraces?: readonly MoveTrace[];
  /** As for plans; so are incidents, controllers, node admin states and webhook cursors. */
  readonly policies?: readonly PolicyDocument[];
  readonly incidents?: readonly Incident[];
  readonly controllers?: readonly ControllerRecord[];
  readonly nodeAdminStates?: readonly NodeAdminRecord[];
  readonly webhookCursors?: readonly WebhookCursor[];
  /** Each takes the place of the one of the same webhook and event. */
  readonly deadLetters?: readonly DeadLetter[];
  /** Forgotten; nothing happens where there is none. */
  readonly droppedDeadLetters?: readonly DeadLetterKey[];
  readonly idempotency?: readonly IdempotencyRecord[];
  readonly audit?: readonly AuditDraft[];
  readonly events?: readonly MeshEventDraft[];
}

export interface CommitReceipt {
  readonly events: readonly MeshEvent[];
  readonly auditRecords: readonly AuditRecord[];
}

export interface NodeAdminRecord {
  readonly cluster: string;
  readonly node: string;
  readonly adminState: AdminState;
  readonly since: number;
  readonly by: string;
  readonly reason: string;
  readonly revision: number;
}

export interface PlanQuery {
  /** The newest first unless this is true. */
  readonly oldestFirst?: boolean;
  readonly cluster?: string;
  readonly namespace?: string;
  readonly statuses?: readonly PlanStatus[];
  /** From 1 to 500. */
  readonly pageSize: number;
  readonly cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Empty on the last page. */
  readonly nextCursor: string;
}

export interface AuditQuery {
  /** Records with a greater sequence. */
  readonly after?: number;
  /** From 1 to 10 000. */
  readonly limit: number;
  readonly namespace?: string;
  readonly subject?: string;
  readonly actor?: string;
  readonly action?: string;
}

export interface EventQuery {
  readonly after: number;
  /** From 1 to 10 000. */
  readonly limit: number;
  readonly namespace?: string;
  readonly subject?: string;
}

export interface DeadLetterKey {
  readonly cluster: string;
  readonly webhook: string;
  /** The event's. */
  readonly sequence: number;
}

export interface DeadLetterQuery {
  readonly cluster: string;
  readonly webhook: string;
  /** Those of events with a greater sequence. */
  readonly after?: number;
  /** From 1 to 1 000. */
  readonly limit: number;
  /** Only those for which somebody asked for another attempt. */
  readonly redeliver?: boolean;
}

export interface IdempotencyRecord {
  readonly key: string;
  /** Digest of the request that first used it. */
  readonly requestDigest: string;
  /** What it made: `plan/<id>`. */
  readonly subject: string;
  readonly expiresAt: number;
}

export interface LeaseRequest {
  readonly name: string;
  readonly owner: string;
  readonly ttlMs: number;
  readonly now: number;
}

export interface Lease {
  readonly name: string;
  readonly owner: string;
  /** The fencing token: rises with every change of owner. */
  readonly token: number;
  readonly expiresAt: number;
}
