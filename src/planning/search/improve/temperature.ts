import type { Random } from '../../../base/random.ts';
import { createChange } from '../../change.ts';
import type { Walk } from './walk.ts';

/** Where cooling begins and ends, in units of energy; how high above `start` it begins depends on the budget. */
export interface TemperatureRange {
  readonly start: number;
  readonly end: number;
}

/** Candidates that are drawn, and admitted ones that are enough. */
const maxDrawn = 200_000;
const enough = 2_000;

/** Of the sizes of steps, smallest first: cooling begins at the large ones and ends where only the smallest matter. */
const startQuantile = 0.9;
const endQuantile = 0.02;

/**
 * Candidates per replica for which cooling begins at the large steps' own size. With more there is time to melt the
 * placement of the largest replicas as well, with fewer it would only be lost: measured on the instances of the contest
 * with 1,000 and 5,000 processes between 20 and 60 seconds.
 */
const candidatesPerFactor = 80_000;
const leastFactor = 0.3;
const largestFactor = 5;

/**
 * Candidates per replica for one cooling; several times as many cool several times. One long cooling of the contest's
 * instances ends anywhere within 3%, by what it decided while it was hot, and which heat serves best differs from fleet to
 * fleet: loose ones (a1_2) jam when they are melted, tight ones (a2_2, a2_3) have to be.
 */
const candidatesPerCycle = 160_000;
const mostCycles = 12;

/** Of the cycles, one in so many begins where the first began, each less hot, down to the least; the others go on from the best. */
const cyclesPerStart = 3;
const leastStart = 0.1;

/**
 * With so many cycles there is time to melt the fleet as a whole: two thirds of it are long coolings, each of so many
 * cycles. What is frozen in while it is hot differs by more than a longer cooling gains, so that there are several.
 */
const leastForLong = 8;
const longShare = 2 / 3;
const longCycles = 4;

/** What the short cycles after long ones begin with: half of them begin where the first began, the hottest with this. */
const startAfterLong = 1;

/** Heats that further cycles begin with, drawn evenly by their logarithm. */
const leastReheat = 0.1;
const largestReheat = 1;

/** Share of the budget after which the number of candidates to come is taken as known: before, a clock has told too little. */
const surveyedShare = 0.01;

/** Where a cycle begins: in the placement that the first began with, or in the best so far. */
export type CycleStart = 'first' | 'best';

/** One cooling of several. */
export interface Cycle {
  readonly start: CycleStart;
  /** What the beginning of the range is multiplied by. */
  readonly factor: number;
  /** Its part of the budget, in short cycles. */
  readonly length: number;
}

/** The coolings for so many candidates per replica, one after the other; at least one. */
export function planCycles(candidatesPerReplica: number, random: Random): readonly Cycle[] {
  const count = Math.max(1, Math.min(mostCycles, Math.floor(candidatesPerReplica / candidatesPerCycle)));
  const perCycle = candidatesPerReplica / count;
  const long = count < leastForLong ? 0 : Math.floor((count * longShare) / longCycles);
  const short = count - long * longCycles;
  const starts = long > 0 ? short >> 1 : Math.max(1, Math.floor(short / cyclesPerStart));
  const hottest = long > 0 ? startAfterLong : startFactor(perCycle);
  const melting: Cycle = { start: 'first', factor: startFactor(perCycle * longCycles), length: longCycles };
  return [
    ...Array.from({ length: long }, () => melting),
    ...Array.from({ length: starts }, (_, index): Cycle => {
      const share = starts > 1 ? index / (starts - 1) : 0;
      return { start: 'first', factor: geometric(hottest, leastStart, share), length: 1 };
    }),
    ...Array.from({ length: short - starts }, (): Cycle => {
      return { start: 'best', factor: geometric(leastReheat, largestReheat, random.next()), length: 1 };
    }),
  ];
}

/** The temperature as the budget is used up. */
export interface Cooling {
  /** Goes on to the share of the budget; answers where to go when a further cycle begins there, else null. */
  follow(used: number): CycleStart | null;
  temperature(): number;
}

/** @param perReplica candidates per replica that there will be, as far as is known */
export function createCooling(range: TemperatureRange, random: Random, perReplica: () => number): Cooling {
  let cycles: readonly Cycle[] | null = null;
  /** Of all cycles, and of those that are over. */
  let length = 1;
  let over = 0;
  let at = 0;
  let temperature = 0;

  function survey(): void {
    cycles = planCycles(perReplica(), random);
    length = cycles.reduce((sum, cycle) => sum + cycle.length, 0);
  }

  const heat = (factor: number, share: number): void => {
    temperature = temperatureAt(Math.max(range.end, range.start * factor), range.end, share);
  };

  return {
    follow(used) {
      if (cycles === null && used >= surveyedShare) survey();
      if (cycles === null) {
        heat(startFactor(perReplica()), used);
        return null;
      }
      const before = at;
      for (; at < cycles.length - 1 && used * length >= over + cycles[at].length; at++)
        over += cycles[at].length;
      const cycle = cycles[at];
      heat(cycle.factor, (used * length - over) / cycle.length);
      return at > before ? cycle.start : null;
    },
    temperature: () => temperature,
  };
}

const geometric = (from: number, to: number, share: number): number => from * (to / from) ** share;

/** What the beginning of cooling is multiplied by, given how many candidates per replica there will be. */
export function startFactor(candidatesPerReplica: number): number {
  return Math.min(largestFactor, Math.max(leastFactor, candidatesPerReplica / candidatesPerFactor));
}

/**
 * What steps are worth here, by a sample of admissible relocations: the usual way to fit annealing to a problem whose
 * units are unknown (Johnson, Aragon, McGeoch, Schevon, "Optimization by simulated annealing", 1989). Null when nothing
 * may move or nothing would change.
 */
export function sampleTemperatures(walk: Walk): TemperatureRange | null {
  const { energy, gate, random } = walk;
  const { state } = walk.engine;
  const { replicas, nodes } = walk.space;
  const change = createChange();
  const found: number[] = [];
  if (replicas.length === 0 || nodes.length === 0) return null;
  let drawn = 0;
  for (; drawn < maxDrawn && found.length < enough; drawn++) {
    const replica = replicas[random.integer(replicas.length)];
    const to = nodes[random.integer(nodes.length)];
    if (to === state.nodeOf[replica] || !gate.admits(state.relocation(change, replica, to))) continue;
    const size = Math.abs(energy.delta(change));
    if (size > 0) found.push(size);
  }
  walk.looked += drawn;
  if (found.length === 0) return null;
  const sizes = Float64Array.from(found).sort();
  const at = (quantile: number): number => sizes[Math.floor(quantile * (sizes.length - 1))];
  return { start: at(startQuantile), end: Math.min(at(startQuantile), at(endQuantile)) };
}

/**
 * The last part of the budget cools on, a thousandfold: where the smallest steps of the sample are far from the smallest
 * that there are, the walk would otherwise end while it still jitters.
 */
const quenchShare = 0.15;
const quenchFactor = 1e-3;

/** The temperature at a share of the budget. @param start, end as the range has them, the start multiplied */
export function temperatureAt(start: number, end: number, used: number): number {
  const slow = 1 - quenchShare;
  if (used < slow) return start * (end / start) ** (used / slow);
  return end * quenchFactor ** ((used - slow) / quenchShare);
}
