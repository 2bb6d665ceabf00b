import type { Change } from '../../change.ts';
import { capacityLimits, roundingShare } from '../../constraints/capacity.ts';
import type { PlacementState } from '../../placement-state.ts';
import { type Booking, createDimensionOrder } from './booking.ts';
import { createRoom } from './room.ts';

/** Room for rounding, half of the rule's: what is let here, which adds up otherwise, the rule of capacity lets as well. */
const slack = roundingShare / 2;

/**
 * Nothing that makes a node carry more than its limit may be, whatever it is worth: the rule of capacity, which refuses most
 * candidates, by the room that is left. Costs nothing or everything.
 */
export function createFirmBooking(state: PlacementState): Booking {
  const { problem } = state;
  const { width } = problem;
  const origins = problem.shards.replicaNodes;
  const room = createRoom(
    state,
    capacityLimits(state).map((limit) => limit * (1 + slack)),
  );
  const { left, isHeld } = room;
  const order = createDimensionOrder(width);
  const dimensions = order.at;
  room.measure();

  function relocationFits({ replica, to, loads, offset }: Change): boolean {
    for (let place = 0; place < width; place++) {
      const d = dimensions[place];
      const amount = loads[offset + d];
      if (amount <= left[to * width + d] || amount <= 0) continue;
      if (isHeld[d] === 1 && to === origins[replica]) continue;
      order.refused(place);
      return false;
    }
    return true;
  }

  const lacks = (at: number, amount: number): boolean => amount > 0 && amount > left[at];

  function swapFits(change: Change): boolean {
    const { from, to } = change;
    room.aim(change);
    for (let place = 0; place < width; place++) {
      const d = dimensions[place];
      const fits = !lacks(to * width + d, room.onTarget(d)) && !lacks(from * width + d, room.onSource(d));
      if (fits) continue;
      order.refused(place);
      return false;
    }
    return true;
  }

  return {
    delta(change) {
      const fits = change.kind === 'swap' ? swapFits(change) : relocationFits(change);
      return fits ? 0 : Number.POSITIVE_INFINITY;
    },
  };
}
