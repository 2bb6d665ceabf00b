import { expect, test } from 'bun:test';
import { columnsOf } from '../../domain/snapshot-columns.ts';
import { annealedRequest } from '../../planning/annealed-fleet.testing.ts';
import type { PlannerTask } from './planner-task.ts';
import { receiveTask, type SentTask, sendTask } from './sent-task.ts';

const plan: PlannerTask = { kind: 'plan', request: annealedRequest(1) };
const explain: PlannerTask = {
  kind: 'explain',
  request: {
    planning: annealedRequest(1),
    moves: [],
    obstacles: [],
    subject: { kind: 'node', id: 'n1' },
    limit: 1,
  },
};

function columnsSent({ task }: SentTask) {
  const { snapshot } = task.kind === 'plan' ? task.request : task.request.planning;
  return columnsOf(snapshot.shards);
}

for (const task of [plan, explain]) {
  test(`what is sent to ${task.kind} is received as it was`, () => {
    const sent = sendTask(task);
    expect(receiveTask(structuredClone(sent))).toEqual(task);
    expect(columnsSent(sent).every((column) => column.buffer instanceof SharedArrayBuffer)).toBe(true);
  });
}

test('what extensions of the policy could write to is not shared', () => {
  const { policy } = annealedRequest(1);
  const placement = { ...policy.placement, extensions: [{ name: 'probe', parameters: {} }] };
  const sent = sendTask({
    kind: 'plan',
    request: { ...annealedRequest(1), policy: { ...policy, placement } },
  });
  expect(columnsSent(sent).some((column) => column.buffer instanceof SharedArrayBuffer)).toBe(false);
});
