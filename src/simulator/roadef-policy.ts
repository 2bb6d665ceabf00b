import type { DependencyRule, SpreadRule } from '../domain/policy.ts';
import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import { processesByService, resourceName } from './from-roadef.ts';
import type { RoadefModel } from './roadef-model.ts';
import { serviceName } from './roadef-names.ts';

/** Moves of an instance that run at the same time; the contest counts all of them as simultaneous anyway. */
const concurrentMoves = 32;
/** Bytes of a plan: no bound that matters. */
const ampleBytes = 2 ** 50;

/**
 * The contest's rules as a policy: transient resources are held on both sides for the whole plan, capacity is hard,
 * services spread over locations and follow their dependencies within a neighborhood. A resource weighs what a unit of
 * capacity share costs: its load weight times its mean capacity, relative to the others. Balance costs have no
 * counterpart. The share of shards that one plan may touch is left at its default: going beyond it is a decision.
 */
export function policyFromRoadef(model: RoadefModel): PolicyOverlay {
  return {
    dimensions: model.resources.map((resource, index) => ({
      name: resourceName(index),
      weight: relativeWeight(model, index),
      targetUtilization: 1,
      hardLimit: 1,
      transient: resource.transient,
      smoothing: { kind: 'none' as const },
    })),
    scoring: { maxDerate: 0 },
    budget: { maxMoves: model.processes.length, maxBytes: ampleBytes },
    concurrency: {
      cluster: concurrentMoves,
      namespace: concurrentMoves,
      perNodeIn: concurrentMoves,
      perNodeOut: concurrentMoves,
      perZone: concurrentMoves,
    },
    cooldown: { shardMs: 0, nodeMs: 0, namespaceMs: 0, failureMs: 0 },
    placement: {
      minHealthyReplicas: 1,
      spread: spreadRules(model),
      dependencies: dependencyRules(model),
      transientHold: 'plan',
    },
    benefit: { minPlanGain: 0, minGainPerPrice: 0, pricePerMove: 0, pricePerGiB: 0, balanceTolerance: 0 },
  };
}

function relativeWeight(model: RoadefModel, resource: number): number {
  const costs = model.resources.map(({ weight }, index) => weight * meanCapacity(model, index));
  const most = Math.max(...costs);
  return most > 0 ? (costs[resource] ?? 0) / most : 1;
}

function meanCapacity(model: RoadefModel, resource: number): number {
  const total = model.machines.reduce((sum, machine) => sum + (machine.capacity[resource] ?? 0), 0);
  return total / model.machines.length;
}

/** One rule for all services with the same least number of locations. */
function spreadRules(model: RoadefModel): SpreadRule[] {
  const processes = processesByService(model);
  const servicesOf = new Map<number, string[]>();
  for (const [service, { spreadMin }] of model.services.entries()) {
    if (spreadMin <= 1 || (processes[service]?.length ?? 0) === 0) continue;
    servicesOf.set(spreadMin, [...(servicesOf.get(spreadMin) ?? []), serviceName(service)]);
  }
  const minima = [...servicesOf.keys()].sort((left, right) => left - right);
  return minima.map((minDomains) => ({
    select: { shards: servicesOf.get(minDomains) ?? [] },
    level: 'zone' as const,
    minDomains,
    maxPerDomain: 0,
  }));
}

function dependencyRules(model: RoadefModel): DependencyRule[] {
  const processes = processesByService(model);
  return model.services.flatMap(({ dependsOn }, service) =>
    (processes[service]?.length ?? 0) === 0
      ? []
      : [...new Set(dependsOn)].map((other) => ({
          group: serviceName(service),
          dependsOn: serviceName(other),
          level: 'region' as const,
        })),
  );
}
