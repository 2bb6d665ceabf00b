import { describe, expect, test } from 'bun:test';
import { defaultDimensionPolicy, dimensionPolicies } from './policy-dimensions.ts';

const cpu = { name: 'cpu', unit: 'cores' };
const disk = { name: 'disk', unit: 'GiB' };
const namesOf = (
  listed: readonly string[],
  measured: readonly { name: string; unit: string }[],
): readonly string[] =>
  dimensionPolicies({ dimensions: listed.map(defaultDimensionPolicy) }, { dimensions: measured }).map(
    ({ name }) => name,
  );

describe('the dimensions that a policy balances', () => {
  test('are those that it lists, in its order', () => {
    expect(namesOf(['disk', 'cpu'], [cpu, disk])).toEqual(['disk', 'cpu']);
    expect(namesOf(['replicas'], [cpu])).toEqual(['replicas']);
  });

  test('are all of the snapshot when it lists none', () => {
    expect(namesOf([], [cpu, disk])).toEqual(['cpu', 'disk']);
  });

  test('are the number of replicas when nothing is measured', () => {
    expect(namesOf([], [])).toEqual(['replicas']);
  });

  test('are held on both sides by default where bytes are copied', () => {
    const transient = ['cpu', 'disk', 'memory', 'requests'].map(
      (name) => defaultDimensionPolicy(name).transient,
    );
    expect(transient).toEqual([false, true, true, false]);
  });
});
