import { describe, expect, test } from 'bun:test';
import { silentLog } from '../base/log.ts';
import { createRandom } from '../base/random.ts';
import { err, ok } from '../base/result.ts';
import { createVirtualClock, type VirtualClock } from '../base/virtual-clock.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';
import type { ReplicaSet, ShardChange } from '../domain/telemetry-sample.ts';
import type { ShardRegistry } from '../ports/shard-registry.ts';
import { createFleetTelemetry } from './fleet-telemetry.ts';
import { startIngest } from './ingest.ts';
import { firstBackoffMs, maxBackoffMs, type SourceTransition } from './subscription.ts';
import { loadBatch, peer, queue, shard, snapshotOf, start } from './telemetry.testing.ts';

const unreachable: Problem = { code: 'FLEET_UNREACHABLE', message: 'connection refused' };

/** A registry and sources in memory that can be cut off, and forget. */
function createWorld() {
  const clock = createVirtualClock(start);
  const world = {
    clock,
    isDown: false,
    shards: new Map<string, ReplicaSet>([['s1', shard('s1', ['n1'])]]),
    changes: [] as ShardChange[],
    /** Positions up to this are forgotten. */
    forgotten: 0,
    /** What was called, in order. */
    calls: [] as string[],
    change(current: ReplicaSet, removed = false): void {
      if (removed) world.shards.delete(current.shard);
      else world.shards.set(current.shard, current);
      world.changes.push({ position: world.changes.length + 1, current, removed });
    },
  };

  async function* repeat<T>(what: string, signal: AbortSignal, read: () => T): AsyncGenerator<T> {
    world.calls.push(what);
    while (!signal.aborted) {
      if (world.isDown) throw new ProblemError(unreachable);
      yield read();
      await clock.sleep(1_000, signal);
    }
  }

  const registry: ShardRegistry = {
    async *list() {
      world.calls.push('list');
      if (world.isDown) throw new ProblemError(unreachable);
      yield { shards: [...world.shards.values()], position: world.changes.length };
    },
    async *watch(_namespace, position, signal) {
      world.calls.push(`watch ${position}`);
      if (position < world.forgotten) {
        throw new ProblemError({
          code: 'RESUME_TOKEN_INVALID',
          message: `${position} is no longer retained`,
        });
      }
      for (let seen = position; !signal.aborted; ) {
        if (world.isDown) throw new ProblemError(unreachable);
        for (const change of world.changes.slice(seen)) {
          yield change;
          seen = change.position;
        }
        await clock.sleep(100, signal);
      }
    },
    async get(_namespace, id) {
      const found = world.shards.get(id);
      if (world.isDown) return err(unreachable);
      return found ? ok(found) : err({ code: 'SHARD_NOT_FOUND', message: id });
    },
  };
  const sources = {
    registry,
    loads: {
      watch: (_: string, signal: AbortSignal) =>
        repeat('loads', signal, () =>
          loadBatch(
            clock.now(),
            [...world.shards.keys()].map((id) => [id, 0, 1]),
          ),
        ),
    },
    peers: {
      watch: (signal: AbortSignal) =>
        repeat('peers', signal, () =>
          ['n1', 'n2'].map((id) => peer(id, { sequence: clock.now(), observedAt: clock.now() })),
        ),
    },
    backpressure: {
      watch: (signal: AbortSignal) =>
        repeat('queues', signal, () => [queue('n1', 'q', { observedAt: clock.now() })]),
    },
  };
  return { world, sources };
}

async function running(
  body: (context: {
    clock: VirtualClock;
    world: ReturnType<typeof createWorld>['world'];
    telemetry: ReturnType<typeof createFleetTelemetry>;
    ingest: ReturnType<typeof startIngest>;
    transitions: SourceTransition[];
  }) => Promise<void>,
  arrange: (world: ReturnType<typeof createWorld>['world']) => void = () => {},
): Promise<void> {
  const { world, sources } = createWorld();
  arrange(world);
  const { clock } = world;
  const stop = new AbortController();
  const transitions: SourceTransition[] = [];
  const telemetry = createFleetTelemetry({ cluster: 'test', namespace: 'orders', clock });
  const ingest = startIngest({
    ...sources,
    telemetry,
    clock,
    random: createRandom(1),
    signal: stop.signal,
    log: silentLog,
    onTransition: (transition) => transitions.push(transition),
  });
  await body({ clock, world, telemetry, ingest, transitions });
  stop.abort();
  await clock.advance(0);
  await ingest.done;
  expect(clock.pendingTimers()).toBe(0);
}

