import { expect, test } from 'bun:test';
import { defaultDimensionPolicy } from '../domain/policy-dimensions.ts';
import { placementOf, violationsOf } from './check-placement.ts';
import { fleet, freePolicy, node, requestFor, shard } from './fleet.testing.ts';

test('a share of load binds the count of replicas too, where policy balances it and no fleet reports it', () => {
  const snapshot = fleet(
    ['cpu'],
    [node('a', 1), node('b', 1, { zone: 'z2' })],
    ['s1', 's2', 's3', 's4'].map((id) => shard(id, [id === 's4' ? 'b' : 'a'], [id === 's4' ? 3 : 1])),
  );
  const placement = { maxShareOfLoadPerNode: 0.5, maxShareOfLoadPerZone: 0.5 };
  const plain = freePolicy(['cpu'], { placement });
  const counting = { ...plain, dimensions: [...plain.dimensions, defaultDimensionPolicy('replicas')] };
  const subjects = (policy: typeof plain): string[] => {
    const request = requestFor(snapshot, policy);
    return [...violationsOf(request, placementOf(request)).keys()];
  };
  expect(subjects(plain)).toEqual([]);
  expect(subjects(counting)).toEqual(['shareOfLoad/a/replicas', 'shareOfLoad/zone/z1/replicas']);
});
