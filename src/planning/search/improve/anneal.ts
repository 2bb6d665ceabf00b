import { annealLoosely } from './anneal-loosely.ts';
import { type BestPlacement, createBestPlacement } from './best-placement.ts';
import { createMixedStep } from './mixed-step.ts';
import type { Pace } from './pace.ts';
import { createCooling, surveyedShare, type TemperatureRange } from './temperature.ts';
import type { Walk } from './walk.ts';

/** Steps between two looks at the budget and the temperature. */
const stepsPerLook = 1_024;

/**
 * A fleet is tight when of the candidates that all other rules admit so many have no room. The contest's a2_2 and a2_3, which
 * a loose cooling serves, have 0.94 and 0.96, those that do well without it 0.25 to 0.88; in between it depends, so that
 * every second lane, where there are several, takes it up earlier.
 */
const tight = { evenLanes: 0.9, oddLanes: 0.5 };

/**
 * Candidates per replica with which a loose cooling is worth its time: it is one long one, and has to melt everything. With
 * a million the contest's b_1 ends worse than by strict ones, with four million a2_2 and a2_3 end better.
 */
const leastForLoose = 1_500_000;

/** Share of the budget at which a loose cooling ends; in the rest the walk goes on from its best within all rules. */
const looseUntil = 0.92;

/**
 * Simulated annealing (Kirkpatrick, Gelatt, Vecchi 1983) over relocations, exchanges and ejection chains: the
 * temperature falls geometrically with the share of the budget that is used, from higher up the more there is, and with
 * more than that several times, from where it began and then from the best so far; in a tight fleet most of it is then one
 * cooling that may overbook nodes on its way. Keeps what was best and ends there. The walk's level must be that of the best
 * placement when it begins.
 */
export function anneal(walk: Walk, best: BestPlacement, range: TemperatureRange, pace: Pace): void {
  const perReplica = (): number => pace.expected() / walk.space.replicas.length;
  const used = (): number => pace.used();
  const strict = createCoolings(walk, best, range, { used, perReplica, isFresh: true });
  strict.go(surveyedShare);
  const { lane = 0 } = walk.engine.state.problem.request;
  const leastTightness = lane % 2 === 0 ? tight.evenLanes : tight.oddLanes;
  if (range.tightness < leastTightness || perReplica() < leastForLoose) {
    strict.go(1);
    strict.leave();
    return;
  }
  strict.leave();
  const from = used();
  const isBetter = annealLoosely(walk, best, range, () => (used() - from) / (looseUntil - from));
  const at = used();
  if (at >= 1) return;
  const rest = createCoolings(walk, best, range, {
    used: () => (used() - at) / (1 - at),
    perReplica: () => perReplica() * (1 - at),
    isFresh: !isBetter,
  });
  rest.go(1);
  rest.leave();
}

/** What strict coolings go by. */
interface Course {
  /** Share of their budget that is used, 0 to 1. */
  used(): number;
  /** Candidates per replica within all of it. */
  perReplica(): number;
  /** Whether nothing has been annealed before, so that where the walk is now is worth beginning from several times. */
  readonly isFresh: boolean;
}

/** Coolings within all rules. */
interface Coolings {
  /** Goes on up to that share of their budget. */
  go(until: number): void;
  /** Ends in the best. */
  leave(): void;
}

function createCoolings(
  walk: Walk,
  best: BestPlacement,
  range: TemperatureRange,
  { used, perReplica, isFresh }: Course,
): Coolings {
  const step = createMixedStep(walk);
  const cooling = createCooling(range, walk.random, { perReplica, isFresh });
  const begun = createBestPlacement(walk.engine.state);
  const begunLevel = walk.level;
  let lowest = walk.level;
  return {
    go(until) {
      for (let share = used(); share < until; share = used()) {
        const start = cooling.follow(share);
        if (start !== null) {
          (start === 'first' ? begun : best).restore();
          walk.level = start === 'first' ? begunLevel : lowest;
        }
        walk.temperature = cooling.temperature();
        for (let i = 0; i < stepsPerLook; i++) {
          step();
          if (walk.level >= lowest) continue;
          lowest = walk.level;
          best.keep();
        }
      }
    },
    leave() {
      best.restore();
      walk.level = lowest;
    },
  };
}
