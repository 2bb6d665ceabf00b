import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createClient } from '@connectrpc/connect';
import { cluster, namespace } from '../controller/rebalancer.testing.ts';
import { replicaCount } from '../domain/snapshot.ts';
import { AuditService } from '../gen/meshkit/rebalancer/v1/audit_service_pb.ts';
import { ControllerState } from '../gen/meshkit/rebalancer/v1/controller_pb.ts';
import { RebalanceControllerService } from '../gen/meshkit/rebalancer/v1/controller_service_pb.ts';
import { IncidentSeverity } from '../gen/meshkit/rebalancer/v1/incident_pb.ts';
import { IncidentService } from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { AdminState } from '../gen/meshkit/rebalancer/v1/node_pb.ts';
import { NodeService } from '../gen/meshkit/rebalancer/v1/node_service_pb.ts';
import { PlanStatus } from '../gen/meshkit/rebalancer/v1/plan_pb.ts';
import { RebalancePlanService } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { RebalancePolicyService } from '../gen/meshkit/rebalancer/v1/policy_service_pb.ts';
import { SnapshotService } from '../gen/meshkit/rebalancer/v1/snapshot_service_pb.ts';
import { StatusService } from '../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { VerdictDecision } from '../gen/meshkit/rebalancer/v1/verdict_pb.ts';
import { auditRecordFromMessage } from '../wire/audit-codec.ts';
import { parseSnapshotFile } from '../wire/snapshot-file.ts';
import { type ApiBench, createApiBench, refusal } from './api.testing.ts';

let bench: ApiBench;
beforeEach(async () => {
  bench = await createApiBench();
});
afterEach(() => bench.stop());

function as(name: string): { headers: Record<string, string> } {
  return { headers: { 'x-meshkit-principal': name } };
}

function makeHotSpot(): void {
  const made = bench.fleet.controls.hotSpot({ nodes: ['n0001'] }, 2);
  if (!made.ok) throw new Error(made.error.message);
}

describe('plans over the API', () => {
  test('are made, read with their moves, approved by another principal, and listed', async () => {
    makeHotSpot();
    await bench.clock.advance(30_000);
    const client = createClient(RebalancePlanService, bench.transport());
    const made = await client.createPlan({ namespace, seed: 3n, reason: 'hot' }, as('ann'));
    const { plan } = made;
    if (!plan) throw new Error('there is no plan');
    expect(plan).toMatchObject({ namespace, createdBy: 'ann', reason: 'hot', seed: 3n });
    expect(plan.status).toBe(PlanStatus.PENDING_APPROVAL);

    const moves = [];
    let cursor = '';
    do {
      const page = await client.listMoves({ planId: plan.id, pageSize: 2, cursor });
      expect(page.moves.length).toBeLessThanOrEqual(2);
      moves.push(...page.moves);
      cursor = page.nextCursor;
    } while (cursor !== '');
    expect(moves.map((each) => each.move?.id)).toEqual(moves.map((each) => each.progress?.moveId));
    expect(BigInt(moves.length)).toBe(plan.summary?.moves ?? 0n);

    expect(await refusal(client.approvePlan({ id: plan.id, digest: plan.digest }, as('ann')))).toMatchObject({
      status: 'PermissionDenied',
      codes: ['APPROVAL_BY_AUTHOR'],
    });
    const approved = await client.approvePlan({ id: plan.id, digest: plan.digest }, as('bob;groups=sre'));
    expect(approved.plan?.approvals.map(({ principal, groups }) => ({ principal, groups }))).toEqual([
      { principal: 'bob', groups: ['sre'] },
    ]);
    const listed = await client.listPlans({ namespace, statuses: [approved.plan?.status ?? 0] });
    expect(listed.plans.map((each) => each.id)).toEqual([plan.id]);
    // Every rule that lets it pass says so to those who look at the plan, not in lists.
    expect(plan.verdicts.some(({ decision }) => decision === VerdictDecision.ALLOW)).toBe(true);
    expect(listed.plans[0]?.verdicts.some(({ decision }) => decision === VerdictDecision.ALLOW)).toBe(false);
    expect((await client.diffPlan({ id: plan.id })).drifted).toEqual([]);
  });

  test('are refused with the code of what is wrong', async () => {
    const client = createClient(RebalancePlanService, bench.transport());
    expect(await refusal(client.getPlan({ id: 'nope' }))).toMatchObject({
      status: 'NotFound',
      codes: ['PLAN_NOT_FOUND'],
    });
    expect(await refusal(client.createPlan({ namespace: 'elsewhere' }))).toMatchObject({
      codes: ['NAMESPACE_NOT_FOUND'],
    });
    expect(await refusal(client.listPlans({ cursor: 'made up' }))).toMatchObject({
      codes: ['CURSOR_INVALID'],
    });
    const made = await client.createPlan({ namespace, dryRun: true });
    const id = made.plan?.id ?? '';
    expect(await refusal(client.listMoves({ planId: id, cursor: 'made up' }))).toMatchObject({
      status: 'InvalidArgument',
      codes: ['CURSOR_INVALID'],
    });
    const digest = `sha256:${'0'.repeat(64)}`;
    expect((await refusal(client.approvePlan({ id, digest }))).status).not.toBe('Internal');
  });

  test('that are cancelled keep the reason', async () => {
    makeHotSpot();
    await bench.clock.advance(30_000);
    const client = createClient(RebalancePlanService, bench.transport());
    const { plan } = await client.createPlan({ namespace });
    const request = { id: plan?.id ?? '', revision: plan?.revision ?? 0n };
    expect(await refusal(client.cancelPlan({ ...request, revision: 99n }))).toMatchObject({
      codes: ['PLAN_STALE'],
    });
    const cancelled = await client.cancelPlan({ ...request, reason: 'not today' }, as('cleo'));
    expect(cancelled.plan?.status).toBe(PlanStatus.CANCELLED);
    const audit = createClient(AuditService, bench.transport());
    const { records } = await audit.listAuditRecords({ subject: `plan/${request.id}`, actor: 'cleo' });
    expect(records.map(({ reason, transport }) => ({ reason, transport }))).toEqual([
      { reason: 'not today', transport: 'connect/memory' },
    ]);
  });
});

