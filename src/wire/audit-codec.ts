import { create } from '@bufbuild/protobuf';
import type { AuditRecord } from '../domain/audit-record.ts';
import {
  type AuditRecord as AuditRecordMessage,
  AuditRecordSchema,
} from '../gen/meshkit/rebalancer/v1/audit_pb.ts';
import { timeFromMessage, timeToMessage, wholeFromMessage, wholeToMessage } from './scalars.ts';

export function auditRecordToMessage(record: AuditRecord): AuditRecordMessage {
  return create(AuditRecordSchema, {
    sequence: wholeToMessage(record.sequence),
    at: timeToMessage(record.at),
    actor: record.actor,
    action: record.action,
    cluster: record.cluster,
    namespace: record.namespace,
    subject: record.subject,
    reason: record.reason,
    changeTicket: record.changeTicket,
    transport: record.transport,
    outcome: record.outcome,
    before: record.before,
    after: record.after,
    details: { ...record.details },
    previousHash: record.previousHash,
    hash: record.hash,
  });
}

/** Exactly the record that was sealed: its hash can be recomputed from what this returns. */
export function auditRecordFromMessage(message: AuditRecordMessage): AuditRecord {
  return {
    sequence: wholeFromMessage(message.sequence),
    at: timeFromMessage(message.at),
    actor: message.actor,
    action: message.action,
    cluster: message.cluster,
    namespace: message.namespace,
    subject: message.subject,
    reason: message.reason,
    changeTicket: message.changeTicket,
    transport: message.transport,
    outcome: message.outcome,
    before: message.before,
    after: message.after,
    details: { ...message.details },
    previousHash: message.previousHash,
    hash: message.hash,
  };
}
