import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRandom } from '../base/random.ts';
import type { PlanningRequest } from '../domain/planning.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { annealedRequest } from './annealed-fleet.testing.ts';
import { computePlan } from './compute-plan.ts';
import { randomRequest } from './conformance/random-request.ts';
import { explainPlan } from './explain/explain-plan.ts';

/** Lanes read one snapshot at the same time, so nothing may be written to it, not even for a moment. */

const writers = new Set<string | symbol>(['set', 'fill', 'sort', 'reverse', 'copyWithin']);

/** The column, and every view of it, throwing when it is written to; what is copied from it is free. */
function readOnly<Column extends Float64Array | Int32Array | Uint8Array>(column: Column): Column {
  return new Proxy(column, {
    get(target, key) {
      if (writers.has(key)) throw new Error(`${String(key)}() of a snapshot's column`);
      if (key === 'subarray')
        return (from?: number, to?: number) => readOnly(target.subarray(from, to) as Column);
      if (key === 'buffer') throw new Error("the memory of a snapshot's column");
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set(_, key) {
      throw new Error(`a snapshot's column is written at ${String(key)}`);
    },
  });
}

function readOnlySnapshot(snapshot: Snapshot): Snapshot {
  const shards = Object.fromEntries(
    Object.entries(snapshot.shards).map(([name, column]) => [
      name,
      ArrayBuffer.isView(column) ? readOnly(column as Float64Array) : Object.freeze(column),
    ]),
  );
  return Object.freeze({ ...snapshot, shards: shards as unknown as Snapshot['shards'] });
}

function planReading(request: PlanningRequest) {
  return computePlan({
    ...request,
    snapshot: readOnlySnapshot(request.snapshot),
    distress: readOnly(request.distress),
    frozenShards: readOnly(request.frozenShards),
    frozenNodes: readOnly(request.frozenNodes),
  });
}

test('a column that is written to says so', () => {
  const column = readOnly(new Float64Array(3));
  expect(() => column.fill(1)).toThrow('fill()');
  expect(() => {
    column[1] = 2;
  }).toThrow('written at 1');
  expect(() => {
    column.subarray(1)[0] = 2;
  }).toThrow('written at 0');
  expect([...column]).toEqual([0, 0, 0]);
});

test('a plan is computed without writing to what it is computed from', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
      const request = randomRequest(createRandom(seed), 'anything');
      expect(planReading(request)).toEqual(computePlan(request));
    }),
    { numRuns: 40 },
  );
});

test('nor does an annealed plan, nor what explains one', () => {
  const request = annealedRequest(1);
  const planned = planReading(request);
  expect(planned).toEqual(computePlan(request));
  if (!planned.ok) throw new Error('there is no plan');
  const { moves, obstacles } = planned.value;
  const question = { moves, obstacles, subject: { kind: 'node', id: 'n1' }, limit: 3 } as const;
  const planning = { ...request, snapshot: readOnlySnapshot(request.snapshot) };
  expect(explainPlan({ ...question, planning })).toEqual(explainPlan({ ...question, planning: request }));
});
