import { describe, expect, test } from 'bun:test';
import { createStage, relocation, type Stage } from './execution.testing.ts';
import { createViewKeeper } from './view-keeper.ts';

const move = relocation(1, 0, 's00', 0, 'a2');

async function keeper() {
  const stage: Stage = await createStage();
  const { snapshot, policy } = stage.deps.world;
  const views = createViewKeeper(snapshot, policy, []);
  const replicasOn = (node: string): number => {
    const view = views.view();
    return view ? view.replicasOnNode(view.nodeIndex(node)) : -1;
  };
  const nextSnapshot = (): Promise<void> => stage.clock.advance(1_000);
  return { views, replicasOn, nextSnapshot };
}

describe('the view that guardrails judge by', () => {
  test('counts a move in flight at its destination, over every new snapshot', async () => {
    const { views, replicasOn, nextSnapshot } = await keeper();
    expect(replicasOn('a2')).toBe(0);
    views.begin(move);
    expect(replicasOn('a2')).toBe(1);
    await nextSnapshot();
    expect(replicasOn('a2')).toBe(1);
    expect(
      views
        .view()
        ?.inFlight()
        .map((each) => each.id),
    ).toEqual(['m00001']);
  });

  test('keeps a move that ended until a snapshot shows it', async () => {
    const { views, replicasOn, nextSnapshot } = await keeper();
    expect(replicasOn('a1')).toBe(6);
    views.begin(move);
    views.complete(move, 2);
    expect([replicasOn('a1'), replicasOn('a2')]).toEqual([5, 1]);
    // The fleet never carried it out, so that no snapshot shows it.
    await nextSnapshot();
    expect([replicasOn('a1'), replicasOn('a2')]).toEqual([5, 1]);
    const snapshot = views.view()?.snapshot;
    expect(snapshot && views.showsCompleted(snapshot)).toBe(false);
  });

  test('forgets a move that ended without effect', async () => {
    const { views, replicasOn } = await keeper();
    views.begin(move);
    views.abandon(move);
    expect([replicasOn('a1'), replicasOn('a2')]).toEqual([6, 0]);
  });
});
