import type { MessageInitShape } from '@bufbuild/protobuf';
import { type Client, createClient, type Transport } from '@connectrpc/connect';
import { type Clock, systemClock } from '../base/clock.ts';
import { isLoopback } from '../base/loopback.ts';
import { createRandom, type Random } from '../base/random.ts';
import type { HttpVersion } from '../domain/http-version.ts';
import { ProblemError } from '../domain/problem.ts';
import type { AuditRecord } from '../gen/meshkit/rebalancer/v1/audit_pb.ts';
import {
  AuditService,
  type ListAuditRecordsRequestSchema,
} from '../gen/meshkit/rebalancer/v1/audit_service_pb.ts';
import { RebalanceControllerService } from '../gen/meshkit/rebalancer/v1/controller_service_pb.ts';
import type { Event } from '../gen/meshkit/rebalancer/v1/event_pb.ts';
import type { Incident } from '../gen/meshkit/rebalancer/v1/incident_pb.ts';
import {
  IncidentService,
  type ListIncidentsRequestSchema,
} from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { NodeService } from '../gen/meshkit/rebalancer/v1/node_service_pb.ts';
import type { Plan } from '../gen/meshkit/rebalancer/v1/plan_pb.ts';
import {
  type ListMovesRequestSchema,
  type ListPlansRequestSchema,
  type MoveWithProgress,
  RebalancePlanService,
} from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { RebalancePolicyService } from '../gen/meshkit/rebalancer/v1/policy_service_pb.ts';
import { SnapshotService } from '../gen/meshkit/rebalancer/v1/snapshot_service_pb.ts';
import { StatusService } from '../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { TelemetryService } from '../gen/meshkit/rebalancer/v1/telemetry_service_pb.ts';
import { TransportService } from '../gen/meshkit/rebalancer/v1/transport_service_pb.ts';
import { WebhookService } from '../gen/meshkit/rebalancer/v1/webhook_service_pb.ts';
import { principalHeader } from '../wire/header-names.ts';
import { clientErrorOf } from './client-error.ts';
import type { TokenSource } from './credentials/token-source.ts';
import { withToken } from './credentials/with-token.ts';
import { listAuditRecords, listIncidents, listMoves, listPlans } from './list-pages.ts';
import { type ClientCertificateFiles, createEndpoint, type Endpoint } from './transports/endpoint.ts';
import {
  type ClientTransportStats,
  type Connected,
  createNegotiatingTransport,
  type NegotiatingTransport,
} from './transports/negotiating-transport.ts';
import type { TransportChoice } from './transports/transport-choice.ts';
import { createTransportMemory, type TransportMemory } from './transports/transport-memory.ts';
import { type WatchOptions, watchPlans } from './watch-plans.ts';
import { withHeaders } from './with-headers.ts';
import { withRetries } from './with-retries.ts';

/**
 * The shared client: every program of ours that speaks to the service does it through this, and others may. What its calls
 * throw becomes a `MeshClientError` by `call`; see `docs/client.md`.
 */
export interface MeshClient {
  readonly address: string;
  readonly plans: Client<typeof RebalancePlanService>;
  readonly policies: Client<typeof RebalancePolicyService>;
  readonly controllers: Client<typeof RebalanceControllerService>;
  readonly incidents: Client<typeof IncidentService>;
  readonly nodes: Client<typeof NodeService>;
  readonly snapshots: Client<typeof SnapshotService>;
  readonly audit: Client<typeof AuditService>;
  readonly webhooks: Client<typeof WebhookService>;
  readonly status: Client<typeof StatusService>;
  readonly telemetry: Client<typeof TelemetryService>;
  readonly transports: Client<typeof TransportService>;
  /** Calls the service; throws a `MeshClientError` with the problems that it named, or that it does not answer. */
  call<T>(ask: (client: MeshClient) => Promise<T>): Promise<T>;
  /** Plans, the newest first, page by page. */
  listPlans(
    request?: MessageInitShape<typeof ListPlansRequestSchema>,
    limit?: number,
  ): AsyncGenerator<Plan, void>;
  /** Moves of a plan in execution order, page by page. */
  listMoves(
    request: MessageInitShape<typeof ListMovesRequestSchema>,
    limit?: number,
  ): AsyncGenerator<MoveWithProgress, void>;
  /** Incidents, the newest first, page by page. */
  listIncidents(
    request?: MessageInitShape<typeof ListIncidentsRequestSchema>,
    limit?: number,
  ): AsyncGenerator<Incident, void>;
  /** Records of the audit trail in order, page by page. */
  listAuditRecords(
    request?: MessageInitShape<typeof ListAuditRecordsRequestSchema>,
    limit?: number,
  ): AsyncGenerator<AuditRecord, void>;
  /** Events, each once and in order, across lost connections and changes of the transport. */
  watch(options: Omit<WatchOptions, 'client' | 'address' | 'clock'>): AsyncGenerator<Event, void>;
  /** By which HTTP versions it spoke, and what kept it from speaking another. */
  transport(): ClientTransportStats;
  /** Closes its connections; without it they may keep the process alive. */
  close(): Promise<void>;
}

