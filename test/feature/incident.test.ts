import { expect, test } from 'bun:test';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { IncidentSchema } from '../../src/gen/meshkit/rebalancer/v1/incident_pb.ts';
import { PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { briskSpec, byMemoryOnly, unevenFleet } from './brisk-policy.ts';
import { type Flow, patienceMs, startFlow } from './flow.ts';

const incidents = { throttleFrom: 'warning', throttledConcurrency: 2, haltFrom: 'critical' };
/** Copies alone, slow enough to overlap. */
const policy = briskSpec({ dimensions: byMemoryOnly, incidents });

test('an incident of severity warning slows a plan down to the throttled concurrency', async () => {
  await using flow = await startFlow({ fleet: unevenFleet(30), policy });
  const id = await openIncident(flow, 'warning');
  const slow = await flow.makePlan('--max-moves', '10');
  await flow.approve(slow, 'bob', '--wait', '--quiet');
  expect((await flow.plan(slow.id)).status).toBe(PlanStatus.COMPLETED);
  expect((await flow.fleet()).maxConcurrentMoves).toBe(2);

  await flow.cli.run(['incidents', 'close', id, '--reason', 'over'], { as: 'ann' });
  await flow.cli.run(['fleet', 'reset']);
  const normal = await flow.makePlan('--max-moves', '10');
  await flow.approve(normal, 'bob', '--wait', '--quiet');
  const { maxConcurrentMoves } = await flow.fleet();
  expect(maxConcurrentMoves).toBeGreaterThan(2);
  expect(maxConcurrentMoves).toBeLessThanOrEqual(6);
});

test('a critical incident halts a plan that runs; closing it lets the plan go on to its end', async () => {
  await using flow = await startFlow({ fleet: unevenFleet(20), policy });
  const plan = await flow.makePlan();
  await flow.approve(plan);
  await waitFor('moves to run', patienceMs, async () => (await flow.fleet()).executedMoves > 0);

  const id = await openIncident(flow, 'critical');
  const halted = await flow.planReaches(plan.id, PlanStatus.PAUSED);
  expect(halted.outcome?.code).toBe('GUARDRAIL_INCIDENT');
  await waitFor('moves in flight to end', patienceMs, async () => (await flow.fleet()).concurrentMoves === 0);
  const atHalt = (await flow.fleet()).executedMoves;
  for (let look = 0; look < 3; look++) await flow.cli.run(['controllers', 'evaluate']);
  expect((await flow.fleet()).executedMoves).toBe(atHalt);

  await flow.cli.run(['incidents', 'close', id], { as: 'ann' });
  await flow.planReaches(plan.id, PlanStatus.COMPLETED);
  expect(BigInt((await flow.fleet()).executedMoves)).toBe(plan.summary?.moves ?? -1n);
});

test('a plan that is approved under a critical incident waits for its end', async () => {
  await using flow = await startFlow({ fleet: unevenFleet(), policy });
  const plan = await flow.makePlan('--max-moves', '3');
  const id = await openIncident(flow, 'critical');
  await flow.approve(plan);
  await waitFor(
    'the controller to say why it waits',
    patienceMs,
    async () => (await flow.controller()).diagnosis?.code === 'GUARDRAIL_INCIDENT',
  );
  expect((await flow.plan(plan.id)).status).toBe(PlanStatus.APPROVED);
  expect((await flow.fleet()).executedMoves).toBe(0);

  await flow.cli.run(['incidents', 'close', id], { as: 'ann' });
  await flow.planReaches(plan.id, PlanStatus.COMPLETED);
});

async function openIncident(flow: Flow, severity: string): Promise<string> {
  const open = ['incidents', 'open', 'checkout latency', '--severity', severity];
  return (await flow.cli.read(IncidentSchema, open, { as: 'ann' })).id;
}
