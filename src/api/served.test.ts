import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { silentLog } from '../base/log.ts';
import { namespace } from '../controller/rebalancer.testing.ts';
import { AuditService } from '../gen/meshkit/rebalancer/v1/audit_service_pb.ts';
import { IncidentSeverity } from '../gen/meshkit/rebalancer/v1/incident_pb.ts';
import { IncidentService } from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { RebalancePlanService } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { listenPlainly, type PlainListener } from '../transport/plain-listener.ts';
import { type ApiBench, createApiBench, refusal } from './api.testing.ts';
import { createRoutes } from './routes.ts';

let bench: ApiBench;
let listener: PlainListener;
beforeEach(async () => {
  bench = await createApiBench();
  const listening = await listenPlainly({
    host: '127.0.0.1',
    port: 0,
    dev: true,
    log: silentLog,
    routes: createRoutes(bench.deps()),
  });
  if (!listening.ok) throw new Error(listening.error.message);
  listener = listening.value;
});
afterEach(async () => {
  await listener.close();
  await bench.stop();
});

describe('the API over a socket', () => {
  test('names the transport of each command in the audit trail', async () => {
    const transport = createGrpcTransport({ baseUrl: listener.url });
    const incidents = createClient(IncidentService, transport);
    await incidents.openIncident({ namespace, severity: IncidentSeverity.INFO, title: 'slow' });
    const { records } = await createClient(AuditService, transport).listAuditRecords({
      action: 'incident.open',
    });
    expect(records.map((each) => each.transport)).toEqual(['grpc/h2']);
  });

  test('carries the details of a refusal, however many there are', async () => {
    const plans = createClient(RebalancePlanService, createGrpcTransport({ baseUrl: listener.url }));
    const overrides = Array.from({ length: 32 }, () => ({ code: 'x'.repeat(60), reason: 'r' }));
    const refused = await refusal(plans.createPlan({ namespace, overrides }));
    expect(refused.status).toBe('InvalidArgument');
    expect(refused.codes.length).toBe(20);
  });

  test('tells its watchers that the service stops', async () => {
    const plans = createClient(RebalancePlanService, createGrpcTransport({ baseUrl: listener.url }));
    const watch = plans.watchPlans({})[Symbol.asyncIterator]();
    await watch.next();
    const ended = refusal(watch.next());
    await listener.close();
    expect(await ended).toMatchObject({ status: 'Unavailable', codes: ['SERVICE_STOPPING'] });
  });
});
