import type { AuditDraft } from '../domain/audit-record.ts';
import type { ControllerRecord } from '../domain/controller-state.ts';
import type { MeshEventDraft } from '../domain/event.ts';
import type { Incident } from '../domain/incident.ts';
import type { JournalEntry } from '../domain/journal-entry.ts';
import type { Plan } from '../domain/plan.ts';
import type { PolicyDocument } from '../domain/policy-overlay.ts';
import type { Snapshot, SnapshotContent } from '../domain/snapshot.ts';
import { digestSnapshot } from '../domain/snapshot-digest.ts';
import type { DeadLetter, WebhookCursor } from '../domain/webhook.ts';

/** Small complete values for the store's contract suite and its benchmark. */

export const sampleTime = 1_700_000_000_000;

export function samplePlan(id: string, change: Partial<Plan> = {}): Plan {
  return {
    id,
    cluster: 'c1',
    namespace: 'orders',
    kind: 'rebalance',
    status: 'pendingApproval',
    revision: 1,
    digest: `sha256:plan-${id}`,
    policyRevision: 1,
    snapshotDigest: 'sha256:snapshot',
    afterSnapshotDigest: '',
    seed: 1,
    createdAt: sampleTime,
    createdBy: 'ann',
    reason: 'hot node',
    changeTicket: 'CHG-1',
    trigger: 'peakToMean',
    summary: {
      moves: 1,
      waves: 1,
      bytes: 1_024,
      shardsTouched: 1,
      shareOfShards: 0.01,
      before: [{ dimension: 'cpu', peak: 0.9, mean: 0.5, peakToMean: 1.8, peakNode: 'n1', overTarget: 1 }],
      after: [{ dimension: 'cpu', peak: 0.6, mean: 0.5, peakToMean: 1.2, peakNode: 'n2', overTarget: 0 }],
      violationsBefore: 0,
      violationsAfter: 0,
      toVacateBefore: 0,
      toVacateAfter: 0,
      objectiveBefore: [0, 0, 0.3, 1.8],
      objectiveAfter: [0, 0, 0, 1.2],
      lowerBound: 1,
      lowerBoundWithinBudget: 1,
      lowerBoundBy: 'waterFilling',
      movesLowerBound: 0,
      gap: 0.2,
      eta: { lowMs: 1_000, expectedMs: 2_000, highMs: 5_000 },
      evaluations: 100,
      deterministic: true,
    },
    verdicts: [],
    overrides: [],
    approval: { required: 1, excludeAuthor: true, groups: [], tier: '', automatic: false },
    approvals: [],
    expiresAt: sampleTime + 3_600_000,
    rollbackOf: '',
    rolledBackBy: '',
    supersededBy: '',
    startedAt: 0,
    endedAt: 0,
    progress: {
      pending: 1,
      running: 0,
      done: 0,
      failed: 0,
      aborted: 0,
      skipped: 0,
      unknown: 0,
      bytesDone: 0,
      remaining: null,
    },
    outcome: null,
    ...change,
  };
}

export function sampleAudit(change: Partial<AuditDraft> = {}): AuditDraft {
  return {
    at: sampleTime,
    actor: 'ann',
    action: 'plan.create',
    cluster: 'c1',
    namespace: 'orders',
    subject: 'plan/p1',
    reason: 'hot node',
    changeTicket: 'CHG-1',
    transport: 'grpc/h2',
    outcome: 'ok',
    before: '',
    after: '',
    details: { digest: 'sha256:plan' },
    ...change,
  };
}

export function sampleEvent(change: Partial<MeshEventDraft> = {}): MeshEventDraft {
  return {
    at: sampleTime,
    type: 'planCreated',
    cluster: 'c1',
    namespace: 'orders',
    subject: 'plan/p1',
    data: { moves: 1 },
    ...change,
  };
}

export function sampleJournalEntry(change: Partial<JournalEntry> = {}): JournalEntry {
  return {
    planId: 'p1',
    moveId: 'm00001',
    at: sampleTime,
    kind: 'intended',
    step: 'prepare',
    attempt: 1,
    state: 'running',
    version: 1,
    fencingToken: 1,
    failure: null,
    ...change,
  };
}

export function sampleIncident(id: string, change: Partial<Incident> = {}): Incident {
  return {
    id,
    cluster: 'c1',
    namespace: '',
    severity: 'warning',
    title: 'disk latency',
    source: 'operator',
    openedAt: sampleTime,
    openedBy: 'ann',
    reason: 'paged',
    closedAt: 0,
    closedBy: '',
    revision: 1,
    ...change,
  };
}

export function sampleController(change: Partial<ControllerRecord> = {}): ControllerRecord {
  return {
    cluster: 'c1',
    namespace: 'orders',
    state: 'steady',
    since: sampleTime,
    triggers: [],
    triggeredSince: 0,
    planId: '',
    notBefore: 0,
    fruitless: 0,
    diagnosis: { code: '', message: '' },
    lastEvaluatedAt: 0,
    lastScheduledAt: 0,
    revision: 1,
    ...change,
  };
}

export function samplePolicy(change: Partial<PolicyDocument> = {}): PolicyDocument {
  return {
    cluster: 'c1',
    namespace: 'orders',
    revision: 1,
    overlay: { mode: 'propose' },
    appliedAt: sampleTime,
    appliedBy: 'ann',
    reason: 'first',
    ...change,
  };
}

export function sampleWebhookCursor(change: Partial<WebhookCursor> = {}): WebhookCursor {
  return {
    cluster: 'c1',
    webhook: 'pager',
    position: 0,
    attempts: 0,
    nextAttemptAt: 0,
    stoppedAt: 0,
    delivered: 0,
    missed: 0,
    last: null,
    revision: 1,
    ...change,
  };
}

export function sampleDeadLetter(sequence: number, change: Partial<DeadLetter> = {}): DeadLetter {
  return {
    cluster: 'c1',
    webhook: 'pager',
    event: { ...sampleEvent(), sequence },
    attempts: 12,
    last: { at: sampleTime, accepted: false, status: 503, message: 'the receiver answered 503' },
    redeliver: false,
    ...change,
  };
}

/** One node, `shards` shards of one replica; the load tells one snapshot from another. */
export function sampleSnapshot(load: number, shards = 3): Snapshot {
  const content: SnapshotContent = {
    cluster: 'c1',
    namespace: 'orders',
    takenAt: sampleTime,
    dimensions: [{ name: 'cpu', unit: 'cores' }],
    nodes: [
      {
        id: 'n1',
        region: 'r1',
        zone: 'z1',
        rack: 'k1',
        labels: {},
        weight: 1,
        status: 'alive',
        adminState: 'active',
        capacity: [64],
        signals: {},
      },
    ],
    shards: {
      ids: Array.from({ length: shards }, (_, index) => `s${String(index).padStart(7, '0')}`),
      versions: new Float64Array(shards).fill(1),
      statuses: new Uint8Array(shards).fill(1),
      groups: new Int32Array(shards).fill(-1),
      groupNames: [],
      replicaOffsets: Int32Array.from({ length: shards + 1 }, (_, index) => index),
      replicaNumbers: new Int32Array(shards),
      replicaNodes: new Int32Array(shards),
      replicaLeads: new Uint8Array(shards).fill(1),
      replicaLoads: new Float64Array(shards).fill(load),
      replicaBytes: new Float64Array(shards).fill(1_024),
    },
    quality: { completeness: 1, stalenessMs: 0, sources: [] },
  };
  return { ...content, digest: digestSnapshot(content) };
}
