import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Move } from '../domain/move.ts';
import { defaultDimensionPolicy } from '../domain/policy-dimensions.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { createFleetView, type FleetView } from './fleet-view.ts';
import { testMove, testNode, testPolicy, testShard, testSnapshot } from './guardrail.testing.ts';

describe('a fleet view', () => {
  test('counts a move on both sides until it completes', () => {
    const view = createFleetView(testSnapshot(), testPolicy());
    const [n1, n5] = [view.nodeIndex('n1'), view.nodeIndex('n5')];
    const loads = (): number[] => [view.loadOfNode(n1, 0), view.loadOfNode(n5, 0)];
    expect(loads()).toEqual([20, 10]);
    const move = testMove();
    view.begin(move);
    expect(loads()).toEqual([20, 20]);
    expect([view.replicasOnNode(n1), view.replicasOnNode(n5)]).toEqual([2, 2]);
    expect(view.leastLoadOfNode(n1, 0)).toBe(10);
    view.complete(move);
    expect(loads()).toEqual([10, 20]);
    expect([view.replicasOnNode(n1), view.replicasOnNode(n5)]).toEqual([1, 2]);
    expect(view.inFlight()).toEqual([]);
  });

  test('is as before when a move is abandoned', () => {
    const view = createFleetView(testSnapshot(), testPolicy());
    const fresh = createFleetView(testSnapshot(), testPolicy());
    view.begin(testMove());
    view.abandon(testMove());
    expect(picture(view)).toEqual(picture(fresh));
  });

  test('moves load but no replica for a leadership transfer', () => {
    const view = createFleetView(testSnapshot(), testPolicy());
    const transfer = testMove({ kind: 'transferLeadership', successor: 1, destination: 'n3', load: [4, 0] });
    view.begin(transfer);
    view.complete(transfer);
    const [n1, n3] = [view.nodeIndex('n1'), view.nodeIndex('n3')];
    expect([view.loadOfNode(n1, 0), view.loadOfNode(n3, 0)]).toEqual([16, 24]);
    expect([view.replicasOnNode(n1), view.replicasOnNode(n3)]).toEqual([2, 2]);
    const shard = view.shardIndex('s1');
    expect([0, 1].map((number) => view.leads(view.replicaRow(shard, number)))).toEqual([false, true]);
  });

  test('does not count a replica twice that the snapshot shows at its destination already', () => {
    const snapshot = testSnapshot({ shards: [testShard('s1', ['n5', 'n3'])] });
    const view = createFleetView(snapshot, testPolicy());
    const [n1, n5] = [view.nodeIndex('n1'), view.nodeIndex('n5')];
    view.begin(testMove());
    expect([view.loadOfNode(n5, 0), view.replicasOnNode(n5)]).toEqual([10, 1]);
    // cpu has moved; disk is still held on the source until it is released.
    expect([view.loadOfNode(n1, 0), view.loadOfNode(n1, 1)]).toEqual([0, 10]);
    view.complete(testMove());
    expect([view.loadOfNode(n1, 1), view.loadOfNode(n5, 1)]).toEqual([0, 10]);
  });

  test('keeps moves of nodes and shards that it does not know apart from the fleet', () => {
    const view = createFleetView(testSnapshot(), testPolicy());
    const before = picture(view);
    const stranger = testMove({ shard: 's9', source: 'n8', destination: 'n9' });
    view.begin(stranger);
    expect(view.counts.total()).toBe(1);
    view.complete(stranger);
    expect(picture(view)).toEqual(before);
  });

  test('refuses a move that begins twice or ends without having begun', () => {
    const view = createFleetView(testSnapshot(), testPolicy());
    expect(() => view.complete(testMove())).toThrow('m00001 is not in flight');
    expect(() => view.abandon(testMove())).toThrow('m00001 is not in flight');
    view.begin(testMove());
    expect(() => view.begin(testMove())).toThrow('m00001 is in flight already');
  });

  test('never changes its snapshot', () => {
    const snapshot = testSnapshot();
    const view = createFleetView(snapshot, testPolicy());
    view.begin(testMove());
    view.complete(testMove());
    expect(snapshot).toEqual(testSnapshot());
  });

  test('looks only at dimensions that policy balances and the snapshot measures', () => {
    const policy = testPolicy({ dimensions: ['disk', 'replicas'].map(defaultDimensionPolicy) });
    const view = createFleetView(testSnapshot(), policy);
    expect(view.dimensions.map(({ policy: { name }, index }) => [name, index])).toEqual([['disk', 1]]);
  });

  test.each(['move', 'plan'] as const)(
    'equals a recount after any sequence of moves (hold: %s)',
    (transientHold) => {
      const policy = testPolicy({ placement: { transientHold } });
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 60 }), (choices) => {
          const snapshot = randomishFleet();
          const view = createFleetView(snapshot, policy);
          const ledger = createLedger(snapshot);
          for (const [index, choice] of choices.entries()) step(view, ledger, index, choice);
          expect(picture(view)).toEqual(recount(snapshot, ledger, transientHold === 'plan'));
        }),
        { numRuns: 200 },
      );
    },
  );
});

