import { createChange } from '../../change.ts';
import type { Booking } from './booking.ts';
import { dearest, isAccepted, take, type Walk } from './walk.ts';

/**
 * Share of the steps that try where the replica was at the beginning: the one place that costs no move, and that gives
 * back the load that is held there, while chance finds it once in as many tries as there are nodes.
 */
export const homeShare = 0.2;

/**
 * Tries the drawn replica on a random node, or at home; answers whether it moved.
 *
 * @param booking what it costs that nodes lack room
 */
export function createRelocationStep(walk: Walk, booking: Booking = walk.gate.booking): () => boolean {
  const { energy, gate, random } = walk;
  const { state } = walk.engine;
  const { nodeOf } = state;
  const { nodes } = walk.space;
  const origins = state.problem.shards.replicaNodes;
  const change = createChange();
  return () => {
    walk.looked += 1;
    const replica = walk.draw();
    const to = random.next() < homeShare ? origins[replica] : nodes[random.integer(nodes.length)];
    if (to === nodeOf[replica]) return false;
    state.relocation(change, replica, to);
    const booked = booking.delta(change, dearest(walk));
    if (booked === Number.POSITIVE_INFINITY) return false;
    const delta = energy.delta(change);
    // The other rules cost more than terms: asked only of what would be accepted.
    if (!isAccepted(walk, delta + booked) || !gate.admitsBooked(change)) return false;
    take(walk, change, delta);
    return true;
  };
}
