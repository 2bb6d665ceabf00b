import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { type Event, EventSchema, EventType } from '../../src/gen/meshkit/rebalancer/v1/event_pb.ts';
import { PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { GetStatusResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { approvePlan, approver, makePlan, showPlan, untilStatus } from '../support/plans.ts';
import { quickPolicy } from '../support/policies.ts';
import { createWorld, type World } from '../support/world.ts';

const rebalance = ['shards', 'rebalance'];

describe('a watch of one plan', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ policy: quickPolicy() });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  test('follows it from approval to its end, and ends with 0 when it completed', async () => {
    const { cli } = world;
    const { plan, moves } = await makePlan(cli, ['--max-moves', '4']);
    const approve = [...rebalance, 'approve', plan.id, '--digest', plan.digest, '--wait'];
    const text = await cli.run(approve, { as: approver });
    expect(text.match(/moveEnded/g)?.length).toBe(moves.length);
    expect(text).toContain('from=executing to=completed');
    expect(text).toContain(`${moves.length} of ${moves.length} moves done`);
  });

  test('of a plan that has ended ends at once', async () => {
    const { cli } = world;
    const { plan } = await makePlan(cli, ['--max-moves', '2']);
    await approvePlan(cli, plan);
    await untilStatus(cli, plan.id, PlanStatus.COMPLETED);
    await cli.run([...rebalance, 'watch', plan.id]);
  });
});

describe('a watch of every event', () => {
  test('sees each event once and misses none, across a restart of the service', async () => {
    await using world = await createWorld({ timeScale: 20, policy: quickPolicy() });
    const { cli } = world;
    const { eventHead } = await cli.read(GetStatusResponseSchema, ['status']);
    const from = ['--resume-token', String(eventHead)];
    const watch = cli.begin([...rebalance, 'watch', ...from, '-o', 'json']);
    const { plan } = await makePlan(cli, ['--max-moves', '10']);
    await approvePlan(cli, plan);
    await waitFor(
      'a few moves',
      30_000,
      async () => Number((await showPlan(cli, plan.id)).plan.progress?.done) >= 3,
      20,
    );
    await world.restart('SIGKILL');
    await untilStatus(cli, plan.id, PlanStatus.COMPLETED);
    const { eventHead: head } = await cli.read(GetStatusResponseSchema, ['status']);
    const seen = await eventsOf(watch, head);
    expect(seen.map((event) => event.sequence)).toEqual(consecutive(eventHead + 1n, head));
    const ended = seen.filter((event) => event.type === EventType.MOVE_ENDED);
    expect(ended.length).toBe(Number(plan.summary?.moves));

    // Whoever comes back later with the token sees exactly the rest.
    const later = cli.begin([...rebalance, 'watch', '--resume-token', String(head - 5n), '-o', 'json']);
    const rest = await eventsOf(later, head);
    expect(rest).toEqual(seen.slice(-5));
  });

  test('says how to resume when it is interrupted', async () => {
    await using world = await createWorld();
    const { cli } = world;
    const watch = cli.begin([...rebalance, 'watch', '--resume-token', '0', '-o', 'json']);
    const opened = cli.run(['incidents', 'open', 'trouble']);
    await opened;
    await Bun.sleep(500);
    watch.interrupt();
    const answer = await watch.answer;
    expect(answer.code).toBe(130);
    const last = readEvents(answer.stdout).at(-1)?.sequence ?? 0n;
    expect(answer.stderr).toContain(`--resume-token ${last}`);
  });
});

/** Lets a watch go on until it has had time to see `head`, then interrupts it. */
async function eventsOf(watch: ReturnType<World['cli']['begin']>, head: bigint): Promise<readonly Event[]> {
  await waitFor(`event ${head}`, 30_000, () => (readEvents(watch.output()).at(-1)?.sequence ?? 0n) >= head);
  watch.interrupt();
  return readEvents((await watch.answer).stdout).filter((event) => event.sequence <= head);
}

function readEvents(text: string): readonly Event[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => fromJson(EventSchema, JSON.parse(line) as JsonValue));
}

function consecutive(first: bigint, last: bigint): bigint[] {
  return Array.from({ length: Number(last - first) + 1 }, (_, index) => first + BigInt(index));
}
