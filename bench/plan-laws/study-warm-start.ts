import { createRandom } from '../../src/base/random.ts';
import { compareLevels } from '../../src/planning/build-objective.ts';
import { computePlan } from '../../src/planning/compute-plan.ts';
import { randomRequest } from '../../src/planning/conformance/random-request.ts';
import type { LawLine } from './law-line.ts';

/** Plans of random fleets, made again with their own moves as suggestions: where the second ends otherwise. */
export function studyWarmStart(seeds: number): LawLine {
  const counts = { 'rules worse': 0, 'rules better': 0, 'else worse': 0, 'else better': 0 };
  let asked = 0;
  for (let seed = 0; seed < seeds; seed++) {
    const request = randomRequest(createRandom(seed), 'anything');
    const cold = computePlan(request);
    if (!cold.ok || cold.value.moves.length === 0) continue;
    asked += 1;
    const warm = computePlan({ ...request, warmStart: cold.value.moves });
    if (!warm.ok) throw new Error(`seed ${seed}: the warm plan is refused`);
    const [from, to] = [cold.value.summary.objectiveAfter, warm.value.summary.objectiveAfter];
    const rules = compareLevels(to.slice(0, 2), from.slice(0, 2));
    const all = compareLevels(to, from);
    if (rules !== 0) counts[rules > 0 ? 'rules worse' : 'rules better'] += 1;
    else if (all !== 0) counts[all > 0 ? 'else worse' : 'else better'] += 1;
  }
  return { case: 'warm', seeds, asked, counts };
}
