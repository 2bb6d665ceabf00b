import type { Random } from '../../../base/random.ts';
import type { Change } from '../../change.ts';
import type { SearchEngine } from '../search-engine.ts';
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
  /** Energy of where the walk is, relative to where it began. */
  level: number;
  /** How much worse a step may make it, as a mean: the temperature of simulated annealing, in units of energy. */
  temperature: number;
  /** Candidates looked at since the engine was told. */
  looked: number;
}

export function createWalk(engine: SearchEngine, random: Random): Walk {
  return {
    engine,
    random,
    energy: createEnergy(engine),
    gate: createGate(engine),
    space: buildSearchSpace(engine.state),
    level: 0,
    temperature: 0,
    looked: 0,
  };
}

/** Metropolis' rule: always when not worse, else with probability exp(-delta / temperature). */
export function isAccepted(walk: Walk, delta: number): boolean {
  if (delta <= 0) return true;
  return walk.temperature > 0 && delta < -walk.temperature * Math.log(1 - walk.random.next());
}

/** Applies a change and books what it is worth. */
export function take(walk: Walk, change: Change, delta: number): void {
  walk.engine.state.apply(change);
  walk.level += delta;
}
