import { createChange } from '../../change.ts';
import type { Overbooking } from './overbooking.ts';
import { dearest, isAccepted, take, type Walk } from './walk.ts';

/**
 * Share of the steps that try where the replica was at the beginning: the one place that costs no move, and that gives
 * back the load that is held there, while chance finds it once in as many tries as there are nodes.
 */
export const homeShare = 0.2;

/**
 * Tries the drawn replica on a random node, or at home; answers whether it moved.
 *
 * @param overbooking what it costs that nodes carry more than they hold, where the walk may let them
 */
export function createRelocationStep(walk: Walk, overbooking: Overbooking | null = null): () => boolean {
  const { energy, gate, random } = walk;
  const { state } = walk.engine;
  const { nodeOf } = state;
  const { nodes } = walk.space;
  const origins = state.problem.shards.replicaNodes;
  const admits = overbooking === null ? gate.admits : gate.admitsOverbooked;
  const change = createChange();
  return () => {
    walk.looked += 1;
    const replica = walk.draw();
    const to = random.next() < homeShare ? origins[replica] : nodes[random.integer(nodes.length)];
    if (to === nodeOf[replica]) return false;
    state.relocation(change, replica, to);
    const booked = overbooking === null ? 0 : overbooking.delta(change, dearest(walk));
    if (booked === Number.POSITIVE_INFINITY || !admits(change)) return false;
    const delta = energy.delta(change);
    if (!isAccepted(walk, delta + booked)) return false;
    take(walk, change, delta);
    return true;
  };
}
