import { type Change, createChange } from '../change.ts';
import { negligible, type SearchEngine } from './search-engine.ts';

/** Exchanges two replicas of different nodes, as two relocations of which either alone may lack the room. */
export interface Exchange {
  /** Fills the reused change with what the exchange shifts from one node to the other. */
  fill(replica: number, partner: number): Change;
  /** Whether no rule speaks against either half, or against what the exchange shifts. */
  seemsAllowed(replica: number, partner: number): boolean;
  /** Whether every rule lets the exchange: applies it then, otherwise leaves everything as it was. */
  commit(replica: number, partner: number): boolean;
}

export function createExchange(engine: SearchEngine): Exchange {
  const { state } = engine;
  const { problem } = state;
  const { width } = problem;
  const change = createChange();
  const step = createChange();
  const difference = new Float64Array(width);

  function fill(replica: number, partner: number): Change {
    change.kind = 'swap';
    change.replica = replica;
    change.partner = partner;
    change.from = state.nodeOf[replica];
    change.to = state.nodeOf[partner];
    for (let d = 0; d < width; d++) {
      difference[d] =
        problem.loads[state.rowOf(replica) * width + d] - problem.loads[state.rowOf(partner) * width + d];
    }
    change.loads = difference;
    change.offset = 0;
    return change;
  }

  /** What the rules about which replica is where say of a relocation: the rest was asked of the whole exchange. */
  function identityDelta(replica: number, to: number): number {
    state.relocation(step, replica, to);
    let total = 0;
    for (const constraint of engine.constraints) {
      if (constraint.kind === 'identity') total += constraint.delta(step);
    }
    return engine.budget.refuses(step) === null ? total : Number.POSITIVE_INFINITY;
  }

  return {
    fill,
    seemsAllowed(replica, partner) {
      if (problem.shardOf[replica] === problem.shardOf[partner] || !engine.admits(fill(replica, partner)))
        return false;
      const { from, to } = change;
      return (
        engine.deltas.violations + identityDelta(replica, to) + identityDelta(partner, from) <= negligible
      );
    },
    commit(replica, partner) {
      if (problem.shardOf[replica] === problem.shardOf[partner]) return false;
      if (!engine.admits(fill(replica, partner))) return false;
      const { from, to } = change;
      let amount = engine.deltas.violations + identityDelta(replica, to);
      if (amount === Number.POSITIVE_INFINITY) return false;
      engine.apply(step);
      amount += identityDelta(partner, from);
      if (amount > negligible) {
        engine.apply(state.relocation(step, replica, from));
        return false;
      }
      engine.apply(step);
      return true;
    },
  };
}
