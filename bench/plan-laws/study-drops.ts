import { createRandom } from '../../src/base/random.ts';
import { computePlan } from '../../src/planning/compute-plan.ts';
import { randomRequest } from '../../src/planning/conformance/random-request.ts';
import type { LawLine } from './law-line.ts';

/** Plans of random fleets: those of which the search found moves that no order was found for. */
export function studyDrops(seeds: number): LawLine {
  const counts = { 'plans with moves dropped': 0 };
  let asked = 0;
  for (let seed = 0; seed < seeds; seed++) {
    const planned = computePlan(randomRequest(createRandom(seed), 'anything'));
    if (!planned.ok) continue;
    const { moves, obstacles } = planned.value;
    const hasDropped = obstacles.some(
      ({ code }) => code === 'intermediateCapacity' || code === 'transientCapacity',
    );
    if (moves.length === 0 && !hasDropped) continue;
    asked += 1;
    if (hasDropped) counts['plans with moves dropped'] += 1;
  }
  return { case: 'drops', seeds, asked, counts };
}
