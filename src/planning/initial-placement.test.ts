import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRandom } from '../base/random.ts';
import { randomRequest } from './conformance/random-request.ts';
import { sumInitialPlacement, sumPlacement } from './initial-placement.ts';

/** A fleet's placement with three dimensions, and another placement of the same replicas. */
function placements(seed: number) {
  const { snapshot } = randomRequest(createRandom(seed), 'anything');
  const random = createRandom(`sums/${seed}`);
  const replicas = snapshot.shards.replicaNodes.length;
  const nodeCount = snapshot.nodes.length;
  return {
    shards: snapshot.shards,
    nodeCount,
    three: Float64Array.from({ length: 3 * replicas }, () => random.next() * 10 ** random.integer(9)),
    nodeOf: snapshot.shards.replicaNodes.map((node) =>
      random.next() < 0.3 ? random.integer(nodeCount) : node,
    ),
  };
}

/** The rows with a fourth dimension of zeros, and sums of such rows without it: nothing is special about four. */
function widened(rows: Float64Array): Float64Array {
  const wide = new Float64Array((rows.length / 3) * 4);
  for (let at = 0; at < rows.length; at++) wide[Math.floor(at / 3) * 4 + (at % 3)] = rows[at];
  return wide;
}

test('sums of three dimensions are those of any number, to the last digit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
      const { shards, nodeCount, three, nodeOf } = placements(seed);
      const own = sumInitialPlacement(shards, three, nodeCount, 3);
      const wide = sumInitialPlacement(shards, widened(three), nodeCount, 4);
      expect(widened(own.load)).toEqual(wide.load);
      expect(own.count).toEqual(wide.count);
      expect(widened(own.largest)).toEqual(wide.largest);
      const moved = { nodeOf, rows: null };
      const after = sumPlacement(own, shards.replicaNodes, moved, three);
      const wideAfter = sumPlacement(wide, shards.replicaNodes, moved, widened(three));
      expect(widened(after.load)).toEqual(wideAfter.load);
      expect(after.count).toEqual(wideAfter.count);
    }),
  );
});