describe('policies over the API', () => {
  test('answer what is wrong with them instead of failing', async () => {
    const client = createClient(RebalancePolicyService, bench.transport());
    const broken = await client.validatePolicy({
      cluster,
      namespace,
      spec: { budget: { maxShareOfShards: 7 } },
    });
    expect(broken.problems.map(({ code, field }) => [code, field])).toEqual([
      ['FIELD_INVALID', 'budget.maxShareOfShards'],
    ]);
    const contradictory = await client.validatePolicy({
      cluster,
      namespace,
      spec: { triggers: { peakToMean: { enter: 1.1, clear: 1.5 } } },
    });
    expect(contradictory.problems.map((each) => each.code)).toEqual(['POLICY_CONTRADICTORY']);
    expect((await client.validatePolicy({ cluster, namespace, spec: {} })).problems).toEqual([]);
  });

  test('are applied against the revision that was read, and shown with all that is effective', async () => {
    const client = createClient(RebalancePolicyService, bench.transport());
    const before = await client.getPolicy({ cluster, namespace });
    const revision = before.document?.revision ?? 0n;
    const spec = { budget: { maxMoves: 7n }, cleared: ['approvals.tiers'] };
    const applied = await client.applyPolicy({ cluster, namespace, spec, expectedRevision: revision });
    expect(applied.document?.revision).toBe(revision + 1n);
    expect(applied.document?.spec?.budget?.maxMoves).toBe(7n);
    expect(applied.effective?.spec?.budget?.maxMoves).toBe(7n);
    expect(applied.effective?.spec?.execution?.maxAttempts).toBeGreaterThan(0);
    const stale = client.applyPolicy({ cluster, namespace, spec, expectedRevision: revision });
    expect(await refusal(stale)).toMatchObject({ status: 'FailedPrecondition', codes: ['POLICY_STALE'] });
    const { revisions } = await client.listPolicyRevisions({ cluster, namespace });
    expect(revisions.map((each) => each.revision)).toEqual([revision + 1n, revision]);
    const { policies } = await client.listPolicies({});
    expect(policies.map((each) => each.revision)).toEqual([revision + 1n]);
  });
});

