import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRandom } from '../base/random.ts';
import { createVirtualClock } from '../base/virtual-clock.ts';
import type { MoverAnswer, MoverCall } from '../ports/shard-mover.ts';
import { createFleetFaults, noFaults } from './fleet-faults.ts';
import { isAlive, rowsOf } from './fleet-state.ts';
import { generateFleet } from './generator.ts';
import { inProcessPorts } from './in-process-ports.ts';
import { createSimulatedFleet, type SimulatedFleet } from './simulated-fleet.ts';

const signal = new AbortController().signal;
const steps = ['prepare', 'drain', 'transfer', 'release', 'abort'] as const;

/** One thing that somebody does to the fleet. */
type Deed =
  | { kind: 'call'; step: (typeof steps)[number]; move: number; staleToken: boolean; staleVersion: boolean }
  | { kind: 'wait'; ms: number }
  | { kind: 'kill'; node: number }
  | { kind: 'revive'; node: number };

const seldom = fc.nat(9).map((number) => number === 9);

const deeds: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('call' as const),
      step: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...steps.slice(0, 4)) },
        { weight: 1, arbitrary: fc.constant('abort' as const) },
      ),
      move: fc.nat(5),
      staleToken: seldom,
      staleVersion: seldom,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), node: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revive' as const), node: fc.nat(4) }) },
);

const faultSettings = fc.record({
  dropAnswerShare: fc.constantFrom(0, 0.3),
  dropRequestShare: fc.constantFrom(0, 0.3),
  duplicateShare: fc.constantFrom(0, 0.5),
});

function createWorld(seed: number, faults: Partial<typeof noFaults>) {
  const clock = createVirtualClock();
  const blueprint = generateFleet({
    seed,
    cluster: 'test',
    namespace: 'orders',
    nodes: 5,
    zones: 5,
    shards: 3,
    replicas: 2,
    profile: 'uniform',
    behaviour: { copyBytesPerSecond: 4e9, drainMs: 100, failover: false },
  });
  const fleet = createSimulatedFleet({ blueprint, clock, random: createRandom(seed) });
  const injected = createFleetFaults(createRandom(seed), { ...noFaults, ...faults });
  return { clock, fleet, mover: inProcessPorts(fleet, injected).mover };
}

/** Moves 0 and 1 are of the first shard, 2 and 3 of the second, 4 and 5 of the third: both replicas of each. */
function callOf(fleet: SimulatedFleet, move: number): MoverCall {
  const set = fleet.registry.replicaSet(move >> 1);
  const replica = set.replicas[move & 1];
  const taken = set.replicas.map((each) => each.node);
  const free = fleet.blueprint.nodes.filter((node) => !taken.includes(node.id));
  return {
    moveKey: `p1/m${move}`,
    namespace: 'orders',
    shard: set.shard,
    kind: 'relocate',
    replica: replica?.number ?? 0,
    successor: replica?.number ?? 0,
    source: replica?.node ?? '',
    destination: free[move % free.length]?.id ?? '',
    expectedVersion: set.version,
    fencingToken: 7,
    changeTicket: '',
  };
}

function placementOf(fleet: SimulatedFleet): string {
  return [...fleet.state.replicaNodes].join(' ');
}

const versionsOf = (fleet: SimulatedFleet): number[] =>
  [0, 1, 2].map((shard) => fleet.registry.version(shard));

function checkShards(fleet: SimulatedFleet, killed: ReadonlySet<number>): void {
  for (let shard = 0; shard < 3; shard++) {
    const [first, end] = rowsOf(fleet.state, shard);
    const nodes = [...fleet.state.replicaNodes.subarray(first, end)];
    expect(new Set(nodes).size).toBe(nodes.length);
    const healthy = nodes.some((node) => isAlive(fleet.state, node));
    if (!healthy) expect(nodes.every((node) => killed.has(node))).toBe(true);
  }
}

