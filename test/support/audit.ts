import type { AuditRecord } from '../../src/gen/meshkit/rebalancer/v1/audit_pb.ts';
import { ListAuditRecordsResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/audit_service_pb.ts';
import type { Cli } from './cli.ts';

/** The trail, oldest first; `filter` are arguments of `mesh audit list`. */
export async function readAudit(cli: Cli, filter: readonly string[] = []): Promise<readonly AuditRecord[]> {
  const list = ['audit', 'list', '--limit', '100000', ...filter];
  return (await cli.read(ListAuditRecordsResponseSchema, list)).records;
}
