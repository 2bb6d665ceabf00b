import type { ConnectRouter } from '@connectrpc/connect';
import { AuditService } from '../gen/meshkit/rebalancer/v1/audit_service_pb.ts';
import { RebalanceControllerService } from '../gen/meshkit/rebalancer/v1/controller_service_pb.ts';
import { IncidentService } from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { NodeService } from '../gen/meshkit/rebalancer/v1/node_service_pb.ts';
import { RebalancePlanService } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { RebalancePolicyService } from '../gen/meshkit/rebalancer/v1/policy_service_pb.ts';
import { SnapshotService } from '../gen/meshkit/rebalancer/v1/snapshot_service_pb.ts';
import { StatusService } from '../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { WebhookService } from '../gen/meshkit/rebalancer/v1/webhook_service_pb.ts';
import type { ApiDeps } from './api-deps.ts';
import { createAuditService } from './audit-service.ts';
import { createControllerService } from './controller-service.ts';
import { createErrorInterceptor } from './error-interceptor.ts';
import { createGate } from './gate.ts';
import { createIncidentService } from './incident-service.ts';
import { createNodeService } from './node-service.ts';
import { createPlanService } from './plan-service.ts';
import { createPolicyService } from './policy-service.ts';
import { createSnapshotService } from './snapshot-service.ts';
import { createStatusService } from './status-service.ts';
import { validationInterceptor } from './validation-interceptor.ts';
import { createWebhookService } from './webhook-service.ts';

/** Every service of `meshkit.rebalancer.v1`, for a listener or for Connect's in-memory transport. */
export function createRoutes(deps: ApiDeps): (router: ConnectRouter) => void {
  const options = {
    requestGate: createGate(deps),
    // Outermost first: what validation finds becomes a status like any other problem.
    interceptors: [createErrorInterceptor(deps.log), validationInterceptor],
  };
  return (router) => {
    router
      .service(RebalancePlanService, createPlanService(deps), options)
      .service(RebalancePolicyService, createPolicyService(deps), options)
      .service(RebalanceControllerService, createControllerService(deps), options)
      .service(IncidentService, createIncidentService(deps), options)
      .service(NodeService, createNodeService(deps), options)
      .service(SnapshotService, createSnapshotService(deps), options)
      .service(AuditService, createAuditService(deps), options)
      .service(WebhookService, createWebhookService(deps), options)
      .service(StatusService, createStatusService(deps), options);
  };
}