test('whatever calls are lost, repeated or out of order: each step of a move takes effect at most once', async () => {
  let transfers = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.nat(1_000),
      faultSettings,
      fc.array(deeds, { minLength: 40, maxLength: 120 }),
      async (seed, faults, script) => {
        const { clock, fleet, mover } = createWorld(seed, faults);
        const calls = Array.from({ length: 6 }, (_, move) => callOf(fleet, move));
        const killed = new Set<number>();
        await mover.prepare(calls[0] as MoverCall, signal);
        for (const deed of script) {
          const before = { placement: placementOf(fleet), versions: versionsOf(fleet) };
          if (deed.kind === 'wait') await clock.advance(deed.ms);
          else if (deed.kind === 'kill') {
            fleet.controls.kill(fleet.blueprint.nodes[deed.node]?.id ?? '');
            killed.add(deed.node);
          } else if (deed.kind === 'revive') {
            fleet.controls.revive(fleet.blueprint.nodes[deed.node]?.id ?? '');
            killed.delete(deed.node);
          } else {
            const call = {
              ...(calls[deed.move] as MoverCall),
              ...(deed.staleToken && { fencingToken: 6 }),
              ...(deed.staleVersion && { expectedVersion: 0 }),
            };
            await mover[deed.step](call, signal);
            // Only a transfer on the right version by the newest owner of the lease changes who owns what.
            if (deed.step !== 'transfer' || deed.staleToken || deed.staleVersion) {
              expect(placementOf(fleet)).toBe(before.placement);
            }
          }
          versionsOf(fleet).forEach((version, shard) => {
            expect(version).toBeGreaterThanOrEqual(before.versions[shard] ?? 0);
          });
          if (placementOf(fleet) !== before.placement) expect(versionsOf(fleet)).not.toEqual(before.versions);
          checkShards(fleet, killed);
        }
        const counters = fleet.statistics.read();
        expect(counters.repeatedEffects).toBe(0);
        expect(counters.minHealthyReplicas).toBe(2);
        expect(fleet.state.holds.size).toBe(counters.concurrentMoves);
        for (const effects of counters.moves.values()) transfers += effects.transfers;
      },
    ),
    { numRuns: 150 },
  );
  // The scripts are not so wild that nothing ever succeeds.
  expect(transfers).toBeGreaterThan(20);
});

/** What an executor does: repeats a step until it has ended. */
async function persist(
  world: ReturnType<typeof createWorld>,
  step: () => Promise<MoverAnswer>,
): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if ((await step()).kind === 'done') return;
    await world.clock.advance(200);
  }
  throw new Error('the step never ends');
}

test('a caller that repeats until it is answered completes its move exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1_000), faultSettings, async (seed, faults) => {
      const world = createWorld(seed, faults);
      const call = callOf(world.fleet, 1);
      for (const step of steps.slice(0, 4)) await persist(world, () => world.mover[step](call, signal));
      const effects = world.fleet.statistics.read().moves.get(call.moveKey);
      expect(effects).toMatchObject({ prepares: 1, drains: 1, transfers: 1, releases: 1, aborts: 0 });
      const set = world.fleet.registry.replicaSet(0);
      expect(set.replicas[1]?.node).toBe(call.destination);
      expect(set.version).toBe(2);
    }),
    { numRuns: 60 },
  );
});

test('nothing that moves do changes the sum of the loads', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(1_000),
      fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }),
      async (seed, moves) => {
        const world = createWorld(seed, {});
        const total = (): number => world.fleet.loads.nodeLoads.reduce((sum, load) => sum + load, 0);
        world.fleet.loads.invalidate();
        world.fleet.refresh();
        for (const move of new Set(moves)) {
          const call = callOf(world.fleet, move);
          for (const step of steps.slice(0, 4)) await persist(world, () => world.mover[step](call, signal));
        }
        const shifted = total();
        world.fleet.loads.invalidate();
        world.fleet.refresh();
        expect(shifted).toBeCloseTo(total(), 6);
      },
    ),
    { numRuns: 30 },
  );
});
