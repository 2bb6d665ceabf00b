import { expect, test } from 'bun:test';
import type { NodeStatus } from '../domain/node.ts';
import type { PeerSample } from '../domain/telemetry-sample.ts';
import { nudgeOnStatusChange } from './watch-node-status.ts';

function sample(node: string, status: NodeStatus): PeerSample {
  const place = { region: 'r', zone: 'z', rack: 'k', labels: {}, weight: 1 };
  return { node, status, ...place, capacity: {}, target: {}, signals: {}, sequence: 1, observedAt: 1 };
}

test('nudges once a batch with a change was taken, not for new nodes and not for what stays', async () => {
  const batches = [
    [sample('n1', 'alive'), sample('n2', 'alive')],
    [sample('n1', 'alive'), sample('n2', 'alive'), sample('n3', 'alive')],
    [sample('n2', 'dead')],
    [sample('n2', 'dead')],
  ];
  const story: string[] = [];
  const source = nudgeOnStatusChange(
    {
      async *watch() {
        yield* batches;
      },
    },
    () => story.push('nudge'),
  );
  for await (const batch of source.watch(new AbortController().signal)) story.push(`${batch.length}`);
  expect(story).toEqual(['2', '3', '1', 'nudge', '1']);
});
