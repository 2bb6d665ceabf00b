import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { nextTurn } from '../../base/next-turn.ts';
import type { PushedBatch } from '../../ports/telemetry-intake.ts';
import { createFleetTelemetry } from '../../telemetry/fleet-telemetry.ts';
import { loadBatch, peer, queue, shard, snapshotOf, start } from '../../telemetry/telemetry.testing.ts';
import { batch, changes, collect, listing, loadsOf, openTestHub } from './push-hub.testing.ts';

const nodes = ['n1', 'n2', 'n3'];
const shards = ['s1', 's2', 's3'];
/** The last one stays, so that there is always something to take a picture of. */
const initial = [...shards, 's4'].map((id, at) =>
  shard(id, [nodes[at % 3] ?? '', nodes[(at + 1) % 3] ?? '']),
);

/** What an agent tells, in its order: versions, sequences and times rise. */
const stories = fc
  .array(
    fc.record({
      kind: fc.constantFrom(
        'move' as const,
        'remove' as const,
        'loads' as const,
        'peer' as const,
        'queue' as const,
      ),
      of: fc.integer({ min: 0, max: 2 }),
      value: fc.integer({ min: 1, max: 50 }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((steps): PushedBatch[] => {
    const sequences = { shards: 1, loads: 0, peers: 1, backpressure: 0 };
    const versions = [1, 1, 1];
    return steps.map(({ kind, of, value }, step) => {
      const at = start + step + 1;
      const node = nodes[of] ?? '';
      const id = shards[of] ?? '';
      const set = () => {
        versions[of] = (versions[of] ?? 0) + 1;
        // The leader stays where it is: loads before a change of leader are measured under other roles.
        const replicas = [node, nodes[(of + value) % 3] === node ? 'n4' : (nodes[(of + value) % 3] ?? '')];
        return shard(id, replicas, { version: versions[of] ?? 0, updatedAt: at });
      };
      if (kind === 'move') return batch(++sequences.shards, changes([set()]));
      if (kind === 'remove') return batch(++sequences.shards, changes([], [set()]));
      if (kind === 'loads') {
        const rows = [...shards, 's4'].map((each): [string, number, number] => [each, 0, value]);
        return batch(++sequences.loads, loadsOf(loadBatch(at, rows)));
      }
      if (kind === 'peer') {
        const sample = peer(node, { sequence: step + 2, observedAt: at, weight: value });
        return batch(++sequences.peers, { kind: 'peers', peers: [sample] });
      }
      const sample = queue(node, 'q', { pendingCount: value, observedAt: at });
      return batch(++sequences.backpressure, { kind: 'backpressure', queues: [sample] });
    });
  });

/** The story, and the same batches in another order with some of them twice. */
const tellings = stories.chain((story) =>
  fc
    .array(fc.integer({ min: 0, max: story.length - 1 }), { maxLength: 10 })
    .chain((again) => {
      const all = [...story, ...again.flatMap((at) => story[at] ?? [])];
      return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
    })
    .map((shuffled) => ({ story, shuffled })),
);

/** What becomes of the batches, down to the snapshot, whose newest loads count. */
async function outcomeOf(batches: readonly PushedBatch[]) {
  const { hub, clock, push } = openTestHub();
  await push(listing(1, initial));
  await push(batch(1, { kind: 'peers', peers: [...nodes, 'n4'].map((node) => peer(node)) }));
  const telemetry = createFleetTelemetry({ cluster: 'test', namespace: 'orders', clock });
  telemetry.acceptShardPage({ shards: initial, position: 4 });
  const readers = [
    collect((signal) => hub.registry.watch('orders', 4, signal)),
    collect((signal) => hub.loads.watch('orders', signal)),
    collect(hub.peers.watch),
    collect(hub.backpressure.watch),
  ] as const;
  await nextTurn();
  for (const each of batches) await push(each);
  await nextTurn();
  const [changed, loads, peers, queues] = readers;
  // Shards first: one that goes and is made anew begins without loads, and whether its going is seen depends on the order.
  for (const each of changed.items) telemetry.acceptShardChange(each);
  for (const each of loads.items) telemetry.acceptLoads(each);
  for (const each of peers.items) telemetry.acceptPeers(each);
  for (const each of queues.items) telemetry.acceptBackpressure(each);
  for (const each of readers) await each.stop();
  await clock.advance(1_000);
  const { shards: held, nodes: known } = snapshotOf(telemetry);
  return {
    held: { ids: held.ids, nodes: [...held.replicaNodes], loads: [...held.replicaLoads] },
    known,
    loads: loads.items.map((each) => each.observedAt).sort(),
  };
}

test('batches in any order and any number of times give the state that they give in order', async () => {
  await fc.assert(
    fc.asyncProperty(tellings, async ({ story, shuffled }) => {
      expect(await outcomeOf(shuffled)).toEqual(await outcomeOf(story));
    }),
    { numRuns: 150 },
  );
});
