import { createRandom } from '../../src/base/random.ts';
import { ample, drawMoves, leastWaves } from '../../src/planning/random-moves.testing.ts';
import { orderIntoWaves } from '../../src/planning/waves.ts';
import type { LawLine } from './law-line.ts';

/** Random moves with room for all of them, under caps of all four kinds: against what the scarcest cap asks for. */
export function studyWaves(seeds: number): LawLine {
  const counts = { 'as few waves as the scarcest cap': 0, 'one more at most': 0 };
  let asked = 0;
  for (let seed = 0; seed < seeds; seed++) {
    const { problem, moves, caps } = drawMoves(createRandom(seed), ample);
    if (moves.length === 0) continue;
    asked += 1;
    const { ordered } = orderIntoWaves(problem, moves, { mayStage: () => false, keepsOrder: false });
    const more = (ordered.at(-1)?.wave ?? -1) + 1 - leastWaves(problem, moves, caps);
    if (more <= 0) counts['as few waves as the scarcest cap'] += 1;
    if (more <= 1) counts['one more at most'] += 1;
  }
  return { case: 'waves', seeds, asked, counts };
}
