import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createLoadColumn } from './load-column.ts';
import { createShardTable } from './shard-table.ts';
import { shard } from './telemetry.testing.ts';

type Command =
  | { readonly kind: 'upsert'; readonly id: number; readonly numbers: readonly number[] }
  | { readonly kind: 'remove'; readonly id: number }
  | { readonly kind: 'sort' };

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: fc.constant('upsert' as const),
    id: fc.integer({ min: 0, max: 12 }),
    numbers: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant('remove' as const), id: fc.integer({ min: 0, max: 12 }) }),
  fc.constant({ kind: 'sort' as const }),
);

describe('the shard table', () => {
  test('holds what a map of maps would hold, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
        const table = createShardTable();
        const column = createLoadColumn('cpu', 'cores');
        table.addColumn(column);
        // Per shard the load of each replica number: 1 more than the time at which it came to be.
        const model = new Map<string, Map<number, number>>();
        for (const [step, each] of commands.entries()) {
          if (each.kind === 'sort') table.sorted();
          else if (each.kind === 'remove') {
            expect(table.remove(`s${each.id}`)).toBe(model.delete(`s${each.id}`));
          } else {
            const id = `s${each.id}`;
            const replicas = each.numbers.map((number) => ({
              number,
              node: `n${number}`,
              leads: false,
              bytes: step,
            }));
            table.upsert(shard(id, [], { replicas }), Int32Array.from(each.numbers), 1, 0);
            const before = model.get(id) ?? new Map<number, number>();
            const after = new Map(each.numbers.map((number) => [number, before.get(number) ?? step + 1]));
            model.set(id, after);
            const slot = table.slotOf(id) ?? -1;
            for (const number of each.numbers) {
              if (!before.has(number)) column.accept(table.rowOf(slot, number), step + 1, 1_000);
            }
          }
        }
        expect(table.shardCount()).toBe(model.size);
        expect(table.replicaCount()).toBe([...model.values()].reduce((sum, each) => sum + each.size, 0));
        const { slots, ids } = table.sorted();
        expect(ids).toEqual([...model.keys()].sort());
        const { rowStarts, rowCounts, numbers, nodes } = table.columns();
        for (const [index, id] of ids.entries()) {
          const slot = slots[index];
          expect(table.slotOf(id)).toBe(slot);
          const expected = [...(model.get(id) ?? [])].sort(([left], [right]) => left - right);
          const rows = expected.map((_, at) => rowStarts[slot] + at);
          expect(rowCounts[slot]).toBe(expected.length);
          expect(rows.map((row) => numbers[row])).toEqual(expected.map(([number]) => number));
          expect(rows.map((row) => nodes[row])).toEqual(expected.map(([number]) => number));
          expect(rows.map((row) => column.smoothed()[row])).toEqual(expected.map(([, load]) => load));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('uses the rows of shards that are gone again', () => {
    const table = createShardTable();
    for (let round = 0; round < 1_000; round++) {
      table.upsert(shard(`s${round}`, ['n1', 'n2']), Int32Array.of(0, 1), 1, 0);
      table.sorted();
      table.remove(`s${round}`);
      table.sorted();
    }
    expect(table.columns().numbers.length).toBeLessThan(200);
    expect(table.columns().versions.length).toBeLessThan(200);
  });
});
