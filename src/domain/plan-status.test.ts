import { describe, expect, test } from 'bun:test';
import { hasEnded, mayTransition, type PlanActor, planStatuses, planTransitions } from './plan-status.ts';

/** Written down a second time on purpose: a change of the table must be meant. o: operator, c: controller. */
const legal: Readonly<Record<string, string>> = {
  draft: 'expired:c',
  pendingApproval: 'approved:oc rejected:o cancelled:o expired:c superseded:c',
  approved: 'executing:c cancelled:o expired:c superseded:c failed:c',
  executing: 'paused:oc completed:c failed:c cancelled:o superseded:c',
  paused: 'executing:oc cancelled:o failed:c',
  completed: 'rollingBack:o',
  failed: 'rollingBack:o',
  cancelled: 'rollingBack:o',
  superseded: 'rollingBack:o',
  rollingBack: 'rolledBack:c failed:c',
};
const letters: Readonly<Record<PlanActor, string>> = { operator: 'o', controller: 'c' };

function isLegal(from: string, to: string, by: PlanActor): boolean {
  const entry = (legal[from] ?? '').split(' ').find((each) => each.startsWith(`${to}:`));
  return entry?.split(':')[1]?.includes(letters[by]) ?? false;
}

describe('the life of a plan', () => {
  for (const from of planStatuses) {
    for (const to of planStatuses) {
      for (const by of ['operator', 'controller'] as const) {
        const expected = isLegal(from, to, by);
        test(`${from} → ${to} by ${by} is ${expected ? 'legal' : 'refused'}`, () => {
          expect(mayTransition(from, to, by)).toBe(expected);
        });
      }
    }
  }

  test('every status can be reached from a new plan', () => {
    const reached = new Set<string>(['draft', 'pendingApproval']);
    for (let before = 0; before !== reached.size; ) {
      before = reached.size;
      for (const { from, to } of planTransitions) if (reached.has(from)) reached.add(to);
    }
    expect([...reached].sort()).toEqual([...planStatuses].sort());
  });

  test('no controller leads an ended plan on, but for the retention of drafts', () => {
    const revived = planTransitions.filter(
      (each) => hasEnded(each.from) && each.by.includes('controller') && each.from !== 'draft',
    );
    expect(revived).toEqual([]);
  });
});
