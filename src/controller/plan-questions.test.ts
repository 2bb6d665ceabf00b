import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { ExplanationSubject } from '../domain/explanation.ts';
import type { WhatIfChange } from '../domain/what-if-change.ts';
import {
  applyPolicy,
  type Bench,
  by,
  codes,
  createBench,
  namespace,
  request,
  value,
} from './rebalancer.testing.ts';
import type { PlanExplanation, PlanView, WhatIfRequest } from './rebalancer.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench({
    fleet: { peakToMean: 1.6 },
    policy: { triggers: { confirmationMs: 3_600_000 } },
  });
});
afterEach(() => bench.stop());

const plans = () => bench.core().plans;

async function create(change: Parameters<typeof request>[0] = {}): Promise<PlanView> {
  return value(await plans().create(request(change), by('ann')));
}

async function explain(id: string, subject: ExplanationSubject): Promise<PlanExplanation> {
  return value(await plans().explain(id, subject, 3));
}

const drainOne: WhatIfChange = { kind: 'drainNodes', nodes: { node: 'n0001', zone: '' } };

function ask(change: Partial<WhatIfRequest> = {}) {
  return plans().whatIf({ namespace, changes: [drainOne], seed: 1, ...change }, by('ann'));
}

describe('asking why', () => {
  test('a shard that moves is answered with its move, one that stays with the reason', async () => {
    const { plan, moves } = await create({ dryRun: true });
    const move = moves.find((each) => each.kind === 'relocate');
    if (!move) throw new Error('the plan relocates nothing');
    const told = await explain(plan.id, { kind: 'shard', id: move.shard });
    if (told.explanation.kind !== 'shard') throw new Error('a shard was asked about');
    const moved = told.explanation.shard.replicas.find((each) => each.replica === move.replica);
    expect(moved).toMatchObject({ before: move.source, stay: null });
    expect(moved?.moves).toEqual(moves.filter((each) => each.shard === move.shard));
    const stayed = told.explanation.shard.replicas.filter((each) => each.stay);
    for (const { stay } of stayed) expect(stay?.message).not.toBe('');
  });

  test('a node is answered with what leaves it, and with its loads before and after', async () => {
    const { plan, moves } = await create({ dryRun: true });
    const source = moves[0]?.source ?? '';
    const { explanation } = await explain(plan.id, { kind: 'node', id: source });
    if (explanation.kind !== 'node') throw new Error('a node was asked about');
    expect(explanation.node.leavesCount).toBe(moves.filter((each) => each.source === source).length);
    expect(explanation.node.loads[0]?.after).toBeLessThan(explanation.node.loads[0]?.before ?? 0);
  });

  test('the budget that the author narrowed is the one that is used up', async () => {
    const { plan, moves } = await create({ dryRun: true, budget: { maxMoves: 1 } });
    expect(plan.budget).toMatchObject({ maxMoves: 1 });
    const { explanation } = await explain(plan.id, { kind: 'node', id: moves[0]?.source ?? '' });
    if (explanation.kind !== 'node') throw new Error('a node was asked about');
    expect(explanation.node.stays.map((each) => each.stay)).toContainEqual(
      expect.objectContaining({ code: 'budgetMoves', observed: 1, limit: 1 }),
    );
  });

  test('the policy is that of the plan, whatever was applied since', async () => {
    const { plan, moves } = await create({ dryRun: true });
    const stay = [{ select: {}, effect: 'stay' as const, nodes: [] }];
    await applyPolicy(bench, { placement: { pins: stay } });
    const after = await create({ dryRun: true });
    const moved = moves.find((each) => each.kind === 'relocate')?.shard ?? '';
    const subject = { kind: 'shard' as const, id: moved };
    const before = await explain(plan.id, subject);
    if (before.explanation.kind !== 'shard') throw new Error('a shard was asked about');
    expect(before.explanation.shard.replicas.some((each) => each.stay === null)).toBe(true);
    const now = await explain(after.plan.id, subject);
    if (now.explanation.kind !== 'shard') throw new Error('a shard was asked about');
    expect(now.explanation.shard.replicas.map((each) => each.stay?.code)).toEqual(['pin', 'pin']);
  });

  test('what is not there is refused by its name', async () => {
    const { plan } = await create({ dryRun: true });
    const refused = async (id: string, subject: ExplanationSubject, limit = 3) =>
      codes(await plans().explain(id, subject, limit));
    expect(await refused('nope', { kind: 'node', id: 'n0001' })).toEqual(['PLAN_NOT_FOUND']);
    expect(await refused(plan.id, { kind: 'node', id: 'n9' })).toEqual(['NODE_NOT_FOUND']);
    expect(await refused(plan.id, { kind: 'shard', id: 's9' })).toEqual(['SHARD_NOT_FOUND']);
    expect(await refused(plan.id, { kind: 'node', id: 'n0001' }, 101)).toEqual(['FIELD_INVALID']);
  });
});

