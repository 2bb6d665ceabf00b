import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { ControllerSchema } from '../../src/gen/meshkit/rebalancer/v1/controller_pb.ts';
import { IncidentSchema } from '../../src/gen/meshkit/rebalancer/v1/incident_pb.ts';
import { ListIncidentsResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { VerdictDecision } from '../../src/gen/meshkit/rebalancer/v1/verdict_pb.ts';
import { readAudit } from '../support/audit.ts';
import { approvePlan, makePlan, readFleet, showPlan, untilStatus } from '../support/plans.ts';
import { quickPolicy } from '../support/policies.ts';
import { createWorld, namespace, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ policy: quickPolicy() });
});
afterAll(() => world[Symbol.asyncDispose]());

async function openIncident(severity: string): Promise<string> {
  const open = ['incidents', 'open', 'checkout is slow', '--severity', severity, '--namespace', namespace];
  return (await world.cli.read(IncidentSchema, open, { as: 'olga' })).id;
}

describe('an incident', () => {
  test('is listed while it is open, closed once, and recorded', async () => {
    const { cli } = world;
    const id = await openIncident('info');
    const open = await cli.read(ListIncidentsResponseSchema, ['incidents', 'list']);
    expect(open.incidents.map((each) => [each.id, each.title, each.openedBy])).toEqual([
      [id, 'checkout is slow', 'olga'],
    ]);
    await cli.run(['incidents', 'close', id, '--reason', 'cache is warm'], { as: 'olga' });
    expect((await cli.read(ListIncidentsResponseSchema, ['incidents', 'list'])).incidents).toEqual([]);
    const all = await cli.read(ListIncidentsResponseSchema, ['incidents', 'list', '--all']);
    expect(all.incidents.map((each) => each.id)).toEqual([id]);
    const [again] = await cli.refused(['incidents', 'close', id], { exit: 5 });
    expect(again?.code).toBe('INCIDENT_CLOSED');
    const [nobody] = await cli.refused(['incidents', 'close', 'nobody'], { exit: 4 });
    expect(nobody?.code).toBe('INCIDENT_NOT_FOUND');
    const records = await readAudit(cli, ['--subject', `incident/${id}`]);
    expect(records.map((each) => [each.actor, each.action])).toEqual([
      ['olga', 'incident.open'],
      ['olga', 'incident.close'],
      // The attempt to close it again is on record as well.
      ['dev-admin', 'incident.close'],
    ]);
    expect(records.map((each) => each.outcome === 'ok')).toEqual([true, true, false]);
  });

  test('from which policy throttles lets one move run at a time', async () => {
    const { cli } = world;
    const id = await openIncident('warning');
    await cli.run(['fleet', 'reset']);
    const { plan } = await makePlan(cli, ['--max-moves', '3']);
    const verdict = plan.verdicts.find((each) => each.code === 'GUARDRAIL_INCIDENT');
    expect([verdict?.decision, verdict?.subject]).toEqual([VerdictDecision.THROTTLE, `incident/${id}`]);
    await approvePlan(cli, plan);
    await untilStatus(cli, plan.id, PlanStatus.COMPLETED);
    expect((await readFleet(cli)).maxConcurrentMoves).toBe(1);
    await cli.run(['incidents', 'close', id]);
  });

  test('from which policy halts lets nothing move until it is closed', async () => {
    const { cli } = world;
    const id = await openIncident('critical');
    await cli.run(['fleet', 'reset']);
    const { plan } = await makePlan(cli, ['--max-moves', '2']);
    await approvePlan(cli, plan);
    await waitFor('the controller to say what it waits for', 20_000, async () => {
      const { diagnosis } = await cli.read(ControllerSchema, ['controllers', 'show']);
      return diagnosis?.code === 'GUARDRAIL_INCIDENT';
    });
    expect((await showPlan(cli, plan.id)).plan.status).toBe(PlanStatus.APPROVED);
    expect((await readFleet(cli)).moves).toEqual([]);
    await cli.run(['incidents', 'close', id]);
    await untilStatus(cli, plan.id, PlanStatus.COMPLETED);
  });
});
