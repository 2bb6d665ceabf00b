import { readFileSync } from 'node:fs';
import type { Node } from '../../src/domain/node.ts';
import type { PlanningRequest } from '../../src/domain/planning.ts';
import type { DependencyRule, DimensionPolicy, Policy, SpreadRule } from '../../src/domain/policy.ts';
import { defaultPolicy } from '../../src/domain/policy-defaults.ts';
import { defaultDimensionPolicy } from '../../src/domain/policy-dimensions.ts';
import { buildSnapshot, type ReplicaInput } from '../../src/domain/snapshot-builder.ts';

/**
 * An instance of the ROADEF/EURO challenge 2012 (machine reassignment) as a planning request: processes are replicas,
 * services shards and groups, locations zones, neighbourhoods regions, safety capacity the target. Weights are the
 * contest's times the sum of safety capacities, because the objective measures an excess in mean targets: then every
 * unit of excess costs what the contest says, up to one common factor. Nobody leads: a process takes its load along,
 * and no transfer could hand it to another.
 */
export interface RoadefInstance {
  readonly request: PlanningRequest;
  /** Per process its service and the number of its replica. */
  readonly processes: readonly { readonly service: number; readonly number: number }[];
}

interface Service {
  readonly spread: number;
  readonly dependsOn: readonly number[];
}

const idOf = (letter: string, index: number): string => `${letter}${String(index).padStart(6, '0')}`;

/** Reads `model_NAME.txt` and `assignment_NAME.txt`. */
export function readRoadef(modelPath: string, assignmentPath: string): RoadefInstance {
  const next = numbersOf(modelPath);
  const resources = Array.from({ length: next() }, () => ({ transient: next() === 1, weight: next() }));
  const machines = Array.from({ length: next() }, (_, m) => m);
  const nodes = machines.map((m): Node => {
    const region = idOf('h', next());
    const zone = idOf('l', next());
    const capacity = resources.map(() => next());
    const target = resources.map(() => next());
    for (let other = 0; other < machines.length; other++) next();
    return {
      id: idOf('m', m),
      region,
      zone,
      rack: '',
      labels: {},
      weight: 1,
      status: 'alive',
      adminState: 'active',
      capacity,
      target,
      signals: {},
    };
  });
  const services = Array.from({ length: next() }, (): Service => {
    const spread = next();
    return { spread, dependsOn: Array.from({ length: next() }, () => next()) };
  });
  const place = numbersOf(assignmentPath);
  const replicas: ReplicaInput[][] = services.map(() => []);
  const processes = Array.from({ length: next() }, () => {
    const service = next();
    const loads = resources.map(() => next());
    next();
    const number = replicas[service].length;
    replicas[service].push({ number, node: nodes[place()].id, leads: false, bytes: 1, loads });
    return { service, number };
  });
  const built = buildSnapshot({
    cluster: 'roadef',
    namespace: 'contest',
    takenAt: 0,
    dimensions: resources.map((_, r) => ({ name: idOf('r', r), unit: 'units' })),
    nodes,
    shards: replicas.flatMap((rows, s) =>
      rows.length === 0
        ? []
        : [{ id: idOf('s', s), version: 1, status: 'active' as const, group: idOf('s', s), replicas: rows }],
    ),
    quality: { completeness: 1, stalenessMs: 0, sources: [] },
  });
  if (!built.ok) throw new Error(built.error.map((problem) => problem.message).join('; '));
  const request: PlanningRequest = {
    snapshot: built.value,
    policy: contestPolicy(resources, nodes, services),
    distress: new Float64Array(nodes.length),
    seed: 1,
    frozenShards: new Int32Array(0),
    frozenNodes: new Int32Array(0),
    task: { kind: 'improve' },
  };
  return { request, processes };
}

function contestPolicy(
  resources: readonly { readonly transient: boolean; readonly weight: number }[],
  nodes: readonly Node[],
  services: readonly Service[],
): Policy {
  const base = defaultPolicy('roadef', 'contest');
  const safety = resources.map((_, r) => nodes.reduce((sum, node) => sum + (node.target?.[r] ?? 0), 0));
  const largest = Math.max(...resources.map((resource, r) => resource.weight * safety[r]), 1);
  return {
    ...base,
    dimensions: resources.map(
      (resource, r): DimensionPolicy => ({
        ...defaultDimensionPolicy(idOf('r', r)),
        weight: (resource.weight * safety[r]) / largest,
        hardLimit: 1,
        transient: resource.transient,
      }),
    ),
    budget: {
      maxMoves: 1_000_000,
      maxBytes: Number.MAX_SAFE_INTEGER,
      maxShareOfShards: 1,
      maxEvaluations: 50_000_000,
      maxSearchMs: 60_000,
    },
    benefit: { ...base.benefit, minGainPerPrice: 1, pricePerMove: 1e-6, pricePerGiB: 0 },
    concurrency: { cluster: 1_000, namespace: 1_000, perNodeIn: 1_000, perNodeOut: 1_000, perZone: 1_000 },
    placement: {
      ...base.placement,
      transientHold: 'plan',
      spread: services.flatMap((service, s): SpreadRule[] =>
        service.spread > 1
          ? [{ select: { group: idOf('s', s) }, level: 'zone', minDomains: service.spread, maxPerDomain: 0 }]
          : [],
      ),
      dependencies: services.flatMap((service, s): DependencyRule[] =>
        service.dependsOn.map((other) => ({
          group: idOf('s', s),
          dependsOn: idOf('s', other),
          level: 'region',
        })),
      ),
    },
  };
}

function numbersOf(path: string): () => number {
  const numbers = readFileSync(path, 'utf8').trim().split(/\s+/).map(Number);
  let at = 0;
  return () => numbers[at++] ?? Number.NaN;
}