describe('asking what if', () => {
  test('a node were drained: it is empty afterwards, and the fleet of today is as it was', async () => {
    const answer = value(await ask());
    expect(answer).toMatchObject({
      changes: ['drain=n0001'],
      policyChanged: false,
      kind: 'drain',
      today: { nodes: 8, nodesToVacate: 0 },
      supposed: { nodes: 8, takingNodes: 7, nodesToVacate: 1 },
    });
    expect(answer.supposed.replicasToVacate).toBe(answer.summary.toVacateBefore);
    expect(answer.summary.toVacateAfter).toBe(0);
    expect(answer.supposedSnapshotDigest).not.toBe(answer.snapshotDigest);
    const nodes = value(await bench.core().nodes.list(namespace));
    expect(nodes.every(({ node }) => node.adminState === 'active')).toBe(true);
  });

  test('there were more nodes: they are filled', async () => {
    const change: WhatIfChange = {
      kind: 'addNodes',
      count: 2,
      like: 'n0001',
      region: '',
      zone: '',
      rack: '',
    };
    const answer = value(await ask({ changes: [change] }));
    expect(answer.supposed.nodes).toBe(10);
    expect(answer.moves.some((each) => each.destination === 'what-if-00001')).toBe(true);
  });

  test('the policy were another one: the plan is of that policy', async () => {
    const answer = value(await ask({ changes: [], policy: { budget: { maxMoves: 2 } } }));
    expect(answer).toMatchObject({ policyChanged: true, changes: [] });
    expect(answer.summary.moves).toBeLessThanOrEqual(2);
    expect(answer.snapshotDigest).toBe(answer.supposedSnapshotDigest);
  });

  test('equal questions have equal answers', async () => {
    const first = value(await ask());
    expect(value(await ask())).toEqual(first);
  });

  test('nothing of it is stored but that it was asked', async () => {
    const before = await bench.store.plans({ pageSize: 500 });
    const answer = value(await ask());
    expect(await bench.store.plans({ pageSize: 500 })).toEqual(before);
    expect(await bench.store.snapshot(answer.supposedSnapshotDigest)).toBeUndefined();
    const [record] = await bench.store.auditRecords({ limit: 10, action: 'plan.whatIf' });
    expect(record).toMatchObject({ actor: 'ann', outcome: 'ok', details: { changes: 'drain=n0001' } });
  });

  test('it is answered while a plan is pending, and under a policy that only observes', async () => {
    await create();
    expect(codes(await ask())).toEqual([]);
    await applyPolicy(bench, { mode: 'observe' });
    expect(codes(await ask())).toEqual([]);
  });

  test('what makes no sense is refused with its place, and audited', async () => {
    const wrong = await ask({ changes: [{ kind: 'drainNodes', nodes: { node: 'n9', zone: '' } }] });
    expect(wrong).toMatchObject({
      error: [{ code: 'NODE_NOT_FOUND', field: 'changes[0].drainNodes.node', value: 'n9' }],
    });
    expect(codes(await ask({ policy: { budget: { maxMoves: -1 } } }))).toContain('POLICY_INVALID');
    expect(codes(await ask({ seed: -1 }))).toEqual(['FIELD_INVALID']);
    expect(codes(await ask({ namespace: 'nope' }))).toEqual(['NAMESPACE_NOT_FOUND']);
    const records = await bench.store.auditRecords({ limit: 10, action: 'plan.whatIf' });
    expect(records.map((each) => each.outcome)).toEqual([
      'NODE_NOT_FOUND',
      'POLICY_INVALID',
      'FIELD_INVALID',
      'NAMESPACE_NOT_FOUND',
    ]);
  });
});
