import { expect, test } from 'bun:test';
import { createVirtualClock } from '../base/virtual-clock.ts';
import { type Copy, createFleetCopies } from './fleet-copies.ts';
import { createFleetState } from './fleet-state.ts';
import { createFleetTime } from './fleet-time.ts';
import { generateFleet } from './generator.ts';

const bytesPerSecond = 1e9;

/** Four shards of two replicas on eight nodes; every replica has a gigabyte, so that one copy alone takes a second. */
function setUp() {
  const clock = createVirtualClock();
  const generated = generateFleet({
    seed: 1,
    cluster: 'test',
    namespace: 'orders',
    nodes: 12,
    zones: 2,
    shards: 4,
    replicas: 2,
    profile: 'uniform',
    behaviour: { copyBytesPerSecond: bytesPerSecond },
  });
  const shards = {
    ...generated.shards,
    replicaBytes: new Float64Array(8).fill(1e9),
    replicaNodes: Int32Array.from({ length: 8 }, (_, row) => row),
  };
  const state = createFleetState({ ...generated, shards });
  return { clock, state, copies: createFleetCopies(state, createFleetTime(clock, 1)) };
}

async function after(world: ReturnType<typeof setUp>, ms: number, copy: Copy): Promise<number> {
  await world.clock.advance(ms);
  world.copies.refresh();
  return copy.bytesCopied / copy.bytesTotal;
}

test('a copy alone runs at the full rate', async () => {
  const world = setUp();
  const copy = world.copies.start(0, 8);
  expect(await after(world, 500, copy)).toBeCloseTo(0.5, 6);
  expect(await after(world, 500, copy)).toBe(1);
});

test('copies into one node share its rate, and the one that is left speeds up', async () => {
  const world = setUp();
  const first = world.copies.start(0, 8);
  await after(world, 500, first);
  const second = world.copies.start(2, 8);
  expect(await after(world, 500, second)).toBeCloseTo(0.25, 6);
  expect(first.bytesCopied / first.bytesTotal).toBeCloseTo(0.75, 6);
  expect(await after(world, 500, first)).toBe(1);
  expect(await after(world, 500, second)).toBe(1);
});

test('the slower end decides', async () => {
  const world = setUp();
  world.state.copyFactors[8] = 0.1;
  expect(await after(world, 1_000, world.copies.start(0, 8))).toBeCloseTo(0.1, 6);
});

test('a copy whose source dies goes on from another replica, and waits when there is none', async () => {
  const world = setUp();
  const copy = world.copies.start(0, 8);
  await after(world, 200, copy);
  world.state.alive[0] = 0;
  expect(await after(world, 200, copy)).toBeCloseTo(0.4, 6);
  world.state.alive[1] = 0;
  expect(await after(world, 200, copy)).toBeCloseTo(0.4, 6);
  expect(copy.hasSource).toBe(false);
});

test('stalled copies make no progress, cancelled ones take no share', async () => {
  const world = setUp();
  const copy = world.copies.start(0, 8);
  world.copies.setStalled(true);
  expect(await after(world, 1_000, copy)).toBe(0);
  world.copies.setStalled(false);
  const other = world.copies.start(2, 8);
  world.copies.cancel(other);
  expect(await after(world, 500, copy)).toBeCloseTo(0.5, 6);
  expect(other.bytesCopied).toBe(0);
});

test('nothing to copy is copied at once', () => {
  const world = setUp();
  world.state.blueprint.shards.replicaBytes[0] = 0;
  const copy = world.copies.start(0, 8);
  expect(copy.bytesCopied).toBe(copy.bytesTotal);
});
