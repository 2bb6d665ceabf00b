import { expect, test } from 'bun:test';
import { forbiddenMoves, placementOf, violationsOf } from './check-placement.ts';
import { computePlan } from './compute-plan.ts';
import { fleet, freePolicy, node, requestFor, shard } from './fleet.testing.ts';

test.each([
  ['require', ['ssd', 'hdd']],
  ['forbid', ['none', 'none']],
] as const)('a label rule that %ss a label without values speaks of every value of it', (effect, kinds) => {
  const nodes = [
    node('ssd', 1, { labels: { disk: 'ssd' } }),
    node('hdd', 1, { labels: { disk: 'hdd' } }),
    node('none', 1),
  ];
  const home = effect === 'require' ? 'none' : 'ssd';
  const shards = ['s1', 's2'].map((id) => shard(id, [home], [10]));
  const policy = freePolicy(['cpu'], {});
  const labels = [{ select: {}, effect, label: 'disk', values: [] }];
  const request = requestFor(fleet(['cpu'], nodes, shards), {
    ...policy,
    placement: { ...policy.placement, labels },
  });
  expect(violationsOf(request, placementOf(request)).size).toBe(2);
  const planned = computePlan(request);
  const moves = planned.ok ? planned.value.moves : [];
  expect(moves.map((move) => move.destination).sort()).toEqual([...kinds].sort());
  expect(forbiddenMoves(request, moves)).toEqual([]);
});
