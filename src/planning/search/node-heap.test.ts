import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createNodeHeap } from './node-heap.ts';

test('gives the hottest node whatever was set and removed, ties to the lower index', () => {
  const step = fc.record({ node: fc.nat(9), key: fc.nat(5), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const heap = createNodeHeap(10);
      const expected = new Map<number, number>();
      for (const { node, key, remove } of steps) {
        if (remove) {
          heap.remove(node);
          expected.delete(node);
        } else {
          heap.set(node, key);
          expected.set(node, key);
        }
        const hottest = [...expected].sort(([a, left], [b, right]) => right - left || a - b)[0]?.[0] ?? -1;
        expect(heap.peek()).toBe(hottest);
        expect(heap.size).toBe(expected.size);
      }
    }),
  );
});
