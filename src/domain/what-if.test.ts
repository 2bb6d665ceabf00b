import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { fleet, node, shard } from '../planning/fleet.testing.ts';
import type { Snapshot } from './snapshot.ts';
import { digestSnapshot } from './snapshot-digest.ts';
import { validateSnapshot } from './snapshot-validate.ts';
import { applyWhatIf, describeChange } from './what-if.ts';
import { maxWhatIfChanges, type WhatIfChange } from './what-if-change.ts';

const today = fleet(
  ['cpu', 'disk'],
  [node('a', 2), node('b', 2, { zone: 'z2', rack: 'k2' }), node('z', 2, { zone: 'z2', target: [50, 60] })],
  [
    shard('orders-1', ['a', 'b'], [10, 4], { group: 'orders' }),
    shard('orders-2', ['z', 'a'], [6, 2], { group: 'orders' }),
    shard('users-1', ['b', 'z'], [1, 8], { group: 'users' }),
  ],
);

const add = (change: Partial<Extract<WhatIfChange, { kind: 'addNodes' }>> = {}): WhatIfChange => ({
  kind: 'addNodes',
  count: 1,
  like: '',
  region: '',
  zone: '',
  rack: '',
  ...change,
});
const grow = (
  factor: number,
  change: { node?: string; zone?: string; dimension?: string } = {},
): WhatIfChange => ({
  kind: 'growNodes',
  nodes: { node: change.node ?? '', zone: change.zone ?? '' },
  factor,
  dimension: change.dimension ?? '',
});
const scale = (
  factor: number,
  change: { shard?: string; prefix?: string; group?: string; dimension?: string } = {},
): WhatIfChange => ({
  kind: 'scaleLoads',
  shards: { shard: change.shard ?? '', prefix: change.prefix ?? '', group: change.group ?? '' },
  factor,
  dimension: change.dimension ?? '',
});
const drain = (nodes: { node?: string; zone?: string }): WhatIfChange => ({
  kind: 'drainNodes',
  nodes: { node: '', zone: '', ...nodes },
});

