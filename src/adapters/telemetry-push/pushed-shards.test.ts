import { describe, expect, test } from 'bun:test';
import { nextTurn } from '../../base/next-turn.ts';
import { shard } from '../../telemetry/telemetry.testing.ts';
import { batch, changes, collect, listed, listing, openTestHub } from './push-hub.testing.ts';
import { createPushedShards, maxRetainedChanges } from './pushed-shards.ts';

const at = (id: string, version: number) => shard(id, ['n1', 'n2'], { version, updatedAt: version });

describe('pushed shards', () => {
  test('are shown when a first listing is whole, and agents are told that one is wanted', async () => {
    const { hub, push } = openTestHub();
    const pages = collect((signal) => hub.registry.list('orders', signal));
    expect((await push(batch(1, changes([at('s1', 1)])))).wantsListing).toBe(true);
    const part = (lastSequence: number) => ({ listing: { firstSequence: 2, lastSequence } });
    expect((await push(batch(2, { ...changes([at('s1', 1)]), ...part(0) }))).wantsListing).toBe(true);
    await nextTurn();
    expect(pages.items).toEqual([]);
    // Not SHARD_NOT_FOUND: moves that a restart interrupted would be given up.
    const read = await hub.registry.get('orders', 's9', new AbortController().signal);
    expect(!read.ok && read.error.code).toBe('FLEET_UNREACHABLE');
    expect((await push(batch(3, { ...changes([at('s2', 1)]), ...part(3) }))).wantsListing).toBe(false);
    await nextTurn();
    expect(pages.items.flatMap((page) => page.shards.map((each) => each.shard))).toEqual(['s1', 's2']);
    await pages.stop();
  });

  test('that a whole listing does not name are gone; one with a gap takes nothing away', async () => {
    const { hub, push } = openTestHub();
    await push(listing(1, [at('s1', 1), at('s2', 1), at('s3', 1)]));
    const part = { listing: { firstSequence: 2, lastSequence: 4 } };
    await push(batch(2, { ...changes([at('s1', 1)]), ...part }));
    await push(batch(4, { ...changes([]), ...part }));
    expect(await listed(hub)).toEqual(['s1@1', 's2@1', 's3@1']);
    const watching = collect((signal) => hub.registry.watch('orders', 3, signal));
    await push(batch(3, { ...changes([at('s2', 1)]), ...part }));
    expect(await listed(hub)).toEqual(['s1@1', 's2@1']);
    await nextTurn();
    expect(watching.items.map((each) => [each.current.shard, each.removed])).toEqual([['s3', true]]);
    await watching.stop();
  });

  test('that came while another agent lists are not taken away by its listing', async () => {
    const { hub, push } = openTestHub();
    await push(listing(1, [at('s1', 1)]));
    await push(batch(2, { ...changes([at('s1', 1)]), listing: { firstSequence: 2, lastSequence: 0 } }));
    await push(batch(1, changes([at('new', 1)]), { source: 'other' }));
    await push(batch(3, { ...changes([]), listing: { firstSequence: 2, lastSequence: 3 } }));
    expect(await listed(hub)).toEqual(['new@1', 's1@1']);
  });

  test('told by two agents have the newest version, whoever tells it', async () => {
    const { hub, push } = openTestHub();
    await push(listing(1, [at('s1', 3)]));
    const behind = await push(batch(1, changes([at('s1', 2)]), { source: 'other' }));
    expect(behind.counts).toMatchObject({ accepted: 0, duplicate: 1 });
    await push(batch(2, changes([at('s1', 4)]), { source: 'other' }));
    await push(batch(2, changes([], [at('s1', 3)])));
    expect(await listed(hub)).toEqual(['s1@4']);
    await push(batch(3, changes([], [at('s1', 4)])));
    expect(await listed(hub)).toEqual([]);
  });

  test('that are removed do not come back by older news, but made anew they do', async () => {
    const { hub, push } = openTestHub();
    await push(listing(1, []));
    await push(batch(2, changes([], [at('s1', 5)])));
    await push(batch(3, changes([at('s1', 5)])));
    expect(await listed(hub)).toEqual([]);
    await push(batch(4, changes([shard('s1', ['n1'], { version: 1, updatedAt: 9 })])));
    expect(await listed(hub)).toEqual(['s1@1']);
  });

  test('of another namespace or without sense are left out and counted', async () => {
    const { hub, push } = openTestHub();
    const odd = [at('s1', 1), shard('s2', ['n1', 'n1']), { ...at('s3', 1), namespace: 'billing' }];
    expect((await push(listing(1, odd))).counts).toMatchObject({ accepted: 1, invalid: 1, foreign: 1 });
    expect(await listed(hub)).toEqual(['s1@1']);
  });

  test('have positions that are refused when they are no longer retained or not yet there', () => {
    const shards = createPushedShards();
    for (let version = 1; version <= maxRetainedChanges + 2; version++) shards.put(at('s1', version));
    expect(shards.changeAfter(1)).toBe('lost');
    expect(shards.changeAfter(2)).toMatchObject({ position: 3, current: { version: 3 } });
    expect(shards.changeAfter(shards.position())).toBe('none');
    expect(shards.changeAfter(shards.position() + 1)).toBe('lost');
  });
});
