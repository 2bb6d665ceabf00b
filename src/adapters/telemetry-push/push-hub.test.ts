import { describe, expect, test } from 'bun:test';
import { nextTurn } from '../../base/next-turn.ts';
import { noCounts } from '../../ports/telemetry-intake.ts';
import { loadBatch, peer, queue, shard, start } from '../../telemetry/telemetry.testing.ts';
import { batch, changes, collect, listed, listing, loadsOf, openTestHub } from './push-hub.testing.ts';
import { retryMs } from './push-hub.ts';
import { maxWaiting, maxWaitMs } from './push-queue.ts';
import { maxQueuedSamples } from './sample-intakes.ts';
import { windowSize } from './sequence-window.ts';
import { idleSourceMs } from './source-table.ts';

const oneLoad = (observedAt = start) => loadsOf(loadBatch(observedAt, [['s1', 0, 1]]));

describe('a batch', () => {
  test('that comes again is acknowledged again and changes nothing', async () => {
    const { hub, push } = openTestHub();
    expect(await push(batch(1, oneLoad()))).toMatchObject({
      counts: { ...noCounts, accepted: 1 },
      lastAcceptedSequence: 1,
    });
    expect(await push(batch(1, oneLoad()))).toMatchObject({
      counts: { ...noCounts, duplicate: 1 },
      lastAcceptedSequence: 1,
    });
    const reading = collect((signal) => hub.loads.watch('orders', signal));
    await nextTurn();
    expect(reading.items).toHaveLength(1);
    await reading.stop();
    expect(hub.totals().loads).toMatchObject({ accepted: 1, duplicate: 1 });
  });

  test('that was overtaken is taken, and the gap that it leaves is counted until it comes', async () => {
    const { push } = openTestHub();
    await push(batch(1, oneLoad()));
    expect(await push(batch(4, oneLoad(start + 3)))).toMatchObject({ missingBatches: 2 });
    const overtaken = await push(batch(2, oneLoad(start + 1)));
    expect(overtaken).toMatchObject({
      counts: { accepted: 1, outOfOrder: 1 },
      lastAcceptedSequence: 4,
      missingBatches: 1,
    });
  });

  test('that was overtaken by too many to tell is not taken', async () => {
    const { push } = openTestHub();
    await push(batch(windowSize + 7, oneLoad()));
    expect((await push(batch(7, oneLoad()))).counts).toEqual({ ...noCounts, late: 1 });
  });

  test('of an agent that restarted is numbered from 1 again, and its past is refused', async () => {
    const { push, refusal } = openTestHub();
    await push(batch(9, oneLoad()));
    expect(await push(batch(1, oneLoad(start + 1), { incarnation: 2 }))).toMatchObject({
      counts: { accepted: 1, outOfOrder: 0 },
      lastAcceptedSequence: 1,
    });
    expect(await refusal(batch(10, oneLoad()))).toBe('TELEMETRY_SOURCE_REPLACED');
  });

  test('of another source, kind or principal is numbered on its own', async () => {
    const { push } = openTestHub();
    const first = batch(1, oneLoad());
    await push(first);
    const others = [
      batch(1, oneLoad(), { source: 'other' }),
      batch(1, changes([])),
      batch(1, { kind: 'peers', peers: [] }),
      { ...first, origin: { ...first.origin, principal: 'somebody else' } },
    ];
    for (const other of others) expect((await push(other)).counts.duplicate).toBe(0);
  });

  test('of a kind that is fetched, or of another namespace, is refused by name', async () => {
    const { refusal } = openTestHub({ fetchedFrom: { peers: 'http://gossip:9000' } });
    expect(await refusal(batch(1, { kind: 'peers', peers: [] }))).toBe('TELEMETRY_NOT_PUSHED');
    expect(await refusal(batch(1, { ...changes([]), namespace: 'nobody' }))).toBe('NAMESPACE_NOT_FOUND');
    expect(await refusal(batch(1, oneLoad()))).toBe('taken');
  });

  test('of a source that was idle for long is a new source’s', async () => {
    const { push, clock } = openTestHub();
    await push(batch(1, oneLoad()));
    await clock.advance(idleSourceMs);
    // Forgetting happens when another source comes.
    await push(batch(1, oneLoad(), { source: 'other' }));
    expect((await push(batch(1, oneLoad()))).counts).toMatchObject({ accepted: 1, duplicate: 0 });
  });
});