/** Integer loads, so that sums are exact in whatever order they are made. */
function randomishFleet(): Snapshot {
  const nodes = Array.from({ length: 6 }, (_, i) => testNode(`n${i}`, { zone: `z${i % 3}` }));
  const shards = Array.from({ length: 12 }, (_, i) =>
    testShard(
      `s${String(i).padStart(2, '0')}`,
      Array.from({ length: 1 + (i % 3) }, (_, r) => `n${(i + r) % 6}`),
      [i + 1, 2 * i + 1],
    ),
  );
  return testSnapshot({ nodes, shards });
}

interface Ledger {
  /** Current node index per replica row. */
  readonly places: number[];
  readonly flying: Move[];
  readonly completed: Move[];
}

function createLedger(snapshot: Snapshot): Ledger {
  return { places: [...snapshot.shards.replicaNodes], flying: [], completed: [] };
}

/** Begins, completes or abandons a move, as the numbers choose. */
function step(
  view: FleetView,
  ledger: Ledger,
  index: number,
  [action, which, where]: [number, number, number],
): void {
  const flying = ledger.flying[which % Math.max(1, ledger.flying.length)];
  if (action % 3 > 0 && flying) {
    ledger.flying.splice(ledger.flying.indexOf(flying), 1);
    if (action % 3 === 1) {
      view.complete(flying);
      ledger.completed.push(flying);
      const row = view.replicaRow(view.shardIndex(flying.shard), flying.replica);
      ledger.places[row] = view.nodeIndex(flying.destination);
    } else {
      view.abandon(flying);
    }
    return;
  }
  const { shards, nodes, dimensions } = view.snapshot;
  const shard = which % shards.ids.length;
  if (ledger.flying.some((move) => move.shard === shards.ids[shard])) return;
  const row = shards.replicaOffsets[shard];
  const destination = where % nodes.length;
  const taken = [...Array(shards.replicaOffsets[shard + 1] - row).keys()].map((r) => ledger.places[row + r]);
  if (taken.includes(destination)) return;
  const width = dimensions.length;
  const move = testMove({
    id: `m${index}`,
    shard: shards.ids[shard],
    replica: shards.replicaNumbers[row],
    source: nodes[ledger.places[row] ?? 0]?.id ?? '',
    destination: nodes[destination]?.id ?? '',
    load: [...shards.replicaLoads.subarray(row * width, (row + 1) * width)],
  });
  view.begin(move);
  ledger.flying.push(move);
}

/** Everything that a view answers, as plain lists. */
function picture(view: FleetView) {
  const nodes = view.snapshot.nodes.map((_, node) => node);
  const zones = [...new Set(nodes.map((node) => view.zoneIndex(node)))];
  return {
    loads: nodes.map((node) => [view.loadOfNode(node, 0), view.loadOfNode(node, 1)]),
    least: nodes.map((node) => [view.leastLoadOfNode(node, 0), view.leastLoadOfNode(node, 1)]),
    replicas: nodes.map((node) => view.replicasOnNode(node)),
    zoneLoads: zones.map((zone) => [view.loadOfZone(zone, 0), view.loadOfZone(zone, 1)]),
    zoneReplicas: zones.map((zone) => view.replicasInZone(zone)),
    moves: nodes.map((node) => [view.counts.intoNode(node), view.counts.outOfNode(node)]),
    total: view.counts.total(),
  };
}

/** The same picture from the ledger alone. */
function recount(snapshot: Snapshot, ledger: Ledger, holdsForPlan: boolean): ReturnType<typeof picture> {
  const { nodes, shards } = snapshot;
  const zoneNames = [...new Set(nodes.map((node) => node.zone))];
  const loads = nodes.map(() => [0, 0]);
  const least = nodes.map(() => [0, 0]);
  const replicas = nodes.map(() => 0);
  const zoneLoads = zoneNames.map(() => [0, 0]);
  const zoneReplicas = zoneNames.map(() => 0);
  const moves = nodes.map(() => [0, 0]);
  const add = (rows: number[][], at: number, load: readonly number[], sign: number): void => {
    for (const d of [0, 1]) (rows[at] ?? [])[d] += sign * (load[d] ?? 0);
  };
  const zoneOf = (node: number): number => zoneNames.indexOf(nodes[node]?.zone ?? '');
  const put = (node: number, load: readonly number[], withZone: boolean): void => {
    add(loads, node, load, 1);
    replicas[node] += 1;
    if (!withZone) return;
    add(zoneLoads, zoneOf(node), load, 1);
    zoneReplicas[zoneOf(node)] += 1;
  };
  for (const [row, node] of ledger.places.entries()) {
    const load = [...shards.replicaLoads.subarray(row * 2, row * 2 + 2)];
    put(node, load, true);
    add(least, node, load, 1);
  }
  const indexOf = (id: string): number => nodes.findIndex((node) => node.id === id);
  for (const move of ledger.flying) {
    const [from, to] = [indexOf(move.source), indexOf(move.destination)];
    put(to, move.load, zoneOf(from) !== zoneOf(to));
    add(least, indexOf(move.source), move.load, -1);
    (moves[indexOf(move.destination)] ?? [])[0] += 1;
    (moves[indexOf(move.source)] ?? [])[1] += 1;
  }
  // Disk, the second dimension, is transient.
  for (const move of holdsForPlan ? ledger.completed : [])
    add(loads, indexOf(move.source), [0, move.load[1] ?? 0], 1);
  return { loads, least, replicas, zoneLoads, zoneReplicas, moves, total: ledger.flying.length };
}
