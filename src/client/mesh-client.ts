import { type Client, createClient, type Transport } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { AuditService } from '../gen/meshkit/rebalancer/v1/audit_service_pb.ts';
import { RebalanceControllerService } from '../gen/meshkit/rebalancer/v1/controller_service_pb.ts';
import { IncidentService } from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { NodeService } from '../gen/meshkit/rebalancer/v1/node_service_pb.ts';
import { RebalancePlanService } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { RebalancePolicyService } from '../gen/meshkit/rebalancer/v1/policy_service_pb.ts';
import { SnapshotService } from '../gen/meshkit/rebalancer/v1/snapshot_service_pb.ts';
import { StatusService } from '../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { WebhookService } from '../gen/meshkit/rebalancer/v1/webhook_service_pb.ts';

/** The shared client: every program that speaks to the service does it through this. */
export interface MeshClient {
  readonly plans: Client<typeof RebalancePlanService>;
  readonly policies: Client<typeof RebalancePolicyService>;
  readonly controllers: Client<typeof RebalanceControllerService>;
  readonly incidents: Client<typeof IncidentService>;
  readonly nodes: Client<typeof NodeService>;
  readonly snapshots: Client<typeof SnapshotService>;
  readonly audit: Client<typeof AuditService>;
  readonly webhooks: Client<typeof WebhookService>;
  readonly status: Client<typeof StatusService>;
}

export interface MeshClientOptions {
  /** `http://127.0.0.1:7443`. */
  readonly address: string;
  /** Who asks, where the service runs with development credentials: `ann` or `ann;groups=sre,dba`. */
  readonly principal?: string;
  /** Deadline of calls that answer once, milliseconds. Streams have none. */
  readonly timeoutMs?: number;
  /** Instead of a connection: in-process use and tests. */
  readonly transport?: Transport;
}

/** A plan of a large fleet is computed while the call waits. */
const defaultTimeoutMs = 60_000;

export function createMeshClient(options: MeshClientOptions): MeshClient {
  const connection =
    options.transport ??
    createGrpcTransport({
      baseUrl: options.address,
      defaultTimeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    });
  const transport = options.principal ? asPrincipal(connection, options.principal) : connection;
  return {
    plans: createClient(RebalancePlanService, transport),
    policies: createClient(RebalancePolicyService, transport),
    controllers: createClient(RebalanceControllerService, transport),
    incidents: createClient(IncidentService, transport),
    nodes: createClient(NodeService, transport),
    snapshots: createClient(SnapshotService, transport),
    audit: createClient(AuditService, transport),
    webhooks: createClient(WebhookService, transport),
    status: createClient(StatusService, transport),
  };
}

/** The same transport, on which every call says who asks. */
function asPrincipal(transport: Transport, principal: string): Transport {
  const named = (header: HeadersInit | undefined): Headers => {
    const headers = new Headers(header);
    headers.set('x-meshkit-principal', principal);
    return headers;
  };
  return {
    unary: (method, signal, timeoutMs, header, ...rest) =>
      transport.unary(method, signal, timeoutMs, named(header), ...rest),
    stream: (method, signal, timeoutMs, header, ...rest) =>
      transport.stream(method, signal, timeoutMs, named(header), ...rest),
  };
}
