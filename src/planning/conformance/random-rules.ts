import type { Random } from '../../base/random.ts';
import type { Node } from '../../domain/node.ts';
import type { BenefitPolicy, DependencyRule, PlacementPolicy, SpreadRule } from '../../domain/policy.ts';

/** Any of the rules that a policy may have; each of them about as often as it is needed to meet the others. */
export function randomPlacement(random: Random, nodes: readonly Node[]): Partial<PlacementPolicy> {
  const chance = (share: number): boolean => random.next() < share;
  return {
    spread: chance(0.5)
      ? Array.from({ length: 1 + random.integer(2) }, () => randomSpread(random, nodes))
      : [],
    labels: chance(0.25)
      ? [
          {
            select: { group: 'g0' },
            effect: chance(0.5) ? 'require' : 'forbid',
            label: 'disk',
            values: ['ssd'],
          },
        ]
      : [],
    pins: chance(0.25)
      ? [
          {
            select: { prefix: 's00' },
            effect: chance(0.5) ? 'never' : 'only',
            nodes: nodes.slice(0, 2).map((entry) => entry.id),
          },
          { select: { shards: ['s011'] }, effect: 'stay', nodes: [] },
        ]
      : [],
    dependencies: chance(0.3) ? [randomDependency(random)] : [],
    maxReplicasPerNode: chance(0.2) ? 3 + random.integer(10) : 0,
    maxReplicasPerZone: chance(0.2) ? 4 + random.integer(20) : 0,
    maxShareOfReplicasPerNode: chance(0.2) ? 0.2 + 0.5 * random.next() : 1,
    maxShareOfReplicasPerZone: chance(0.2) ? 0.3 + 0.5 * random.next() : 1,
    maxShareOfLoadPerNode: chance(0.2) ? 0.2 + 0.5 * random.next() : 1,
    maxShareOfLoadPerZone: chance(0.2) ? 0.3 + 0.5 * random.next() : 1,
    transientHold: chance(0.3) ? 'plan' : 'move',
  };
}

const levels = ['zone', 'zone', 'rack', 'region'] as const;

function randomSpread(random: Random, nodes: readonly Node[]): SpreadRule {
  const level = levels[random.integer(levels.length)];
  const domains = new Set(nodes.map((entry) => entry[level])).size;
  return {
    select: random.next() < 0.8 ? {} : { group: 'g1' },
    level,
    minDomains: 1 + random.integer(Math.min(3, domains)),
    maxPerDomain: random.integer(3),
  };
}

function randomDependency(random: Random): DependencyRule {
  return { group: 'g1', dependsOn: 'g2', level: levels[random.integer(levels.length)] };
}

/** What moves cost, and whether leaders are counted. */
export function randomBenefit(random: Random): Partial<BenefitPolicy> {
  const chance = (share: number): boolean => random.next() < share;
  return {
    minPlanGain: 0,
    minGainPerPrice: random.integer(2),
    pricePerMove: 0.001,
    pricePerGiB: chance(0.3) ? 0.1 : 0,
    shardPrices: chance(0.2)
      ? [
          { select: { group: 'g0' }, price: 0.01 * random.next() },
          { select: {}, price: 0.001 },
        ]
      : [],
    distanceFactors: chance(0.2)
      ? { withinZone: random.next(), withinRegion: 1, acrossRegions: 1 + 3 * random.next() }
      : { withinZone: 1, withinRegion: 1, acrossRegions: 1 },
    pricePerMoveInGroup: chance(0.2) ? 0.01 * random.next() : 0,
    leadershipWeight: chance(0.3) ? random.next() : 0,
  };
}
