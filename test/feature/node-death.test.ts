import { expect, test } from 'bun:test';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { IncidentSeverity } from '../../src/gen/meshkit/rebalancer/v1/incident_pb.ts';
import { ListIncidentsResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { PlanKind } from '../../src/gen/meshkit/rebalancer/v1/policy_pb.ts';
import { VerdictDecision } from '../../src/gen/meshkit/rebalancer/v1/verdict_pb.ts';
import { unevenFleet } from './brisk-policy.ts';
import { patienceMs, startFlow } from './flow.ts';

/** The death changes the fleet for some seconds more: who leads, and who is suspected. Plans of then are outdated. */
const ended = [PlanStatus.COMPLETED, PlanStatus.SUPERSEDED];

test('what a dead node held is restored without anybody being asked', async () => {
  await using flow = await startFlow({
    namespace: 'sessions',
    fleet: unevenFleet(300),
    policy: 'sessions.yaml',
  });
  await flow.cli.run(['fleet', 'kill', 'n0006']);
  expect((await flow.fleet()).aliveNodes).toBe(11);

  const first = await flow.planAppears(PlanKind.RESTORE);
  expect(first.approval?.automatic).toBe(true);
  expect(first.createdBy).toBe('meshkit-rebalancer');
  await waitFor('every replica to be on a node that lives', patienceMs, async () => {
    const { nodeStates } = await flow.fleet();
    return nodeStates.every((node) => node.alive || node.replicas === 0);
  });
  await waitFor('the last plan to end', patienceMs, async () =>
    (await flow.plans()).every((plan) => ended.includes(plan.status)),
  );

  await flow.cli.run(['fleet', 'reset']);
  const restored = await flow.fleet();
  expect(restored.minAliveReplicas).toBe(3);
  const records = await flow.auditOf(`plan/${first.id}`);
  expect(records.map((record) => record.actor)).toEqual(records.map(() => 'meshkit-rebalancer'));
  await flow.cli.run(['audit', 'verify']);
});

test('when too many nodes die at once nothing more moves, and an incident says why', async () => {
  await using flow = await startFlow({
    namespace: 'sessions',
    fleet: unevenFleet(300),
    policy: 'sessions.yaml',
  });
  // Nothing moves between the first death and the last one.
  await flow.cli.run(['incidents', 'open', 'power', '--severity', 'critical'], { as: 'ann' });
  // Five of twelve is above the policy's third.
  for (const node of ['n0000', 'n0003', 'n0004', 'n0007', 'n0008'])
    await flow.cli.run(['fleet', 'kill', node]);
  const detected = async () =>
    (await flow.cli.read(ListIncidentsResponseSchema, ['incidents', 'list'])).incidents.find(
      (incident) => incident.source === 'detected',
    );
  await waitFor('the service to detect it', patienceMs, async () => (await detected()) !== undefined);

  expect((await detected())?.severity).toBe(IncidentSeverity.CRITICAL);
  const codes = (await flow.controller()).verdicts
    .filter((verdict) => verdict.decision === VerdictDecision.BLOCK)
    .map((verdict) => verdict.code);
  expect(codes).toContain('GUARDRAIL_MASS_FAILURE');
  for (let look = 0; look < 3; look++) await flow.cli.run(['controllers', 'evaluate']);
  expect((await flow.fleet()).executedMoves).toBe(0);
});