function after(...changes: readonly WhatIfChange[]): Snapshot {
  const result = applyWhatIf(today, changes);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function refused(...changes: readonly WhatIfChange[]) {
  const result = applyWhatIf(today, changes);
  return result.ok ? [] : result.error;
}

/** Where each replica is, by ids. */
function placement({ nodes, shards }: Snapshot): readonly string[] {
  return Array.from(shards.replicaNodes, (index) => nodes[index]?.id ?? 'nowhere');
}

function totals({ shards, dimensions }: Snapshot): readonly number[] {
  return dimensions.map((_, d) =>
    shards.replicaLoads.reduce((sum, load, at) => sum + (at % dimensions.length === d ? load : 0), 0),
  );
}

describe('nodes that are added', () => {
  test('are empty, healthy and like the one named, and nobody else moves', () => {
    const made = after(add({ count: 2, like: 'z' }));
    expect(made.nodes.map((each) => each.id)).toEqual(['a', 'b', 'what-if-00001', 'what-if-00002', 'z']);
    expect(made.nodes[2]).toMatchObject({ zone: 'z2', rack: 'k1', capacity: [100, 100], target: [50, 60] });
    expect(placement(made)).toEqual(placement(today));
  });

  test('without a model are like the first of their zone; in a zone that is new in a rack of their own', () => {
    expect(after(add({ zone: 'z2' })).nodes.find((each) => each.id === 'what-if-00001')).toMatchObject({
      zone: 'z2',
      rack: 'k2',
    });
    expect(after(add({ zone: 'z9' })).nodes.find((each) => each.id === 'what-if-00001')).toMatchObject({
      zone: 'z9',
      region: 'r1',
      rack: 'what-if-00001',
    });
  });

  test('may be named by the changes after them', () => {
    const made = after(add(), drain({ node: 'what-if-00001' }), add());
    expect(made.nodes.filter((each) => each.id.startsWith('what-if')).map((each) => each.adminState)).toEqual(
      ['draining', 'active'],
    );
  });
});

test('nodes that are removed have left, drained ones are to be vacated: one by one or by the zone', () => {
  const gone = after({ kind: 'removeNodes', nodes: { node: 'b', zone: '' } });
  expect(gone.nodes.map((each) => each.status)).toEqual(['alive', 'left', 'alive']);
  const drained = after(drain({ zone: 'z2' }));
  expect(drained.nodes.map((each) => each.adminState)).toEqual(['active', 'draining', 'draining']);
});

test('a node that grows has more capacity and a higher target, where one dimension is named in that alone', () => {
  expect(after(grow(2, { node: 'z' })).nodes[2]).toMatchObject({ capacity: [200, 200], target: [100, 120] });
  expect(after(grow(1.5, { zone: 'z2', dimension: 'disk' })).nodes.map((each) => each.capacity)).toEqual([
    [100, 100],
    [100, 150],
    [100, 150],
  ]);
});

test('loads are scaled on the shards chosen, in the dimension chosen, and on no others', () => {
  expect(totals(today)).toEqual([34, 28]);
  expect(totals(after(scale(2)))).toEqual([68, 56]);
  expect(totals(after(scale(2, { group: 'orders', dimension: 'cpu' })))).toEqual([66, 28]);
  expect(totals(after(scale(0, { prefix: 'users' })))).toEqual([32, 12]);
  expect(totals(after(scale(3, { shard: 'orders-2' })))).toEqual([58, 36]);
});

describe('a change that makes no sense is refused with field, value, limit and remedy', () => {
  test.each<[string, WhatIfChange, string, string]>([
    ['an unknown node', drain({ node: 'n9' }), 'NODE_NOT_FOUND', 'changes[0].drainNodes.node'],
    ['an unknown model', add({ like: 'n9' }), 'NODE_NOT_FOUND', 'changes[0].addNodes.like'],
    ['an unknown zone', drain({ zone: 'z9' }), 'FIELD_INVALID', 'changes[0].drainNodes.zone'],
    [
      'a node and a zone',
      grow(2, { node: 'a', zone: 'z1' }),
      'FIELDS_CONTRADICT',
      'changes[0].growNodes.nodes.zone',
    ],
    [
      'an unknown dimension',
      grow(2, { dimension: 'gpu' }),
      'FIELD_INVALID',
      'changes[0].growNodes.dimension',
    ],
    ['no capacity at all', grow(0), 'FIELD_INVALID', 'changes[0].growNodes.factor'],
    ['a load below nothing', scale(-1), 'FIELD_INVALID', 'changes[0].scaleLoads.factor'],
    ['a factor that is none', scale(Number.NaN), 'FIELD_INVALID', 'changes[0].scaleLoads.factor'],
    ['an unknown group', scale(2, { group: 'nope' }), 'FIELD_INVALID', 'changes[0].scaleLoads.group'],
    ['a prefix of nothing', scale(2, { prefix: 'nope' }), 'SHARD_NOT_FOUND', 'changes[0].scaleLoads.prefix'],
    ['no node', add({ count: 0 }), 'FIELD_INVALID', 'changes[0].addNodes.count'],
  ])('%s', (_, change, code, field) => {
    const [problem] = refused(change);
    expect(problem).toMatchObject({ code, field } as object);
    expect(problem?.value).toBeDefined();
    expect(problem?.limit).toBeDefined();
    expect(problem?.remedy).toBeDefined();
  });

  test('nobody said what is drained', () => {
    expect(refused(drain({}))).toMatchObject([
      { code: 'FIELD_REQUIRED', field: 'changes[0].drainNodes.node' },
    ]);
  });

  test('every change that is wrong is named, with its place', () => {
    const wrong = refused(scale(2), drain({ node: 'n9' }), grow(-1));
    expect(wrong.map((each) => each.field)).toEqual([
      'changes[1].drainNodes.node',
      'changes[2].growNodes.factor',
    ]);
  });

  test('more changes than one question has', () => {
    const many = Array.from({ length: maxWhatIfChanges + 1 }, () => scale(1.1));
    expect(refused(...many)).toMatchObject([{ code: 'FIELD_INVALID', field: 'changes' }]);
  });

  test('loads that no number can hold', () => {
    const huge = Array.from({ length: maxWhatIfChanges }, () => scale(1_000));
    const big = fleet(['cpu'], [node('a', 1)], [shard('s', ['a'], [1e93])]);
    const result = applyWhatIf(big, huge);
    expect(result.ok ? [] : result.error.slice(0, 1)).toMatchObject([
      { code: 'FIELD_INVALID', field: 'changes[2].scaleLoads.factor', subject: 'shard/s' },
    ]);
    const wide = fleet(['cpu'], [node('a', 1, { capacity: [1e98] })], [shard('s', ['a'], [1])]);
    expect(applyWhatIf(wide, [grow(1_000)])).toMatchObject({ ok: false, error: [{ subject: 'node/a' }] });
    expect(applyWhatIf(wide, [grow(5e-324)])).toMatchObject({
      ok: false,
      error: [{ subject: 'node/a', limit: '1e-100 to 1e+100', remedy: 'Give a larger factor.' }],
    });
  });
});

test('changes are told in the words of the command line', () => {
  expect(describeChange(add({ count: 3, like: 'a', zone: 'z2' }))).toBe('add-nodes=3,like=a,zone=z2');
  expect(describeChange(drain({ node: 'a' }))).toBe('drain=a');
  expect(describeChange({ kind: 'removeNodes', nodes: { node: '', zone: 'z1' } })).toBe('remove-zone=z1');
  expect(describeChange(grow(1.5, { zone: 'z1', dimension: 'cpu' }))).toBe('grow=1.5,zone=z1,dimension=cpu');
  expect(describeChange(scale(1.3, { group: 'orders' }))).toBe('scale-load=1.3,group=orders');
});

describe('whatever is asked', () => {
  const name = fc.constantFrom('', 'a', 'b', 'z', 'n9', 'what-if-00001');
  const zone = fc.constantFrom('', 'z1', 'z2', 'z9');
  const dimension = fc.constantFrom('', 'cpu', 'disk', 'gpu');
  const factor = fc.oneof(fc.double({ min: -1, max: 1_001 }), fc.constantFrom(0, 1, Number.NaN));
  const nodes = fc.record({ node: name, zone });
  const change: fc.Arbitrary<WhatIfChange> = fc.oneof(
    fc.record({
      kind: fc.constant('addNodes' as const),
      count: fc.integer({ min: -1, max: 5 }),
      like: name,
      region: fc.constant(''),
      zone,
      rack: fc.constantFrom('', 'k1', 'k7'),
    }),
    fc.record({ kind: fc.constantFrom('removeNodes' as const, 'drainNodes' as const), nodes }),
    fc.record({ kind: fc.constant('growNodes' as const), nodes, factor, dimension }),
    fc.record({
      kind: fc.constant('scaleLoads' as const),
      shards: fc.record({
        shard: fc.constantFrom('', 'orders-1', 'nope'),
        prefix: fc.constantFrom('', 'orders', 'users'),
        group: fc.constantFrom('', 'orders', 'users', 'nope'),
      }),
      factor,
      dimension,
    }),
  );

  test('the answer is a valid fleet with its own digest and everybody in their place, or a refusal that says where', () => {
    const before = digestSnapshot(today);
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
        const result = applyWhatIf(today, changes);
        expect(digestSnapshot(today)).toBe(before);
        if (!result.ok) {
          for (const problem of result.error) expect(problem.field).toStartWith('changes');
          return;
        }
        const made = result.value;
        expect(validateSnapshot(made)).toEqual([]);
        expect(made.digest).toBe(digestSnapshot(made));
        expect(placement(made)).toEqual(placement(today));
        if (!changes.some((each) => each.kind === 'scaleLoads')) expect(totals(made)).toEqual(totals(today));
        if (!changes.some((each) => each.kind === 'addNodes'))
          expect(made.nodes.length).toBe(today.nodes.length);
      }),
    );
  });
});
