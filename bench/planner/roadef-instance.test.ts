import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { afterMoves, placementOf, violationsOf } from '../../src/planning/check-placement.ts';
import { computePlan } from '../../src/planning/compute-plan.ts';
import { readRoadef } from './roadef-instance.ts';

/** Folder with the contest's `model_NAME.txt` and `assignment_NAME.txt`; without it there is nothing to test. */
const data = process.env.ROADEF_DATA ?? '';

describe.skipIf(data === '')('an instance of the contest', () => {
  test.each(['a1_4', 'a1_5'])('%s is improved without breaking a rule, transient ones included', (name) => {
    const { request } = readRoadef(join(data, `model_${name}.txt`), join(data, `assignment_${name}.txt`));
    const planned = computePlan(request);
    if (!planned.ok) throw new Error('no plan');
    const { moves, summary } = planned.value;
    expect(summary.objectiveAfter[2]).toBeLessThan(summary.objectiveBefore[2]);
    expect(new Set(moves.map((move) => `${move.shard}/${move.replica}`)).size).toBe(moves.length);
    expect([...violationsOf(request, afterMoves(placementOf(request), moves))]).toEqual([]);
  });
});
