import type { ServiceImpl } from '@connectrpc/connect';
import type { AuditService } from '../gen/meshkit/rebalancer/v1/audit_service_pb.ts';
import { auditRecordToMessage } from '../wire/audit-codec.ts';
import { compact, wholeFromMessage, wholeToMessage } from '../wire/scalars.ts';
import type { ApiDeps } from './api-deps.ts';
import { requireNamespace } from './namespace-limit.ts';
import { unwrap } from './unwrap.ts';

/** Records in an answer when the request does not say. */
const defaultLimit = 500;

export function createAuditService(deps: ApiDeps): ServiceImpl<typeof AuditService> {
  const { audit } = deps.rebalancer;
  return {
    async listAuditRecords(request, context) {
      await requireNamespace(deps, context, request.namespace);
      const records = await audit.list(
        compact({
          after: request.after === 0n ? undefined : wholeFromMessage(request.after),
          limit: request.limit || defaultLimit,
          namespace: request.namespace || undefined,
          subject: request.subject || undefined,
          actor: request.actor || undefined,
          action: request.action || undefined,
        }),
      );
      return { records: records.map(auditRecordToMessage) };
    },
    async verifyAuditTrail() {
      const chain = unwrap(await audit.verify());
      return { records: wholeToMessage(chain.records), headHash: chain.headHash };
    },
  };
}
