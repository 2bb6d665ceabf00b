import type { Random } from '../../../base/random.ts';
import type { Change } from '../../change.ts';
import { replacesTerms } from '../../extension.ts';
import { negligible, type SearchEngine } from '../search-engine.ts';
import { createEnergy, type Energy } from './energy.ts';
import { createGate, type Gate } from './gate.ts';
import { buildSearchSpace, type SearchSpace } from './search-space.ts';

/** A walk through placements: what every kind of step shares. */
export interface Walk {
  readonly engine: SearchEngine;
  readonly random: Random;
  readonly energy: Energy;
  readonly gate: Gate;
  readonly space: SearchSpace;
  /** nodes × dimensions: what a chain lets a node carry. */
  readonly ceilings: Float64Array;
  /**
   * Whether replicas of one shard may change places: on the way one of them needs a third node, a move that the planner's
   * own price does not know of, and its replicas differ little; an extension that counts placements may have it.
   */
  readonly mayExchangeWithin: boolean;
  /** The replica that the next step begins with. */
  draw: () => number;
  /** Energy of where the walk is, relative to where it began. */
  level: number;
  /** How much worse a step may make it, as a mean: the temperature of simulated annealing, in units of energy. */
  temperature: number;
  /** Candidates looked at since the engine was told. */
  looked: number;
}

export function createWalk(engine: SearchEngine, random: Random): Walk {
  const space = buildSearchSpace(engine.state);
  return {
    engine,
    random,
    energy: createEnergy(engine),
    gate: createGate(engine),
    space,
    ceilings: chainCeilings(engine),
    mayExchangeWithin: replacesTerms(engine.state.problem),
    draw: () => space.replicas[random.integer(space.replicas.length)],
    level: 0,
    temperature: 0,
    looked: 0,
  };
}

/**
 * Where the planner's own terms count, a node that takes a replica should not become warm by it; where those of an
 * extension do, only the hard limit is known to matter.
 */
function chainCeilings({ state, factors }: SearchEngine): Float64Array {
  const { hardLimit } = state.problem.nodes;
  if (replacesTerms(state.problem)) return hardLimit;
  return hardLimit.map((limit, at) => Math.min(limit, factors.line[at]));
}

/** Temperatures beyond which no number of 32 random bits lets a step happen: -ln(2^-32). */
const mostAccepted = 32 * Math.LN2;

/**
 * Metropolis' rule: always when not worse, else with probability exp(-delta / temperature). At temperature 0 only what is
 * better, so that nothing moves for nothing.
 */
export function isAccepted(walk: Walk, delta: number): boolean {
  const { temperature } = walk;
  if (temperature === 0) return delta < -negligible;
  if (delta <= 0) return true;
  return delta < mostAccepted * temperature && delta < -temperature * Math.log(1 - walk.random.next());
}

/** Temperatures that an overload may cost before the rest of the candidate is looked at: beyond, next to none is accepted. */
const dearestInTemperatures = 8;

export function dearest({ temperature }: Walk): number {
  return dearestInTemperatures * temperature;
}

/** Applies a change and books what it is worth. */
export function take(walk: Walk, change: Change, delta: number): void {
  walk.engine.state.apply(change);
  walk.level += delta;
}
