import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { PlanFile } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { ObstacleCode, PlanFileSchema } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import {
  ExplainPlanResponseSchema,
  ListPlansResponseSchema,
  WhatIfResponseSchema,
} from '../../src/gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { devToken } from '../support/client.ts';
import { author, makePlan, readFleet } from '../support/plans.ts';
import { quickPolicy } from '../support/policies.ts';
import { exchange, openWire } from '../support/wires.ts';
import { createWorld, namespace, type World } from '../support/world.ts';

/** Asking why and what if, of the executable: a plan that waits, a service that answers, and files of the same moment. */
let world: World;
let planId: string;
let file: PlanFile;
const rebalance = ['shards', 'rebalance'];
beforeAll(async () => {
  world = await createWorld({ policy: quickPolicy() });
  planId = (await makePlan(world.cli, ['--max-moves', '2'])).plan.id;
  file = await world.cli.read(PlanFileSchema, [...rebalance, 'show', planId]);
});
afterAll(() => world[Symbol.asyncDispose]());

const explain = (...args: readonly string[]) =>
  world.cli.read(ExplainPlanResponseSchema, [...rebalance, 'explain', planId, ...args]);
const whatIf = (...args: readonly string[]) =>
  world.cli.read(WhatIfResponseSchema, [...rebalance, 'plan', ...args], { as: author });

describe('a stored plan is asked why', () => {
  test('about a shard that moves: its moves with their worth, on the snapshot of the plan', async () => {
    const [move] = file.moves;
    const told = await explain('--shard', move?.shard ?? '');
    expect(told).toMatchObject({ planId, snapshotDigest: file.plan?.snapshotDigest });
    if (told.explanation.case !== 'shard') throw new Error('a shard was asked about');
    const moves = told.explanation.value.replicas.flatMap((each) => each.moves);
    expect(moves).toContainEqual(move as NonNullable<typeof move>);
  });

  test('about a node: what leaves, and the budget of this plan for what stays', async () => {
    const told = await explain('--node', file.moves[0]?.source ?? '', '--limit', '100');
    if (told.explanation.case !== 'node') throw new Error('a node was asked about');
    const { leavesCount, stays, loads } = told.explanation.value;
    expect(Number(leavesCount)).toBeGreaterThan(0);
    expect(loads.length).toBeGreaterThan(0);
    expect(stays.map((each) => each.stay?.code)).toContain(ObstacleCode.BUDGET_MOVES);
  });

  test('over REST, with the problem document of what is not there', async () => {
    await using wire = await openWire(world.service(), 'h2');
    const headers = { authorization: `Bearer ${devToken(world.service(), 'read')}` };
    const path = `/meshkit/rebalance-plans/${planId}:explain`;
    const found = await exchange(wire, `${path}?node=${file.moves[0]?.source}`, { headers });
    expect(found.status).toBe(200);
    expect(JSON.parse(found.text)).toMatchObject({ planId, node: { node: file.moves[0]?.source } });
    const missing = await exchange(wire, `${path}?shard=nope`, { headers });
    expect(missing.status).toBe(404);
    expect(JSON.parse(missing.text)).toMatchObject({ code: 'SHARD_NOT_FOUND' });
  });

  test('with exit code 4 for what is not there', async () => {
    const codeOf = async (...args: string[]) =>
      (await world.cli.answer([...rebalance, 'explain', ...args])).code;
    expect(await codeOf('nope', '--node', 'a')).toBe(4);
    expect(await codeOf(planId, '--node', 'nope')).toBe(4);
    expect(await codeOf(planId, '--shard', 'nope')).toBe(4);
  });
});

describe('the planner is asked what if', () => {
  test('more load, more nodes, a drained one: an answer, and no plan', async () => {
    const node = file.moves[0]?.source ?? '';
    const answer = await whatIf(
      ...['--what-if', `add-nodes=2,like=${node}`],
      ...['--what-if', `drain=${node}`, '--what-if', 'scale-load=1.2'],
    );
    expect(answer.changes).toEqual([`add-nodes=2,like=${node}`, `drain=${node}`, 'scale-load=1.2']);
    expect(Number(answer.supposed?.nodes)).toBe(Number(answer.today?.nodes) + 2);
    expect(Number(answer.summary?.toVacateAfter)).toBe(0);
    expect(answer.moves.some((each) => each.destination === 'what-if-00001')).toBe(true);
    const { plans } = await world.cli.read(ListPlansResponseSchema, [...rebalance, 'list']);
    expect(plans.map((each) => each.id)).toEqual([planId]);
    expect((await readFleet(world.cli)).executedMoves).toBe(0);
  });

  test('is in the audit trail with the principal who asked', async () => {
    await whatIf('--what-if', 'scale-load=1.1', '--reason', 'black friday');
    const trail = await world.cli.run(['audit', 'list', '--action', 'plan.whatIf']);
    expect(trail).toContain(author);
    expect(trail).toContain('black friday');
  });

  test('answers from files what the service answers', async () => {
    const answer = await whatIf('--what-if', 'grow=2,dimension=cpu');
    await world.cli.run(['snapshot', 'export', '--namespace', namespace, '--out', 'fleet.json']);
    const files = ['--snapshot', 'fleet.json', '--policy', 'policy.yaml'];
    const offline = await world.cli.read(WhatIfResponseSchema, [
      ...[...rebalance, 'plan', ...files, '--what-if', 'grow=2,dimension=cpu'],
    ]);
    expect(offline.changes).toEqual(answer.changes);
    expect(offline.supposed?.nodes).toEqual(answer.supposed?.nodes);
    expect(
      await world.cli.run([...rebalance, 'plan', ...files, '--what-if', 'grow=2,dimension=cpu']),
    ).toContain('nothing can be approved');
  });

  test('what makes no sense is named', async () => {
    const answer = await world.cli.answer([...rebalance, 'plan', '--what-if', 'drain-zone=nowhere'], {
      as: author,
    });
    expect(answer).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--what-if drain-zone=nowhere'),
    });
  });
});
