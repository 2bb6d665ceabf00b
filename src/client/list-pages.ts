import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Client } from '@connectrpc/connect';
import type { AuditRecord } from '../gen/meshkit/rebalancer/v1/audit_pb.ts';
import type {
  AuditService,
  ListAuditRecordsRequestSchema,
} from '../gen/meshkit/rebalancer/v1/audit_service_pb.ts';
import type { Incident } from '../gen/meshkit/rebalancer/v1/incident_pb.ts';
import type {
  IncidentService,
  ListIncidentsRequestSchema,
} from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import type { Plan } from '../gen/meshkit/rebalancer/v1/plan_pb.ts';
import type {
  ListMovesRequestSchema,
  ListPlansRequestSchema,
  MoveWithProgress,
  RebalancePlanService,
} from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { allPages } from './all-pages.ts';
import { clientErrorOf } from './client-error.ts';

/** What the listings need of a client. */
export interface ListingClient {
  readonly address: string;
  readonly plans: Client<typeof RebalancePlanService>;
  readonly audit: Client<typeof AuditService>;
  readonly incidents: Client<typeof IncidentService>;
}

/** Items of one request where the caller does not say; the service allows more. */
const plansPerPage = 200;
const movesPerPage = 2_000;
const incidentsPerPage = 500;
const recordsPerPage = 1_000;

export function listPlans(
  client: ListingClient,
  request: MessageInitShape<typeof ListPlansRequestSchema>,
  limit?: number,
): AsyncGenerator<Plan, void> {
  return allPages(async (cursor) => {
    const pageSize = request.pageSize ?? Math.min(plansPerPage, Math.max(1, limit ?? plansPerPage));
    const page = await asked(client, client.plans.listPlans({ ...request, pageSize, cursor }));
    return { items: page.plans, nextCursor: page.nextCursor };
  }, limit);
}

export function listIncidents(
  client: ListingClient,
  request: MessageInitShape<typeof ListIncidentsRequestSchema>,
  limit?: number,
): AsyncGenerator<Incident, void> {
  return allPages(async (cursor) => {
    const pageSize = request.pageSize ?? Math.min(incidentsPerPage, Math.max(1, limit ?? incidentsPerPage));
    const page = await asked(client, client.incidents.listIncidents({ ...request, pageSize, cursor }));
    return { items: page.incidents, nextCursor: page.nextCursor };
  }, limit);
}

export function listMoves(
  client: ListingClient,
  request: MessageInitShape<typeof ListMovesRequestSchema>,
  limit?: number,
): AsyncGenerator<MoveWithProgress, void> {
  return allPages(async (cursor) => {
    const pageSize = request.pageSize ?? Math.min(movesPerPage, Math.max(1, limit ?? movesPerPage));
    const page = await asked(client, client.plans.listMoves({ ...request, pageSize, cursor }));
    return { items: page.moves, nextCursor: page.nextCursor };
  }, limit);
}

/** The trail pages by sequence: a page that is not full is the last one. */
export async function* listAuditRecords(
  client: ListingClient,
  request: MessageInitShape<typeof ListAuditRecordsRequestSchema>,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<AuditRecord, void> {
  let after = BigInt(request.after ?? 0n);
  for (let delivered = 0; delivered < limit; ) {
    const size = Math.min(recordsPerPage, limit - delivered);
    const page = await asked(client, client.audit.listAuditRecords({ ...request, after, limit: size }));
    for (const record of page.records) {
      yield record;
      after = record.sequence;
    }
    delivered += page.records.length;
    if (page.records.length < size) return;
  }
}

async function asked<T>({ address }: ListingClient, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (thrown) {
    throw clientErrorOf(thrown, address);
  }
}
