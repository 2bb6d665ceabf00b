import { type Change, createChange } from '../../change.ts';
import type { Constraint } from '../../constraint.ts';
import { isCapacity } from '../../constraints/capacity.ts';
import type { SearchEngine } from '../search-engine.ts';
import type { Booking } from './booking.ts';
import { createFirmBooking } from './firm-booking.ts';

/** Whether rules and budget let a candidate happen, asked millions of times: the rules that refuse most come first. */
export interface Gate {
  /** The rule of capacity, where a walk keeps to it. */
  readonly booking: Booking;
  /** For a relocation. */
  admits(change: Change): boolean;
  /** The same without rules on what nodes carry: for what is made to fit afterwards. */
  admitsButLoad(change: Change): boolean;
  /** For half of a swap, while the other half is still to come or has been made: counts and loads do not matter. */
  admitsHalf(change: Change): boolean;
  /** For a relocation that is booked: the rule of capacity is not asked. */
  admitsBooked(change: Change): boolean;
  /**
   * For a swap that is booked, as if each half happened alone: a first sieve. Halves that need each other are refused, and
   * the second half has to be asked again once the first has been applied.
   */
  admitsSwap(change: Change): boolean;
  /** The two for a swap of two replicas of one shard, whose halves pass through a state that rules about shards forbid. */
  admitsSwapWithin(change: Change): boolean;
  admitsHalfWithin(change: Change): boolean;
}

type Delta = (change: Change) => number;

export function createGate(engine: SearchEngine): Gate {
  const { state, budget } = engine;
  const { loads } = state.problem;
  const { rowOf } = state;
  const { width } = state.problem;
  const ofKind = (wanted: (kind: string) => boolean): readonly Delta[] =>
    deltasOf(engine.constraints.filter((constraint) => wanted(constraint.kind)));
  const byOtherLoad = deltasOf(
    engine.constraints.filter((rule) => rule.kind === 'load' && !isCapacity(rule)),
  );
  const others = ofKind((kind) => kind !== 'load');
  const byIdentity = ofKind((kind) => kind === 'identity');
  const byReplica = deltasOf(
    engine.constraints.filter((rule) => rule.kind === 'identity' && !rule.isAboutShards),
  );
  const booking = createFirmBooking(state);
  const half = createChange();
  half.loads = loads;

  function fillHalf(replica: number, from: number, to: number): Change {
    half.replica = replica;
    half.from = from;
    half.to = to;
    half.offset = rowOf(replica) * width;
    return half;
  }

  const allowsHalves = (deltas: readonly Delta[], { replica, partner, from, to }: Change): boolean =>
    allows(deltas, fillHalf(replica, from, to)) && allows(deltas, fillHalf(partner, to, from));

  const admitsButLoad = (change: Change): boolean =>
    allows(others, change) && budget.refuses(change) === null;

  const admitsBooked = (change: Change): boolean => allows(byOtherLoad, change) && admitsButLoad(change);

  return {
    booking,
    admits: (change) => booking.delta(change, 0) === 0 && admitsBooked(change),
    admitsButLoad,
    admitsHalf: (change) => allows(byIdentity, change) && budget.refuses(change) === null,
    admitsBooked,
    admitsSwap: (change) => allows(byOtherLoad, change) && allowsHalves(byIdentity, change),
    admitsSwapWithin: (change) => allows(byOtherLoad, change) && allowsHalves(byReplica, change),
    admitsHalfWithin: (change) => allows(byReplica, change) && budget.refuses(change) === null,
  };
}

function deltasOf(constraints: readonly Constraint[]): readonly Delta[] {
  return constraints.map((rule) => (change) => rule.delta(change));
}

function allows(deltas: readonly Delta[], change: Change): boolean {
  for (let i = 0; i < deltas.length; i++) if (deltas[i](change) === Number.POSITIVE_INFINITY) return false;
  return true;
}
