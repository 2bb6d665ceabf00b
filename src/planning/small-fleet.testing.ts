import { createRandom, type Random } from '../base/random.ts';
import type { Node } from '../domain/node.ts';
import type { PlanningRequest } from '../domain/planning.ts';
import type { PlacementPolicy } from '../domain/policy.ts';
import type { ShardInput } from '../domain/snapshot-builder.ts';
import { distinctNodes, fleet, freePolicy, node, requestFor, shard } from './fleet.testing.ts';

/** Replicas and nodes at most, by the number of dimensions: what an exact solver answers in a moment. */
const sizes = [
  { replicas: 60, nodes: 8 },
  { replicas: 20, nodes: 6 },
  { replicas: 16, nodes: 5 },
] as const;

/** Replicas at least. */
const fewest = 10;

/**
 * A random fleet that is small enough to be solved exactly: 4 to 10 nodes of different sizes in 2 to 4 zones, 10 to 60
 * replicas, 1 to 3 dimensions, mean utilisation 35 to 65%; spread, pins, labels, a limit of replicas per node, and a node
 * that must be vacated, each in some of them. Nothing has a price, no load is above target while it is within the limit,
 * and every replica of a shard carries the same: what is left to decide is the peak.
 */
export function smallFleet(seed: number): PlanningRequest {
  const random = createRandom(`small fleet ${seed}`);
  const dimensions = ['cpu', 'disk', 'requests'].slice(0, 1 + random.integer(3));
  const zones = 2 + random.integer(3);
  const most = sizes[dimensions.length - 1];
  const nodes = randomNodes(random, dimensions.length, zones, most.nodes);
  const wanted = fewest + random.integer(most.replicas - fewest + 1);
  const shape = (['even', 'skewed', 'few large'] as const)[random.integer(3)];
  const copiesAtMost = 1 + random.integer(3);
  const plain: { readonly places: readonly number[]; readonly loads: readonly number[] }[] = [];
  const crowded = random.next() < 0.5 ? Math.max(copiesAtMost, nodes.length >> 1) : nodes.length;
  for (let replicas = 0; replicas < wanted; ) {
    const copies = Math.min(1 + random.integer(copiesAtMost), wanted - replicas);
    const loads = dimensions.map(() => drawLoad(random, shape));
    plain.push({ places: distinctNodes(random, crowded, copies), loads });
    replicas += copies;
  }
  const scales = dimensions.map((_, d) => {
    const capacity = nodes.reduce((sum, each) => sum + (takes(each) ? each.capacity[d] : 0), 0);
    const load = plain.reduce((sum, each) => sum + each.loads[d] * each.places.length, 0);
    return ((0.35 + 0.3 * random.next()) * capacity) / load;
  });
  const shards = plain.map(({ places, loads }, s): ShardInput => {
    const scaled = loads.map((load, d) => load * scales[d]);
    const names = places.map((place) => nodes[place].id);
    return shard(`s${String(s).padStart(2, '0')}`, names, scaled, { group: s % 3 === 0 ? 'g0' : 'g1' });
  });
  const policy = freePolicy(dimensions, {
    // Above target ranks above the peak; here the two must not compete.
    dimension: { targetUtilization: 1, hardLimit: 1 },
    benefit: { pricePerMove: 0, balanceTolerance: 0 },
    placement: randomRules(random, nodes, zones, wanted),
  });
  return requestFor(fleet(dimensions, nodes, shards), policy, { seed });
}

function takes(each: Node): boolean {
  return each.status === 'alive' && each.adminState === 'active';
}

function randomNodes(random: Random, width: number, zones: number, most: number): Node[] {
  const count = 4 + random.integer(most - 3);
  const uneven = random.next() < 0.6;
  const leaving = random.next() < 0.3 ? random.integer(count) : -1;
  return Array.from({ length: count }, (_, n) => {
    const size = uneven ? 100 * [1, 1, 1.5, 2][random.integer(4)] : 100;
    return node(`n${n}`, width, {
      zone: `z${n % zones}`,
      labels: { disk: random.next() < 0.6 ? 'ssd' : 'hdd' },
      weight: uneven && random.next() < 0.15 ? 1.25 : 1,
      status: n === leaving && random.next() < 0.5 ? 'dead' : 'alive',
      adminState: n === leaving ? 'draining' : 'active',
      capacity: Array.from({ length: width }, () => (uneven ? size * (0.9 + 0.2 * random.next()) : size)),
    });
  });
}

function drawLoad(random: Random, shape: 'even' | 'skewed' | 'few large'): number {
  if (shape === 'even') return 0.5 + random.next();
  if (shape === 'skewed') return Math.exp(random.normal(0, 0.6));
  return random.next() < 0.12 ? 3 + 2 * random.next() : 0.3 + 0.7 * random.next();
}

function randomRules(
  random: Random,
  nodes: readonly Node[],
  zones: number,
  replicas: number,
): Partial<PlacementPolicy> {
  const chance = (share: number): boolean => random.next() < share;
  const named = nodes.slice(0, 1 + (nodes.length >> 1)).map((each) => each.id);
  return {
    spread: chance(0.5)
      ? [
          chance(0.5)
            ? { select: {}, level: 'zone', minDomains: 2 + random.integer(zones - 1), maxPerDomain: 0 }
            : { select: {}, level: 'zone', minDomains: 1, maxPerDomain: Math.ceil(3 / zones) },
        ]
      : [],
    labels: chance(0.25)
      ? [{ select: { group: 'g0' }, effect: 'require', label: 'disk', values: ['ssd'] }]
      : [],
    pins: chance(0.25)
      ? [{ select: { prefix: 's0' }, effect: chance(0.5) ? 'never' : 'only', nodes: named }]
      : [],
    maxReplicasPerNode: chance(0.2) ? Math.ceil((1.4 * replicas) / nodes.length) + 1 : 0,
  };
}