const runningWhileDown = (body: Parameters<typeof running>[0]): Promise<void> =>
  running(body, (world) => {
    world.isDown = true;
  });

describe('ingest', () => {
  test('lists, then watches, and has a whole snapshot within a second', () =>
    running(async ({ clock, world, telemetry, ingest }) => {
      await clock.advance(1_000);
      expect(snapshotOf(telemetry).quality.completeness).toBe(1);
      expect(world.calls.filter((call) => /list|watch/.test(call))).toEqual(['list', 'watch 0']);
      world.change(shard('s2', ['n2']));
      world.change(shard('s1', ['n2'], { version: 2 }));
      await clock.advance(1_000);
      expect(snapshotOf(telemetry).shards.ids).toEqual(['s1', 's2']);
      expect([...snapshotOf(telemetry).shards.replicaNodes]).toEqual([1, 1]);
      expect(ingest.lags().every((each) => each.connected && each.lagMs <= 1_000)).toBe(true);
    }));

  test('resumes the watch where it was when the fleet comes back, and misses nothing', () =>
    running(async ({ clock, world, telemetry, transitions }) => {
      world.change(shard('s2', ['n2']));
      await clock.advance(1_000);
      world.isDown = true;
      await clock.advance(5_000);
      world.change(shard('s1', ['n1']), true);
      world.isDown = false;
      await clock.advance(maxBackoffMs);
      expect(snapshotOf(telemetry).shards.ids).toEqual(['s2']);
      expect(world.calls.filter((call) => call === 'list')).toHaveLength(1);
      expect(world.calls.filter((call) => call.startsWith('watch'))).toEqual(['watch 0', 'watch 1']);
      for (const source of ['shards', 'loads', 'peers', 'backpressure']) {
        const kinds = transitions.filter((each) => each.source === source).map((each) => each.kind);
        expect(kinds).toEqual(['degraded', 'recovered']);
      }
    }));

  test('lists again at once when the registry no longer has the position', () =>
    running(async ({ clock, world, telemetry, transitions }) => {
      await clock.advance(1_000);
      world.isDown = true;
      await clock.advance(1_000);
      world.change(shard('s1', ['n1']), true);
      world.change(shard('s3', ['n2']));
      world.forgotten = 2;
      world.isDown = false;
      await clock.advance(maxBackoffMs * 2);
      expect(world.calls.filter((call) => call === 'list')).toHaveLength(2);
      expect(snapshotOf(telemetry).shards.ids).toEqual(['s3']);
      const kinds = transitions.filter((each) => each.source === 'shards').map((each) => each.kind);
      expect(kinds).toEqual(['degraded', 'recovered']);
    }));

  test('backs off up to a cap while the fleet is away', () =>
    runningWhileDown(async ({ clock, world, transitions }) => {
      await clock.advance(600_000);
      const attempts = world.calls.filter((call) => call === 'peers').length;
      // Seven doublings lead to the cap, then one attempt each 15 to 30 s.
      expect(attempts).toBeGreaterThan(600_000 / maxBackoffMs);
      expect(attempts).toBeLessThan(8 + (2 * 600_000) / maxBackoffMs);
      expect(firstBackoffMs).toBeLessThan(maxBackoffMs);
      const degraded = transitions.filter((each) => each.source === 'peers');
      expect(degraded).toEqual([{ source: 'peers', kind: 'degraded', at: start, problem: unreachable }]);
    }));

  test('says how far a source is behind, and the fleet is unreachable when nothing ever came', () =>
    runningWhileDown(async ({ clock, telemetry, ingest }) => {
      await clock.advance(10_000);
      expect(ingest.lags()).toContainEqual({
        source: 'shards',
        connected: false,
        lagMs: Number.POSITIVE_INFINITY,
      });
      expect(() => snapshotOf(telemetry)).toThrow('FLEET_UNREACHABLE');
    }));

  test('goes on when a source throws something that is no problem of the fleet', () =>
    running(async ({ clock, world, transitions }) => {
      await clock.advance(1_000);
      const broken = world.shards;
      world.shards = undefined as unknown as typeof broken;
      await clock.advance(3_000);
      world.shards = broken;
      await clock.advance(10_000);
      const loads = transitions.filter((each) => each.source === 'loads');
      expect(loads.map((each) => each.problem?.code ?? each.kind)).toEqual(['INTERNAL', 'recovered']);
    }));
});
