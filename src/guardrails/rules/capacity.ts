import type { Guardrail } from '../guardrail.ts';
import { block, throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_CAPACITY';

/** Rounding of sums of loads, relative to the limit. */
const tolerance = 1e-9;

/**
 * The destination stays within `hardLimit` of its capacity in every dimension while the move runs: measured load, plus
 * all that is on its way there, plus what is still held there of moves away from it. A node that was measured above its
 * limit may go back up to where it was, no further. Waits where only moves in flight stand in the way, and refuses where
 * the node has no room even without them.
 */
export const capacity: Guardrail = {
  code,
  replay: true,
  move({ view }, { move, destination, destinationNode }) {
    if (destination < 0 || !destinationNode) return undefined;
    for (const { policy: dimension, index } of view.dimensions) {
      const load = move.load[index] ?? 0;
      if (load <= 0) continue;
      const hardLimit = (destinationNode.capacity[index] ?? 0) * dimension.hardLimit;
      const measured = view.measured.nodeLoads[destination * view.snapshot.dimensions.length + index] ?? 0;
      const limit = Math.max(hardLimit, measured);
      const observed = view.loadOfNode(destination, index) + load;
      if (observed <= limit * (1 + tolerance)) continue;
      const unit = view.snapshot.dimensions[index]?.unit ?? '';
      const fitsLater = view.leastLoadOfNode(destination, index) + load <= limit * (1 + tolerance);
      const [seen, allowed] = [`${round(observed)} ${unit}`, `${round(limit)} ${unit}`].map((text) =>
        text.trim(),
      );
      const facts = {
        subject: `node/${move.destination}`,
        observed,
        limit,
        message: `Node ${move.destination} would carry ${seen} of ${dimension.name} while the move runs; ${allowed} are allowed.`,
      };
      return fitsLater
        ? throttle(code, { ...facts, remedy: 'Wait until moves that use the node have ended.' })
        : block(code, { ...facts, remedy: 'Make a new plan, or take load off the node.' });
    }
    return undefined;
  },
};

function round(value: number): number {
  return Number(value.toPrecision(6));
}
