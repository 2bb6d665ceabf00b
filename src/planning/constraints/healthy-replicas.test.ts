import { describe, expect, test } from 'bun:test';
import type { Node } from '../../domain/node.ts';
import { computePlan } from '../compute-plan.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../fleet.testing.ts';

const draining: Partial<Node> = { adminState: 'draining' };
const dead: Partial<Node> = { status: 'dead' };

function plan(nodes: readonly Node[], shards: ReturnType<typeof shard>[], maxMoves: number) {
  const policy = freePolicy(['cpu'], { placement: { minHealthyReplicas: 1 }, budget: { maxMoves } });
  const planned = computePlan(requestFor(fleet(['cpu'], nodes, shards), policy));
  if (!planned.ok) throw new Error(planned.error.map(({ message }) => message).join('; '));
  return planned.value;
}

describe('a healthy replica that its shard cannot do without', () => {
  test('takes no budget from moves that can be made: what is lost is restored first', () => {
    const nodes = [node('a', 1, draining), node('b', 1, dead), node('c', 1), node('d', 1)];
    const { moves } = plan(nodes, [shard('s0', ['a', 'b'], [5])], 1);
    expect(moves.map(({ source }) => source)).toEqual(['b']);
  });

  test('leaves when one that was lost has been restored', () => {
    const nodes = [node('a', 1, draining), node('b', 1, dead), node('c', 1), node('d', 1)];
    const { moves, obstacles } = plan(nodes, [shard('s0', ['a', 'b'], [5])], 10);
    expect(moves.map(({ source, wave }) => [source, wave])).toEqual([
      ['b', 0],
      ['a', 1],
    ]);
    expect(obstacles).toEqual([]);
  });

  test('stays where none of them can be restored, and that is said', () => {
    const nodes = [node('a', 1, draining), node('b', 1, dead), node('c', 1)];
    const plain = shard('s0', ['a', 'b'], [5]);
    // One node takes replicas, and what is lost does not fit there.
    const [kept, lost] = plain.replicas;
    const replicas = [kept, { ...lost, loads: [500] }];
    const { moves, obstacles } = plan(nodes, [{ ...plain, replicas }], 10);
    expect(moves).toEqual([]);
    expect(obstacles.map(({ code, message }) => [code, message.split(':')[0]])).toEqual([
      ['cooldown', 'replica 0 stays on node a'],
      ['capacity', 'replica 1 stays on node b'],
    ]);
  });

  test('lost replicas go before those that leave, whatever their size, where the budget is short', () => {
    const nodes = [node('a', 1, draining), node('b', 1, dead), node('c', 1), node('d', 1)];
    const shards = [shard('s0', ['a'], [50]), shard('s1', ['b', 'd'], [1])];
    expect(plan(nodes, shards, 1).moves.map(({ shard: moved }) => moved)).toEqual(['s1']);
  });
});
