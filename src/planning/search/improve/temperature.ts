import type { Random } from '../../../base/random.ts';
import { createChange } from '../../change.ts';
import type { Walk } from './walk.ts';

/** Where cooling begins and ends, in units of energy; how high above `start` it begins depends on the budget. */
export interface TemperatureRange {
  readonly start: number;
  readonly end: number;
  /** Share of the candidates that other rules admit and that no node has room for. */
  readonly tightness: number;
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
const largestFactor = 4;

/**
 * Candidates per replica for one cooling; several times as many cool several times. One long cooling of the contest's
 * instances ends anywhere within 3%, by what it decided while it was hot, and which heat serves best differs from fleet to
 * fleet: tight ones (a1_2, a2_4) jam when they are melted, others (a2_3) have to be.
 */
const candidatesPerCycle = 160_000;
const mostCycles = 12;

/** Of the cycles, one in so many begins where the first began, each less hot, down to the least; the others go on from the best. */
const cyclesPerStart = 3;
const leastStart = 0.1;

/** Heats that further cycles begin with, drawn evenly by their logarithm. */
const leastReheat = 0.1;
const largestReheat = 1;

/** Share of the budget after which the number of candidates to come is taken as known: before, a clock has told too little. */
export const surveyedShare = 0.01;

/** Where a cycle begins: in the placement that the first began with, or in the best so far. */
export type CycleStart = 'first' | 'best';

/** The temperature as the budget is used up. */
export interface Cooling {
  /** Goes on to the share of the budget; answers where to go when a further cycle begins there, else null. */
  follow(used: number): CycleStart | null;
  temperature(): number;
}

/** What cooling depends on beside the range. */
export interface CoolingCourse {
  /** Candidates per replica that there will be, as far as is known. */
  perReplica(): number;
  /** Whether to begin with the placement it finds, hot; otherwise every cycle goes on from the best, less hot. */
  readonly isFresh: boolean;
}

export function createCooling(
  range: TemperatureRange,
  random: Random,
  { perReplica, isFresh }: CoolingCourse,
): Cooling {
  let cycles = 0;
  let starts = isFresh ? 1 : 0;
  let cycle = 0;
  let factor = isFresh ? 1 : geometric(leastReheat, largestReheat, random.next());
  let temperature = 0;

  function survey(): void {
    cycles = Math.max(1, Math.min(mostCycles, Math.floor(perReplica() / candidatesPerCycle)));
    if (isFresh) starts = Math.max(1, Math.floor(cycles / cyclesPerStart));
  }

  return {
    follow(used) {
      if (cycles === 0 && used >= surveyedShare) survey();
      const count = Math.max(1, cycles);
      const now = Math.min(count - 1, Math.floor(used * count));
      const begins = now > cycle;
      cycle = now;
      const isStart = cycle < starts;
      if (isStart) {
        const hottest = startFactor(perReplica() / count);
        factor = cycle === 0 ? hottest : geometric(hottest, leastStart, cycle / (starts - 1));
      } else if (begins) factor = geometric(leastReheat, largestReheat, random.next());
      temperature = temperatureAt(Math.max(range.end, range.start * factor), range.end, used * count - cycle);
      if (!begins) return null;
      return isStart ? 'first' : 'best';
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
  let refused = 0;
  let admitted = 0;
  for (; drawn < maxDrawn && found.length < enough; drawn++) {
    const replica = replicas[random.integer(replicas.length)];
    const to = nodes[random.integer(nodes.length)];
    if (to === state.nodeOf[replica]) continue;
    if (!gate.admits(state.relocation(change, replica, to))) {
      if (gate.admitsBooked(change)) refused += 1;
      continue;
    }
    admitted += 1;
    const size = Math.abs(energy.delta(change));
    if (size > 0) found.push(size);
  }
  walk.looked += drawn;
  if (found.length === 0) return null;
  const sizes = Float64Array.from(found).sort();
  const at = (quantile: number): number => sizes[Math.floor(quantile * (sizes.length - 1))];
  return {
    start: at(startQuantile),
    end: Math.min(at(startQuantile), at(endQuantile)),
    tightness: refused / (refused + admitted),
  };
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
