import { expect, test } from 'bun:test';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { briskSpec, noCooldown, unevenFleet } from './brisk-policy.ts';
import { type Flow, patienceMs, startFlow } from './flow.ts';

const fewMoves = ['--max-moves', '4'];
const dayMs = 86_400_000;

test('where policy asks for a change ticket, a plan starts only with one that matches the whole pattern', async () => {
  const changeControl = { ticketRequired: true, ticketPattern: 'CHG-[0-9]{4}' };
  await using flow = await startFlow({ fleet: unevenFleet(), policy: briskSpec({ changeControl }) });
  const plan = await flow.makePlan(...fewMoves);
  const without = await flow.refusedApproval(plan, 'bob', 6);
  expect(without[0]).toMatchObject({ code: 'GUARDRAIL_CHANGE_TICKET' });
  const approve = ['shards', 'rebalance', 'approve', plan.id, '--digest', plan.digest];
  const other = await flow.cli.refused([...approve, '--ticket', 'CHG-12345'], { as: 'bob', exit: 6 });
  expect(other[0]?.code).toBe('GUARDRAIL_CHANGE_TICKET');

  await flow.approve(plan, 'bob', '--ticket', 'CHG-1234', '--wait', '--quiet');
  expect(await flow.plan(plan.id)).toMatchObject({ status: PlanStatus.COMPLETED, changeTicket: 'CHG-1234' });
  const trail = await flow.auditOf(`plan/${plan.id}`);
  const approvals = trail.filter((record) => record.action === 'plan.approve' && record.outcome === 'ok');
  expect(approvals.map((record) => record.changeTicket)).toEqual(['CHG-1234']);
});

test('a freeze holds an approved plan back, and says until when', async () => {
  const until = new Date(Math.ceil(Date.now() / dayMs + 2) * dayMs).toISOString();
  const freezes = [{ from: new Date(Date.now() - dayMs).toISOString(), until, reason: 'year-end close' }];
  await using flow = await startFlow({
    fleet: unevenFleet(),
    policy: briskSpec({ changeControl: { freezes } }),
  });
  const held = await approvedAndHeld(flow, 'GUARDRAIL_FREEZE');
  expect(held).toContain(until);
  expect(held).toContain('year-end close');
});

test('outside of its change windows a plan waits, and says when the next one opens', async () => {
  // A window on the weekday that is half a week away is closed now, in every time zone.
  const far = ((new Date().getUTCDay() + 3) % 7) + 1;
  const windows = [{ days: [far], start: '10:00', end: '11:00', timeZone: 'UTC' }];
  await using flow = await startFlow({
    fleet: unevenFleet(),
    policy: briskSpec({ changeControl: { windows } }),
  });
  expect(await approvedAndHeld(flow, 'GUARDRAIL_CHANGE_WINDOW')).toMatch(/\d{4}-\d\d-\d\dT10:00:00/);
});

/** Approves a plan that must not start; the words of the verdict that holds it, remedy included. */
async function approvedAndHeld(flow: Flow, code: string): Promise<string> {
  const plan = await flow.makePlan(...fewMoves);
  await flow.approve(plan);
  await waitFor(
    `${code} to hold the plan back`,
    patienceMs,
    async () => (await flow.controller()).diagnosis?.code === code,
  );
  expect((await flow.plan(plan.id)).status).toBe(PlanStatus.APPROVED);
  expect((await flow.fleet()).executedMoves).toBe(0);
  const verdict = (await flow.controller()).verdicts.find((each) => each.code === code);
  expect(verdict?.remedy).not.toBe('');
  return `${verdict?.message} ${verdict?.remedy}`;
}

test('after a plan the namespace rests; somebody privileged may override that by name, and it is audited', async () => {
  const cooldown = { ...noCooldown, namespace: '1h' };
  await using flow = await startFlow({ fleet: unevenFleet(), policy: briskSpec({ cooldown }) });
  const first = await flow.makePlan(...fewMoves);
  await flow.approve(first, 'bob', '--wait', '--quiet');

  const held = await flow.makePlan(...fewMoves);
  const verdict = held.verdicts.find((each) => each.code === 'GUARDRAIL_COOLDOWN_NAMESPACE');
  expect(verdict?.remedy).toMatch(/Wait until \d{4}-/);
  await flow.approve(held);
  await waitFor(
    'the cooldown to hold it back',
    patienceMs,
    async () => (await flow.controller()).diagnosis?.code === 'GUARDRAIL_COOLDOWN_NAMESPACE',
  );
  await flow.cli.run(['shards', 'rebalance', 'cancel', held.id, '--yes'], { as: 'ann' });

  const why = 'agreed with the owners';
  const forced = await flow.makePlan(...fewMoves, '--override', `COOLDOWN_NAMESPACE=${why}`);
  const overridden = forced.verdicts.find((each) => each.code === 'GUARDRAIL_COOLDOWN_NAMESPACE');
  expect(overridden?.overriddenBy).toBe('ann');
  await flow.approve(forced, 'bob', '--wait', '--quiet');
  expect((await flow.plan(forced.id)).status).toBe(PlanStatus.COMPLETED);
  const trail = JSON.stringify((await flow.auditOf(`plan/${forced.id}`)).map((record) => record.details));
  expect(trail).toContain('GUARDRAIL_COOLDOWN_NAMESPACE');
});

test('nobody overrides the least number of healthy replicas', async () => {
  await using flow = await startFlow({ fleet: unevenFleet(), policy: briskSpec() });
  const plan = ['shards', 'rebalance', 'plan', '--override', 'MIN_HEALTHY_REPLICAS=I know better'];
  const [problem] = await flow.cli.refused(plan, { as: 'root', exit: 3 });
  expect(problem?.code).toBe('OVERRIDE_FORBIDDEN');
});