export interface MeshClientOptions {
  /** `https://127.0.0.1:7443`; `http://` only for what serves HTTP/2 in clear text. */
  readonly address: string;
  /** Authorities that are trusted, PEM; absent: those of the system. */
  readonly ca?: string;
  /** Name to be found in the service's certificate, instead of the address's. */
  readonly serverName?: string;
  readonly clientCertificate?: ClientCertificateFiles;
  /** `auto` when left out: HTTP/3 where it can be had. */
  readonly transport?: TransportChoice;
  readonly token?: TokenSource;
  /** Who asks, where the service runs with development credentials: `ann` or `ann;groups=sre,dba`. */
  readonly principal?: string;
  /** Deadline of calls that answer once, milliseconds; 60 s when left out. Streams have none. */
  readonly timeoutMs?: number;
  /** Where HTTP/3 did not work lately. Shared between clients, or kept in a file, it saves the next one the wait. */
  readonly memory?: TransportMemory;
  readonly onConnect?: (connected: Connected) => void;
  readonly clock?: Clock;
  /** For the jitter of waits. */
  readonly random?: Random;
  /** Instead of a connection: in-process use and tests. */
  readonly rpcTransport?: Transport;
}

/** A plan of a large fleet is computed while the call waits. */
const defaultTimeoutMs = 60_000;

/** @throws ProblemError TRANSPORT_INSECURE when a token would travel in clear text */
export function createMeshClient(options: MeshClientOptions): MeshClient {
  const { address, clock = systemClock, timeoutMs = defaultTimeoutMs } = options;
  const random = options.random ?? createRandom(`${process.pid}/${clock.now()}`);
  const network = options.rpcTransport ? undefined : openNetwork(options, clock);
  const wire = options.rpcTransport ?? (network as NegotiatingTransport);
  const known = options.token ? withToken(wire, options.token) : wire;
  const patient = withRetries(known, { clock, random, timeoutMs });
  const transport = options.principal
    ? withHeaders(patient, { [principalHeader]: options.principal })
    : patient;
  const client: MeshClient = {
    address,
    plans: createClient(RebalancePlanService, transport),
    policies: createClient(RebalancePolicyService, transport),
    controllers: createClient(RebalanceControllerService, transport),
    incidents: createClient(IncidentService, transport),
    nodes: createClient(NodeService, transport),
    snapshots: createClient(SnapshotService, transport),
    audit: createClient(AuditService, transport),
    webhooks: createClient(WebhookService, transport),
    status: createClient(StatusService, transport),
    telemetry: createClient(TelemetryService, transport),
    transports: createClient(TransportService, transport),
    async call(ask) {
      try {
        return await ask(client);
      } catch (thrown) {
        throw clientErrorOf(thrown, address);
      }
    },
    listPlans: (request = {}, limit) => listPlans(client, request, limit),
    listIncidents: (request = {}, limit) => listIncidents(client, request, limit),
    listMoves: (request, limit) => listMoves(client, request, limit),
    listAuditRecords: (request = {}, limit) => listAuditRecords(client, request, limit),
    watch: (watch) => watchPlans({ ...watch, client, address, clock }),
    transport: () => network?.stats() ?? inProcess,
    close: async () => network?.close(),
  };
  return client;
}

const inProcess: ClientTransportStats = {
  wanted: 'h2',
  downgrades: [],
  requests: { h3: 0, h2: 0, h1: 0 } satisfies Record<HttpVersion, number>,
};

function openNetwork(options: MeshClientOptions, clock: Clock): NegotiatingTransport {
  const endpoint = createEndpoint(options.address, {
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.serverName === undefined ? {} : { serverName: options.serverName }),
    ...(options.clientCertificate ? { clientCertificate: options.clientCertificate } : {}),
  });
  refuseClearText(endpoint, options);
  return createNegotiatingTransport({
    endpoint,
    choice: options.transport ?? 'auto',
    memory: options.memory ?? createTransportMemory(clock),
    clock,
    ...(options.onConnect ? { onConnect: options.onConnect } : {}),
  });
}

function refuseClearText({ secure, host, origin }: Endpoint, { token }: MeshClientOptions): void {
  if (secure || !token || isLoopback(host)) return;
  throw new ProblemError({
    code: 'TRANSPORT_INSECURE',
    message: `the token of ${token.origin} would travel to ${origin} in clear text`,
    subject: origin,
    remedy: `Use ${origin.replace('http:', 'https:')}.`,
  });
}
