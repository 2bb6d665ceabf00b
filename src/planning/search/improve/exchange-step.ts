import { type Change, createChange } from '../../change.ts';
import type { Booking } from './booking.ts';
import { dearest, isAccepted, take, type Walk } from './walk.ts';

/** Share of the steps that try a replica of the same shard, where that is allowed: by chance it would hardly come up. */
const withinShare = 0.2;

/**
 * Tries to exchange the drawn replica for a random one; answers whether they changed places. Replicas of one shard are
 * exchanged only where `mayExchangeWithin`: a shard that has a replica on every node cannot be improved otherwise.
 *
 * @param booking what it costs that nodes lack room
 */
export function createExchangeStep(walk: Walk, booking: Booking = walk.gate.booking): () => boolean {
  const { energy, gate, random, mayExchangeWithin } = walk;
  const { state } = walk.engine;
  const { nodeOf, rowOf } = state;
  const { loads, shardOf, width } = state.problem;
  const { takes } = state.problem.nodes;
  const { replicaOffsets } = state.problem.shards;
  const { replicas } = walk.space;
  const difference = new Float64Array(width);
  const exchange = createChange();
  exchange.kind = 'swap';
  exchange.loads = difference;
  const step = createChange();

  /** What it carries: most candidates are refused before anybody asks. */
  function fill(): void {
    const left = rowOf(exchange.replica) * width;
    const right = rowOf(exchange.partner) * width;
    for (let d = 0; d < width; d++) difference[d] = loads[left + d] - loads[right + d];
  }

  const partnerOf = (replica: number): number => {
    if (!mayExchangeWithin || random.next() >= withinShare) return replicas[random.integer(replicas.length)];
    const first = replicaOffsets[shardOf[replica]];
    return first + random.integer(replicaOffsets[shardOf[replica] + 1] - first);
  };

  /** One half after the other: the second is asked again when the first has changed what its rules see. */
  function commit(admitsHalf: (half: Change) => boolean): boolean {
    const { replica, partner, from, to } = exchange;
    if (!admitsHalf(state.relocation(step, replica, to))) return false;
    take(walk, step, energy.delta(step));
    const isAdmitted = admitsHalf(state.relocation(step, partner, from));
    if (!isAdmitted) state.relocation(step, replica, from);
    take(walk, step, energy.delta(step));
    return isAdmitted;
  }

  return () => {
    walk.looked += 1;
    const replica = walk.draw();
    const partner = partnerOf(replica);
    if (nodeOf[replica] === nodeOf[partner] || takes[nodeOf[replica]] === 0) return false;
    const isWithin = shardOf[replica] === shardOf[partner];
    if (isWithin && !mayExchangeWithin) return false;
    exchange.replica = replica;
    exchange.partner = partner;
    exchange.from = nodeOf[replica];
    exchange.to = nodeOf[partner];
    const booked = booking.delta(exchange, dearest(walk));
    if (booked === Number.POSITIVE_INFINITY) return false;
    fill();
    // The other rules cost more than terms: asked only of what would be accepted.
    if (!isAccepted(walk, energy.delta(exchange) + booked)) return false;
    if (isWithin) return gate.admitsSwapWithin(exchange) && commit(gate.admitsHalfWithin);
    return gate.admitsSwap(exchange) && commit(gate.admitsHalf);
  };
}
