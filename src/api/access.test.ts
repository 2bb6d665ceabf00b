import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  create,
  type DescMethod,
  type DescMethodStreaming,
  type DescMethodUnary,
  type DescService,
} from '@bufbuild/protobuf';
import { createClient, type Transport } from '@connectrpc/connect';
import { namespace } from '../controller/rebalancer.testing.ts';
import { grantEach, type Scope, scopes } from '../domain/principal.ts';
import { AuditService } from '../gen/meshkit/rebalancer/v1/audit_service_pb.ts';
import { RebalanceControllerService } from '../gen/meshkit/rebalancer/v1/controller_service_pb.ts';
import { IncidentService } from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { NodeService } from '../gen/meshkit/rebalancer/v1/node_service_pb.ts';
import { RebalancePlanService } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { RebalancePolicyService } from '../gen/meshkit/rebalancer/v1/policy_service_pb.ts';
import { SnapshotService } from '../gen/meshkit/rebalancer/v1/snapshot_service_pb.ts';
import { StatusService } from '../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { TelemetryService } from '../gen/meshkit/rebalancer/v1/telemetry_service_pb.ts';
import { WebhookService } from '../gen/meshkit/rebalancer/v1/webhook_service_pb.ts';
import {
  type ApiBench,
  createApiBench,
  everybodyHas,
  everybodyIs,
  recordingLog,
  refusal,
} from './api.testing.ts';
import { createDenialRecorder } from './denial.ts';
import { scopeOf } from './method-scope.ts';

const services: readonly DescService[] = [
  RebalancePlanService,
  RebalancePolicyService,
  RebalanceControllerService,
  IncidentService,
  NodeService,
  SnapshotService,
  AuditService,
  WebhookService,
  StatusService,
  TelemetryService,
];
const methods = services.flatMap((service) => service.methods);
const names = methods.map((method): [string, DescMethod] => [`${method.parent.name}.${method.name}`, method]);

let bench: ApiBench;
beforeAll(async () => {
  bench = await createApiBench();
});
afterAll(() => bench.stop());

/** Calls a method with an empty request, as far as its first answer. */
async function call(transport: Transport, method: DescMethod): Promise<void> {
  const ending = new AbortController();
  if (method.methodKind === 'unary') {
    await transport.unary(method as DescMethodUnary, undefined, undefined, undefined, create(method.input));
  } else if (method.methodKind === 'server_streaming' || method.methodKind === 'client_streaming') {
    const messages = (async function* () {
      yield create(method.input);
    })();
    const { message } = await transport.stream(
      method as DescMethodStreaming,
      ending.signal,
      undefined,
      undefined,
      messages,
    );
    for await (const _ of message) break;
  } else throw new Error(`${method.name} is of a kind that we do not have`);
  ending.abort();
}

describe('access', () => {
  test.each(names)('to %s is declared in the contract', (_, method) => {
    expect(scopeOf(method)).toBeDefined();
  });

  test.each(names)('to %s is denied without its scope, and that is audited', async (_, method) => {
    const needed = scopeOf(method);
    const others = scopes.filter((each) => each !== needed);
    const before = await denials();
    const denied = await refusal(call(bench.transport({ authenticator: everybodyIs(others) }), method));
    expect(denied).toMatchObject({ status: 'PermissionDenied', codes: ['PERMISSION_DENIED'] });
    expect(denied.message).toContain(needed ?? 'nothing');
    const after = await denials();
    expect(after.length).toBe(before.length + 1);
    expect(after.at(-1)).toMatchObject({
      actor: 'pat',
      subject: `method/${method.parent.typeName}/${method.name}`,
      outcome: 'PERMISSION_DENIED',
    });
  });

  test.each(names)('to %s is granted with its scope alone', async (_, method) => {
    const needed: readonly Scope[] = [scopeOf(method) ?? 'mesh.read'];
    const transport = bench.transport({ authenticator: everybodyIs(needed) });
    try {
      await call(transport, method);
    } catch (thrown) {
      // The empty request may be wrong; that it was looked at is what counts.
      expect((await refusal(Promise.reject(thrown))).status).not.toBe('PermissionDenied');
    }
  });

  test('of a principal limited to namespaces ends at theirs', async () => {
    const limited = bench.transport({ authenticator: everybodyIs(scopes, ['billing']) });
    const controllers = createClient(RebalanceControllerService, limited);
    expect(await refusal(controllers.getController({ namespace }))).toMatchObject({
      status: 'PermissionDenied',
      fields: ['namespace'],
    });
    expect((await controllers.listControllers({})).controllers).toEqual([]);
    const plans = createClient(RebalancePlanService, limited);
    expect((await refusal(plans.listPlans({}))).codes).toEqual(['PERMISSION_DENIED']);
    const mine = createClient(
      RebalanceControllerService,
      bench.transport({ authenticator: everybodyIs(scopes, [namespace]) }),
    );
    expect((await mine.listControllers({})).controllers.length).toBe(1);
  });

  test('is limited to namespaces scope by scope', async () => {
    const grants = [...grantEach(['mesh.read']), ...grantEach(['mesh.operate', 'mesh.admin'], ['billing'])];
    const transport = bench.transport({ authenticator: everybodyHas(grants) });
    const controllers = createClient(RebalanceControllerService, transport);
    expect((await controllers.getController({ namespace })).controller?.namespace).toBe(namespace);
    const denied = await refusal(controllers.evaluateNow({ namespace }));
    expect(denied).toMatchObject({ status: 'PermissionDenied', fields: ['namespace'] });
    expect(denied.message).toContain('mesh.operate');
    const nodes = createClient(NodeService, transport);
    expect((await refusal(nodes.setAdminState({ node: 'a1', adminState: 1 }))).status).toBe(
      'PermissionDenied',
    );
  });

  test('to override guardrails of a namespace needs mesh.admin there', async () => {
    const grants = [...grantEach(['mesh.operate']), ...grantEach(['mesh.admin'], ['billing'])];
    const plans = createClient(
      RebalancePlanService,
      bench.transport({ authenticator: everybodyHas(grants) }),
    );
    const overrides = [{ code: 'GUARDRAIL_COOLDOWN_SHARD', reason: 'because' }];
    const denied = await refusal(plans.createPlan({ namespace, overrides }));
    expect(denied.codes).toEqual(['OVERRIDE_FORBIDDEN']);
    expect(denied.message).toContain(`mesh.admin on ${namespace}`);
  });

  test('with an unreadable credential is unauthenticated', async () => {
    const client = createClient(StatusService, bench.transport());
    const denied = refusal(client.getStatus({}, { headers: { 'x-meshkit-principal': '; drop table' } }));
    expect(await denied).toMatchObject({ status: 'Unauthenticated', codes: ['UNAUTHENTICATED'] });
  });

  test('whose denial cannot be audited is denied all the same, and logged', async () => {
    const errors: string[] = [];
    const denials = createDenialRecorder({
      store: { commit: async () => Promise.reject(new Error('the disk is full')) },
      clock: bench.clock,
      log: recordingLog(errors),
      cluster: 'c1',
    });
    const client = createClient(StatusService, bench.transport({ authenticator: everybodyIs([]), denials }));
    expect((await refusal(client.getStatus({}))).status).toBe('PermissionDenied');
    expect(errors[0]).toContain('the disk is full');
  });
});

async function denials() {
  return bench.store.auditRecords({ limit: 10_000, action: 'access.denied' });
}
