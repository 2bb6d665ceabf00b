import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { PlanView } from '../controller/rebalancer.ts';
import { digestPlan } from '../domain/plan-digest.ts';
import { move, moveProgress, obstacle, plan } from './arbitraries.testing.ts';
import { formatPlanFile, parsePlanFile } from './plan-file.ts';

const views: fc.Arbitrary<PlanView> = fc
  .record({
    plan,
    moves: fc.array(move, { maxLength: 3 }),
    obstacles: fc.array(obstacle, { maxLength: 2 }),
    progress: fc.array(moveProgress, { maxLength: 3 }),
  })
  .map((view) => ({
    ...view,
    plan: { ...view.plan, digest: digestPlan({ ...view.plan, moves: view.moves }) },
  }));

function bytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
}

function codesOf(file: Uint8Array): string[] {
  const parsed = parsePlanFile(file);
  return parsed.ok ? [] : parsed.error.map((each) => each.code);
}

describe('a plan file', () => {
  test('is the same plan when it is read again, and the same bytes when it is written again', () => {
    fc.assert(
      fc.property(views, (view) => {
        const text = formatPlanFile(view);
        const parsed = parsePlanFile(bytes(text));
        expect(parsed).toStrictEqual({ ok: true, value: view });
        if (parsed.ok) expect(formatPlanFile(parsed.value)).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  test('whose moves were altered does not pass for the plan whose digest it claims', () => {
    const [view] = fc.sample(
      views.filter((each) => each.moves.length > 0),
      { numRuns: 1, seed: 5 },
    );
    if (!view) throw new Error('there is no plan');
    const file = JSON.parse(formatPlanFile(view));
    file.moves[0].destination = 'elsewhere';
    expect(codesOf(bytes(file))).toEqual(['PLAN_DIGEST_MISMATCH']);
    file.moves[0].gain = 'NaN';
    expect(codesOf(bytes(file))).toEqual(['FIELD_INVALID']);
  });

  test.each([
    ['no JSON', '{', ['INPUT_MALFORMED']],
    ['a list', '[]', ['INPUT_MALFORMED']],
    ['no plan', '{}', ['FIELD_REQUIRED']],
    ['a field that we do not know', '{"plan": {"statsu": 1}}', ['FIELD_UNKNOWN']],
    ['no status', '{"plan": {"id": "p1"}}', ['FIELD_INVALID']],
  ])('with %s is refused', (_, text, codes) => {
    expect(codesOf(bytes(text))).toEqual(codes);
  });

  test('of any JSON whatever gives problems and never an exception', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parsePlanFile(bytes(JSON.stringify({ plan: value }))).ok).toBe(false);
        expect(parsePlanFile(bytes(JSON.stringify(value))).ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});
