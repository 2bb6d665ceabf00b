import type { Random } from '../../base/random.ts';
import type { Node } from '../../domain/node.ts';
import type { PlanningRequest } from '../../domain/planning.ts';
import type { DimensionPolicy, Policy } from '../../domain/policy.ts';
import { defaultPolicy } from '../../domain/policy-defaults.ts';
import { defaultDimensionPolicy } from '../../domain/policy-dimensions.ts';
import { expectOk } from '../../domain/problem.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import { buildSnapshot, type ShardInput } from '../../domain/snapshot-builder.ts';
import { randomBenefit, randomPlacement } from './random-rules.ts';

/** Loads are multiplied by these now and then: numbers at the ends of what a double tells apart. */
const extremes = [1e-12, 1e13];

/**
 * A small fleet with whatever may happen to one, and a policy with any of its rules: dead, draining and cooling nodes,
 * paused shards, several dimensions, loads from 1e-12 to 1e15. Equal seeds give equal requests.
 *
 * @param condition `healthy` leaves out what a rollback could not go back to
 */
export function randomRequest(random: Random, condition: 'anything' | 'healthy'): PlanningRequest {
  const dimensions = ['cpu', 'disk', 'requests'].slice(0, 1 + random.integer(3));
  const nodes = Array.from({ length: 2 + random.integer(9) }, (_, n) =>
    randomNode(random, n, dimensions, condition),
  );
  const shards = Array.from({ length: 1 + random.integer(28) }, (_, s) =>
    randomShard(random, s, nodes, dimensions, condition),
  );
  const extreme = random.next() < 0.05 ? extremes[random.integer(extremes.length)] : 1;
  const snapshot = snapshotOf(dimensions, scaledNodes(nodes, extreme), scaledShards(shards, extreme));
  const some = (count: number, share: number): Int32Array =>
    Int32Array.from(Array.from({ length: count }, (_, i) => i).filter(() => random.next() < share));
  const frozen = condition === 'anything' && random.next() < 0.3 ? 0.15 : 0;
  return {
    snapshot,
    policy: randomPolicy(random, dimensions, nodes, condition),
    distress: Float64Array.from(nodes, () => (random.next() < 0.2 ? random.next() : 0)),
    seed: random.integer(1_000),
    frozenShards: some(shards.length, frozen),
    frozenNodes: some(nodes.length, frozen),
    task: { kind: 'improve' },
  };
}

function snapshotOf(
  dimensions: readonly string[],
  nodes: readonly Node[],
  shards: readonly ShardInput[],
): Snapshot {
  return expectOk(
    buildSnapshot({
      cluster: 'c',
      namespace: 'n',
      takenAt: 1_700_000_000_000,
      dimensions: dimensions.map((name) => ({ name, unit: 'u' })),
      nodes,
      shards,
      quality: { completeness: 1, stalenessMs: 0, sources: [] },
    }),
  );
}

function scaledNodes(nodes: readonly Node[], factor: number): readonly Node[] {
  return nodes.map((entry) => ({ ...entry, capacity: entry.capacity.map((capacity) => capacity * factor) }));
}

function scaledShards(shards: readonly ShardInput[], factor: number): readonly ShardInput[] {
  return shards.map((entry) => ({
    ...entry,
    replicas: entry.replicas.map((replica) => ({
      ...replica,
      loads: replica.loads.map((load) => load * factor),
    })),
  }));
}

function randomPolicy(
  random: Random,
  dimensions: readonly string[],
  nodes: readonly Node[],
  condition: string,
): Policy {
  const base = defaultPolicy('c', 'n');
  const names = random.next() < 0.3 ? [...dimensions, 'replicas'] : dimensions;
  const dimension = { transient: random.next() < 0.5, targetUtilization: 0.5 + 0.3 * random.next() };
  return {
    ...base,
    dimensions: names.map((name): DimensionPolicy => ({ ...defaultDimensionPolicy(name), ...dimension })),
    budget: {
      ...base.budget,
      // Laws hold for a search that is cut short as for any other; longer ones would take all the time.
      maxEvaluations: 50_000,
      maxSearchMs: 60_000,
      ...randomBudget(random),
    },
    placement: {
      ...base.placement,
      ...(condition === 'healthy' && random.next() < 0.7 ? {} : randomPlacement(random, nodes)),
    },
    concurrency: {
      ...base.concurrency,
      namespace: 1 + random.integer(8),
      perNodeIn: 1 + random.integer(3),
      perNodeOut: 1 + random.integer(3),
      perZone: 1 + random.integer(6),
    },
    benefit: { ...base.benefit, ...randomBenefit(random) },
  };
}

function randomBudget(random: Random): Pick<Policy['budget'], 'maxMoves' | 'maxBytes' | 'maxShareOfShards'> {
  return random.next() < 0.5
    ? { maxMoves: 100_000, maxBytes: Number.MAX_SAFE_INTEGER, maxShareOfShards: 1 }
    : { maxMoves: random.integer(8), maxBytes: random.integer(4_000_000), maxShareOfShards: random.next() };
}

function randomNode(random: Random, n: number, dimensions: readonly string[], condition: string): Node {
  const sick = condition === 'anything' && random.next() < 0.15;
  const tired = condition === 'anything' && random.next() < 0.15;
  return {
    id: `n${n}`,
    zone: `z${random.integer(4)}`,
    region: `r${random.integer(2)}`,
    rack: `k${n >> 1}`,
    labels: { disk: random.next() < 0.5 ? 'ssd' : 'hdd' },
    weight: random.next() < 0.2 ? 2 : 1,
    status: sick ? (random.next() < 0.5 ? 'dead' : 'suspect') : 'alive',
    adminState: tired ? (random.next() < 0.5 ? 'draining' : 'cordoned') : 'active',
    capacity: dimensions.map(() => 60 + random.integer(80)),
    signals: {},
  };
}

function randomShard(
  random: Random,
  s: number,
  nodes: readonly Node[],
  dimensions: readonly string[],
  condition: string,
): ShardInput {
  // Low nodes are likelier, so that there is something to balance.
  const skewed = random.next() < 0.5 ? nodes.length : Math.max(1, nodes.length >> 1);
  const places = distinctIndices(random, skewed, 1 + random.integer(3));
  const leads = random.next() < 0.8 ? random.integer(places.length) : -1;
  const base = dimensions.map(() => (random.next() < 0.1 ? 0 : random.next() * 18));
  return {
    id: `s${String(s).padStart(3, '0')}`,
    version: 7,
    status: condition === 'anything' && random.next() < 0.08 ? 'paused' : 'active',
    group: random.next() < 0.4 ? `g${random.integer(3)}` : '',
    replicas: places.map((place, number) => ({
      number,
      node: nodes[place].id,
      leads: number === leads,
      bytes: random.integer(1_000_000),
      loads: base.map((load, d) => (number === leads && d === 0 ? load * 2 : load)),
    })),
  };
}

function distinctIndices(random: Random, bound: number, count: number): number[] {
  const chosen = new Set<number>();
  while (chosen.size < Math.min(count, bound)) chosen.add(random.integer(bound));
  return [...chosen];
}
