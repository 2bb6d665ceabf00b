import { type Change, createChange } from '../../change.ts';
import type { Constraint } from '../../constraint.ts';
import { isCapacity } from '../../constraints/capacity.ts';
import type { SearchEngine } from '../search-engine.ts';

/** Whether rules and budget let a candidate happen, asked millions of times: the rules that refuse most come first. */
export interface Gate {
  /** For a relocation. */
  admits(change: Change): boolean;
  /** The same without rules on what nodes carry: for what is made to fit afterwards. */
  admitsButLoad(change: Change): boolean;
  /** For half of a swap, while the other half is still to come or has been made: counts and loads do not matter. */
  admitsHalf(change: Change): boolean;
  /**
   * For a swap, as if each half happened alone: a first sieve. Halves that need each other are refused, and the second
   * half has to be asked again once the first has been applied.
   */
  admitsSwap(change: Change): boolean;
  /** The two for a swap of two replicas of one shard, whose halves pass through a state that rules about shards forbid. */
  admitsSwapWithin(change: Change): boolean;
  admitsHalfWithin(change: Change): boolean;
  /** For a relocation, and for a swap as `admitsSwap` and `admitsSwapWithin`, where nodes may carry more than they hold. */
  admitsOverbooked(change: Change): boolean;
  admitsSwapOverbooked(change: Change): boolean;
  admitsSwapWithinOverbooked(change: Change): boolean;
}

type Delta = (change: Change) => number;

export function createGate(engine: SearchEngine): Gate {
  const { state, budget } = engine;
  const { loads } = state.problem;
  const { rowOf } = state;
  const { width } = state.problem;
  const ofKind = (wanted: (kind: string) => boolean): readonly Delta[] =>
    deltasOf(engine.constraints.filter((constraint) => wanted(constraint.kind)));
  const byLoad = ofKind((kind) => kind === 'load');
  const byOtherLoad = deltasOf(
    engine.constraints.filter((rule) => rule.kind === 'load' && !isCapacity(rule)),
  );
  const others = ofKind((kind) => kind !== 'load');
  const byIdentity = ofKind((kind) => kind === 'identity');
  const byReplica = deltasOf(
    engine.constraints.filter((rule) => rule.kind === 'identity' && !rule.isAboutShards),
  );
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

  return {
    admits: (change) => allows(byLoad, change) && admitsButLoad(change),
    admitsButLoad,
    admitsHalf: (change) => allows(byIdentity, change) && budget.refuses(change) === null,
    admitsSwap: (change) => allows(byLoad, change) && allowsHalves(byIdentity, change),
    admitsSwapWithin: (change) => allows(byLoad, change) && allowsHalves(byReplica, change),
    admitsHalfWithin: (change) => allows(byReplica, change) && budget.refuses(change) === null,
    admitsOverbooked: (change) => allows(byOtherLoad, change) && admitsButLoad(change),
    admitsSwapOverbooked: (change) => allows(byOtherLoad, change) && allowsHalves(byIdentity, change),
    admitsSwapWithinOverbooked: (change) => allows(byOtherLoad, change) && allowsHalves(byReplica, change),
  };
}

function deltasOf(constraints: readonly Constraint[]): readonly Delta[] {
  return constraints.map((constraint) => constraint.delta.bind(constraint));
}

function allows(deltas: readonly Delta[], change: Change): boolean {
  for (let i = 0; i < deltas.length; i++) if (deltas[i](change) === Number.POSITIVE_INFINITY) return false;
  return true;
}