describe('the rest of the API', () => {
  test('shows the controllers and the scores behind them', async () => {
    const client = createClient(RebalanceControllerService, bench.transport());
    const { controllers } = await client.listControllers({});
    expect(controllers.map((each) => each.namespace)).toEqual([namespace]);
    const evaluated = await client.evaluateNow({ namespace });
    expect(evaluated.controller?.state).toBe(ControllerState.STEADY);
    const scores = await client.getScores({ namespace });
    expect(scores.nodes.length).toBe(8);
    expect((await client.getController({ namespace })).controller?.snapshotDigest).toMatch(/^sha256:/);
  });

  test('opens and closes incidents', async () => {
    const client = createClient(IncidentService, bench.transport());
    const opened = await client.openIncident(
      { namespace, severity: IncidentSeverity.WARNING, title: 'disks are slow' },
      as('ann'),
    );
    expect(opened.incident).toMatchObject({ source: 'operator', openedBy: 'ann', closedBy: '' });
    const id = opened.incident?.id ?? '';
    expect((await client.listIncidents({ openOnly: true })).incidents.map((each) => each.id)).toEqual([id]);
    expect((await client.closeIncident({ id }, as('bob'))).incident?.closedBy).toBe('bob');
    expect(await refusal(client.closeIncident({ id }))).toMatchObject({ codes: ['INCIDENT_CLOSED'] });
    expect((await client.listIncidents({ openOnly: true })).incidents).toEqual([]);
  });

  test('shows the nodes and changes what is wanted of them', async () => {
    const client = createClient(NodeService, bench.transport());
    const { nodes } = await client.listNodes({ namespace });
    expect(nodes.length).toBe(8);
    expect(nodes.every((each) => each.loads.length === each.dimensions.length)).toBe(true);
    const changed = await client.setAdminState({ node: 'n0001', adminState: AdminState.CORDONED });
    expect(changed.node?.node?.adminState).toBe(AdminState.CORDONED);
    const unknown = client.setAdminState({ node: 'n9999', adminState: AdminState.ACTIVE });
    expect(await refusal(unknown)).toMatchObject({ status: 'NotFound', codes: ['NODE_NOT_FOUND'] });
  });

  test('sends a snapshot whole and in pieces that make the same file', async () => {
    const client = createClient(SnapshotService, bench.transport());
    const { snapshot } = await client.getSnapshot({ snapshot: { case: 'namespace', value: namespace } });
    const digest = snapshot?.digest ?? '';
    const pieces: Uint8Array[] = [];
    let totalBytes = 0;
    for await (const piece of client.streamSnapshot({ snapshot: { case: 'namespace', value: namespace } })) {
      pieces.push(piece.data);
      totalBytes = Number(piece.totalBytes);
    }
    const file = Buffer.concat(pieces);
    expect(file.length).toBe(totalBytes);
    const parsed = parseSnapshotFile(file);
    expect(parsed.ok && parsed.value.digest).toBe(digest);
    expect(parsed.ok && replicaCount(parsed.value.shards)).toBe(240);
    const unknown = client.getSnapshot({ snapshot: { case: 'digest', value: `sha256:${'1'.repeat(64)}` } });
    expect(await refusal(unknown)).toMatchObject({ codes: ['SNAPSHOT_NOT_FOUND'] });
  });

  test('lists the audit trail in order, from where it is asked, and verifies it', async () => {
    const client = createClient(AuditService, bench.transport());
    const incidents = createClient(IncidentService, bench.transport());
    await incidents.openIncident({ namespace, severity: IncidentSeverity.INFO, title: 'slow' });
    const all = await client.listAuditRecords({});
    expect(all.records.map((each) => each.sequence)).toEqual(
      all.records.map((_, index) => BigInt(index + 1)),
    );
    const rest = await client.listAuditRecords({ after: 1n, limit: 1 });
    expect(rest.records.map((each) => each.sequence)).toEqual([2n]);
    const chain = await client.verifyAuditTrail({});
    expect(chain.headHash).toBe(all.records.at(-1)?.hash ?? '');
    const [first] = await bench.store.auditRecords({ limit: 1 });
    const [firstSent] = all.records;
    expect(firstSent && auditRecordFromMessage(firstSent)).toEqual(first);
  });

  test('says what runs and whether it is ready', async () => {
    const status = await createClient(StatusService, bench.transport()).getStatus({});
    expect(status).toMatchObject({ version: '1.2.3', cluster, namespaces: [namespace], ready: true });
  });
});
