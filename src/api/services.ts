import type { DescService } from '@bufbuild/protobuf';
import { createServiceImplSpec, type ServiceImpl, type ServiceImplSpec } from '@connectrpc/connect';
import { Health } from '../gen/grpc/health/v1/health_pb.ts';
import { ServerReflection } from '../gen/grpc/reflection/v1/reflection_pb.ts';
import { AuditService } from '../gen/meshkit/rebalancer/v1/audit_service_pb.ts';
import { RebalanceControllerService } from '../gen/meshkit/rebalancer/v1/controller_service_pb.ts';
import { IncidentService } from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { NodeService } from '../gen/meshkit/rebalancer/v1/node_service_pb.ts';
import { RebalancePlanService } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { RebalancePolicyService } from '../gen/meshkit/rebalancer/v1/policy_service_pb.ts';
import { SnapshotService } from '../gen/meshkit/rebalancer/v1/snapshot_service_pb.ts';
import { StatusService } from '../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { TelemetryService } from '../gen/meshkit/rebalancer/v1/telemetry_service_pb.ts';
import { TransportService } from '../gen/meshkit/rebalancer/v1/transport_service_pb.ts';
import { WebhookService } from '../gen/meshkit/rebalancer/v1/webhook_service_pb.ts';
import type { ApiDeps } from './api-deps.ts';
import { createAuditService } from './audit-service.ts';
import { createControllerService } from './controller-service.ts';
import { createHealthService } from './health-service.ts';
import { createIncidentService } from './incident-service.ts';
import { createNodeService } from './node-service.ts';
import { createPlanService } from './plan-service.ts';
import { createPolicyService } from './policy-service.ts';
import { createReflectionService } from './reflection-service.ts';
import { createSnapshotService } from './snapshot-service.ts';
import { createStatusService } from './status-service.ts';
import { createTelemetryService } from './telemetry-service.ts';
import { createTransportService } from './transport-service.ts';
import { createWebhookService } from './webhook-service.ts';

/** Every service with what carries it out, for whatever protocol. */
export function createServices(deps: ApiDeps): readonly ServiceImplSpec[] {
  const ours = [
    carriedOut(RebalancePlanService, createPlanService(deps)),
    carriedOut(RebalancePolicyService, createPolicyService(deps)),
    carriedOut(RebalanceControllerService, createControllerService(deps)),
    carriedOut(IncidentService, createIncidentService(deps)),
    carriedOut(NodeService, createNodeService(deps)),
    carriedOut(SnapshotService, createSnapshotService(deps)),
    carriedOut(AuditService, createAuditService(deps)),
    carriedOut(WebhookService, createWebhookService(deps)),
    carriedOut(StatusService, createStatusService(deps)),
    carriedOut(TelemetryService, createTelemetryService(deps)),
    carriedOut(TransportService, createTransportService(deps)),
  ];
  const services = [...ours.map(({ service }) => service), Health, ServerReflection];
  const names = new Set(services.map((each) => each.typeName));
  return [
    ...ours,
    carriedOut(Health, createHealthService(deps, names)),
    carriedOut(ServerReflection, createReflectionService(services)),
  ];
}

function carriedOut<Service extends DescService>(
  service: Service,
  implementation: ServiceImpl<Service>,
): ServiceImplSpec {
  return createServiceImplSpec<Service>(service, implementation);
}
