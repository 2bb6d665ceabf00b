import type { CaseLine } from '../planner/bench-line.ts';
import type { ContestCost } from './contest-cost.ts';
import type { ReferenceRow } from './reference.ts';

/** What is said of an instance that was solved. */
export interface ContestLine {
  /** `roadef-NAME`. */
  readonly case: string;
  readonly seconds: number;
  readonly millis: number;
  readonly lanes: number;
  readonly evaluations: number;
  readonly cost: ContestCost;
  readonly initial: number;
  readonly lowerBound: number;
  /** (cost - bound) / cost. */
  readonly gapToBound: number;
  /** (cost - best known) / best known; below 0: better than any that we know of. */
  readonly gapToBestKnown?: number;
  /** 100 × (cost - best of the contest) / initial cost. */
  readonly score?: number;
  readonly winnerAverage?: number;
}

/** What the reference of the instance makes of a cost; nothing where it has none. */
export function comparison(total: number, known: ReferenceRow | undefined): Partial<ContestLine> {
  if (!known) return {};
  const { best_credible: best, challenge_best: contestBest, initial, nls_avg_5min: winnerAverage } = known;
  return {
    ...(best !== undefined && { gapToBestKnown: (total - best) / best }),
    ...(contestBest !== undefined && { score: (100 * (total - contestBest)) / initial }),
    ...(winnerAverage !== undefined && { winnerAverage }),
  };
}

/** The line as results keep it: `cost` is the total, its parts have columns of their own. */
export function recordedLine({ cost, ...line }: ContestLine): CaseLine {
  const { total, load, balance, processMove, serviceMove, machineMove, movedProcesses } = cost;
  const parts = { load, balance, processMove, serviceMove, machineMove, movedProcesses };
  return { ...line, cost: total, ...parts };
}

/** An instance has a line for each time that it was given. */
export function recordKey(line: CaseLine): string {
  return line.seconds === undefined ? line.case : `${line.case} ${line.seconds} s`;
}