describe('samples', () => {
  test('that are no amounts are counted as invalid, the others of their batch are taken', async () => {
    const { push } = openTestHub();
    const rows: [string, number, number][] = [
      ['s1', 0, Number.NaN],
      ['s1', 1, -1],
      ['s2', 0, Number.POSITIVE_INFINITY],
      ['s2', 1, 1],
    ];
    const { counts } = await push(batch(1, loadsOf(loadBatch(start, rows))));
    expect(counts).toEqual({ ...noCounts, accepted: 1, invalid: 3 });
    const peers = [peer('n1'), peer('n2', { weight: -1 }), peer('', {})];
    expect((await push(batch(1, { kind: 'peers', peers }))).counts).toMatchObject({
      accepted: 1,
      invalid: 2,
    });
    const queues = [queue('n1', 'q', { pendingCount: Number.NaN }), queue('n1', 'r')];
    expect((await push(batch(1, { kind: 'backpressure', queues }))).counts).toMatchObject({
      accepted: 1,
      invalid: 1,
    });
  });

  test('from later than now are counted as skewed and left to the policy', async () => {
    const { push } = openTestHub();
    const late = start + 60_000;
    expect((await push(batch(1, oneLoad(late)))).counts).toMatchObject({ accepted: 1, skewed: 1 });
    const peers = [peer('n1', { observedAt: late }), peer('n2')];
    expect((await push(batch(1, { kind: 'peers', peers }))).counts).toMatchObject({ accepted: 2, skewed: 1 });
    const shards = [shard('s1', ['n1'], { updatedAt: late })];
    expect((await push(batch(1, changes(shards)))).counts).toMatchObject({ accepted: 1, skewed: 1 });
  });

  test('of peers reach every reader, and one that comes later begins with the newest of each', async () => {
    const { hub, push } = openTestHub();
    const early = collect(hub.peers.watch);
    await nextTurn();
    await push(batch(1, { kind: 'peers', peers: [peer('n1'), peer('n2')] }));
    await push(batch(2, { kind: 'peers', peers: [peer('n1', { sequence: 2, observedAt: start + 1 })] }));
    const late = collect(hub.peers.watch);
    await nextTurn();
    const named = (items: readonly (readonly { node: string; sequence: number }[])[]) =>
      items.flat().map((each) => `${each.node}/${each.sequence}`);
    expect(named(early.items)).toEqual(['n1/1', 'n2/1', 'n1/2']);
    expect(named(late.items)).toEqual(['n1/2', 'n2/1']);
    await Promise.all([early.stop(), late.stop()]);
  });
});

describe('a full hub', () => {
  const big = (sequence: number) => {
    const rows = Array.from({ length: maxQueuedSamples / 4 }, (): [string, number, number] => ['s1', 0, 1]);
    return batch(sequence, loadsOf(loadBatch(start + sequence, rows)));
  };

  test('slows agents down, then lets them wait, then refuses with how far they came; nothing taken is lost', async () => {
    const { hub, clock, push } = openTestHub();
    const { signal } = new AbortController();
    expect((await push(big(1))).waitMs).toBe(0);
    await push(big(2));
    expect((await push(big(3))).waitMs).toBe(retryMs / 2);
    expect((await push(big(4))).waitMs).toBe(retryMs);
    const waiting = hub.push(big(5), signal);
    await clock.advance(maxWaitMs);
    expect(await waiting).toMatchObject({
      ok: false,
      error: { problem: { code: 'TELEMETRY_OVERLOADED' }, lastAcceptedSequence: 4, waitMs: retryMs },
    });
    const patient = hub.push(big(5), signal);
    const again = hub.push(big(5), signal);
    const reading = collect((stop) => hub.loads.watch('orders', stop));
    await nextTurn();
    expect(await patient).toMatchObject({ ok: true, value: { lastAcceptedSequence: 5 } });
    // The same batch by another connection.
    expect(await again).toMatchObject({ ok: true, value: { counts: { duplicate: maxQueuedSamples / 4 } } });
    await nextTurn();
    expect(reading.items.map((each) => each.observedAt - start)).toEqual([1, 2, 3, 4, 5]);
    await reading.stop();
    expect(clock.pendingTimers()).toBe(0);
  });

  test('lets only so many wait, and nobody who left', async () => {
    const { hub, clock } = openTestHub();
    const leaving = new AbortController();
    for (let sequence = 1; sequence <= 4; sequence++) await hub.push(big(sequence), leaving.signal);
    const waiting = Array.from({ length: maxWaiting }, (_, at) => hub.push(big(5 + at), leaving.signal));
    expect(await hub.push(big(1_000), new AbortController().signal)).toMatchObject({ ok: false });
    leaving.abort();
    for (const each of waiting) expect((await each).ok).toBe(false);
    const reading = collect((stop) => hub.loads.watch('orders', stop));
    await nextTurn();
    expect(reading.items).toHaveLength(4);
    await reading.stop();
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe('silence', () => {
  test('of agents for too long ends what ingest reads, and a sign of life is enough', async () => {
    const { hub, clock, push } = openTestHub();
    await push(listing(1, [shard('s1', ['n1'])]));
    const shards = collect((signal) => hub.registry.watch('orders', 1, signal));
    const loads = collect((signal) => hub.loads.watch('orders', signal));
    const queues = collect(hub.backpressure.watch);
    await clock.advance(50_000);
    await push(batch(2, changes([])));
    await push(batch(1, { kind: 'backpressure', queues: [] }));
    await clock.advance(50_000);
    expect([shards.ended(), loads.ended(), queues.ended()]).toEqual([undefined, undefined, undefined]);
    await clock.advance(30_000);
    expect([shards.ended(), loads.ended(), queues.ended()]).toEqual([
      'FLEET_UNREACHABLE',
      'FLEET_UNREACHABLE',
      'FLEET_UNREACHABLE',
    ]);
    const read = await hub.registry.get('orders', 's1', new AbortController().signal);
    expect(!read.ok && read.error.code).toBe('FLEET_UNREACHABLE');
    expect(collect(hub.backpressure.watch).items).toEqual([]);
    await push(batch(3, changes([])));
    expect(await listed(hub)).toEqual(['s1@1']);
    expect(clock.pendingTimers()).toBe(0);
  });
});
