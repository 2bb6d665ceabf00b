import { expect, test } from 'bun:test';
import { canonicalJson } from '../../base/digest.ts';
import { createRandom } from '../../base/random.ts';
import { computePlan } from '../compute-plan.ts';
import { randomRequest } from '../conformance/random-request.ts';
import { explainPlan } from './explain-plan.ts';

test('a plan that another one warmed is explained alike by who knows that one and by who does not', () => {
  let explained = 0;
  for (let seed = 0; seed < 30; seed++) {
    const cold = randomRequest(createRandom(seed), 'anything');
    const first = computePlan(cold);
    if (!first.ok || first.value.moves.length === 0) continue;
    const warm = { ...cold, warmStart: first.value.moves.toReversed() };
    const planned = computePlan(warm);
    if (!planned.ok) throw new Error('no plan');
    const { moves, obstacles } = planned.value;
    for (const { id } of cold.snapshot.nodes) {
      const question = { moves, obstacles, subject: { kind: 'node', id } as const, limit: 100 };
      const [known, unknown] = [warm, cold].map((planning) => explainPlan({ ...question, planning }));
      expect(asText(known)).toBe(asText(unknown));
      explained += 1;
    }
  }
  expect(explained).toBeGreaterThan(30);
});

/** Without a target or a limit there is no number to write. */
function asText(answer: ReturnType<typeof explainPlan>): string {
  return canonicalJson(JSON.parse(JSON.stringify(answer)));
}
