import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { tellFillLines } from './fill-lines.ts';

test('every node finds its own lines, whatever its kind, and nodes that are alike share them', () => {
  const figure = fc.constantFrom(0, 1, 2.5, Number.POSITIVE_INFINITY);
  const node = fc.record({ goal: fc.array(figure, { minLength: 2, maxLength: 2 }), price: figure });
  fc.assert(
    fc.property(fc.array(node, { maxLength: 60 }), (nodes) => {
      const goal = Float64Array.from(nodes.flatMap((each) => each.goal));
      const perSquare = Float64Array.from(nodes.flatMap((each) => [each.price, each.price / 2]));
      const { ofNode, rows } = tellFillLines(goal, perSquare, 2, nodes.length);
      for (const [index, { goal: wanted, price }] of nodes.entries()) {
        const at = ofNode[index] * 4;
        expect(Array.from(rows.subarray(at, at + 4))).toEqual([wanted[0], price, wanted[1], price / 2]);
      }
    }),
  );
  const alike = tellFillLines(new Float64Array(40).fill(3), new Float64Array(40), 2, 20);
  expect(alike.rows.length).toBe(4);
  expect(new Set(alike.ofNode)).toEqual(new Set([0]));
});
