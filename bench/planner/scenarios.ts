import { anytimeCurve } from './anytime.ts';
import { atMost, type Bar } from './bars.ts';
import type { Line } from './bench-line.ts';
import { moveEconomy } from './economy.ts';
import { rollingDrain } from './rolling-drain.ts';
import { usualShape } from './usual-fleet.ts';

/** Several plans one after the other. */
export interface ScenarioCase {
  readonly about: string;
  readonly run: (progress: (text: string) => void) => Line;
  readonly bars: readonly Bar[];
}

const noisyRounds = 50;

export const scenarioCases: Readonly<Record<string, ScenarioCase>> = {
  'rolling-drain': {
    about: 'every one of a hundred nodes is drained in turn and comes back empty',
    run: (progress) => rollingDrain(usualShape('drain', { replicas: 10_000, nodes: 100 }), progress),
    bars: [atMost('toVacateAfter', 0), atMost('violationsAfter', 0)],
  },
  economy: {
    about: 'a balanced fleet is left alone, and nearly so while its loads are noisy by 5% over 50 rounds',
    run: (progress) =>
      moveEconomy(usualShape('economy', { replicas: 30_000, nodes: 300 }), noisyRounds, progress),
    bars: [...[atMost('secondPlanMoves', 0), atMost('backWithinCooldown', 0)], atMost('shareOfShards', 0.02)],
  },
  anytime: {
    about: 'the million again, ended after ever more evaluations: peak/mean against time',
    run: (progress) => anytimeCurve(usualShape('million', { replicas: 1_000_000, nodes: 10_000 }), progress),
    bars: [],
  },
};
