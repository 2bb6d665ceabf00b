import type { Node } from '../../src/domain/node.ts';
import type { PlanningRequest } from '../../src/domain/planning.ts';
import type { DependencyRule, DimensionPolicy, Policy, SpreadRule } from '../../src/domain/policy.ts';
import { defaultPolicy } from '../../src/domain/policy-defaults.ts';
import { defaultDimensionPolicy } from '../../src/domain/policy-dimensions.ts';
import { buildSnapshot, type ReplicaInput } from '../../src/domain/snapshot-builder.ts';
import type { RoadefModel } from '../../src/simulator/roadef-model.ts';

/**
 * An instance of the ROADEF/EURO challenge 2012 (machine reassignment) as a planning request: processes are replicas,
 * services shards and groups, locations zones, neighbourhoods regions. The rules are the policy's; what the contest
 * counts as cost comes with `contestTerms`. Nobody leads: a process takes its load along, and no transfer could hand it
 * to another.
 */
export interface ContestInstance {
  readonly model: RoadefModel;
  /** Machine of each process at the beginning. */
  readonly assignment: Int32Array;
  readonly request: PlanningRequest;
  /** Process per replica row of the snapshot. */
  readonly processOf: Int32Array;
}

const idOf = (letter: string, index: number): string => `${letter}${String(index).padStart(6, '0')}`;

/** @param maxEvaluations of the search */
export function contestInstance(
  model: RoadefModel,
  assignment: Int32Array,
  seed: number,
  maxEvaluations: number,
): ContestInstance {
  const nodes = model.machines.map(
    (machine, m): Node => ({
      id: idOf('m', m),
      region: idOf('h', machine.neighborhood),
      zone: idOf('l', machine.location),
      rack: '',
      labels: {},
      weight: 1,
      status: 'alive',
      adminState: 'active',
      capacity: machine.capacity,
      target: machine.safetyCapacity,
      signals: {},
    }),
  );
  const members: number[][] = model.services.map(() => []);
  for (const [p, process] of model.processes.entries()) members[process.service].push(p);
  const replica = (p: number, number: number): ReplicaInput => ({
    number,
    node: nodes[assignment[p]].id,
    leads: false,
    bytes: 1,
    loads: model.processes[p].requirements,
  });
  const built = buildSnapshot({
    cluster: 'roadef',
    namespace: 'contest',
    takenAt: 0,
    dimensions: model.resources.map((_, r) => ({ name: idOf('r', r), unit: 'units' })),
    nodes,
    shards: members.flatMap((processes, s) =>
      processes.length === 0
        ? []
        : [
            {
              id: idOf('s', s),
              version: 1,
              status: 'active' as const,
              group: idOf('s', s),
              replicas: processes.map(replica),
            },
          ],
    ),
    quality: { completeness: 1, stalenessMs: 0, sources: [] },
  });
  if (!built.ok) throw new Error(built.error.map((problem) => problem.message).join('; '));
  const request: PlanningRequest = {
    snapshot: built.value,
    policy: contestPolicy(model, maxEvaluations),
    distress: new Float64Array(nodes.length),
    seed,
    frozenShards: new Int32Array(0),
    frozenNodes: new Int32Array(0),
    task: { kind: 'improve' },
  };
  return { model, assignment, request, processOf: Int32Array.from(members.flat()) };
}

function contestPolicy({ resources, services }: RoadefModel, maxEvaluations: number): Policy {
  const base = defaultPolicy('roadef', 'contest');
  return {
    ...base,
    dimensions: resources.map(
      (resource, r): DimensionPolicy => ({
        ...defaultDimensionPolicy(idOf('r', r)),
        weight: Math.max(1, resource.weight),
        hardLimit: 1,
        transient: resource.transient,
      }),
    ),
    budget: {
      maxMoves: Number.MAX_SAFE_INTEGER,
      maxBytes: Number.MAX_SAFE_INTEGER,
      maxShareOfShards: 1,
      maxEvaluations,
      maxSearchMs: 3_600_000,
      // The solver has lanes of its own.
      searchLanes: 1,
    },
    // The contest's own costs are in its terms.
    benefit: { ...base.benefit, minPlanGain: 0, minGainPerPrice: 0, pricePerMove: 0, pricePerGiB: 0 },
    placement: {
      ...base.placement,
      transientHold: 'plan',
      spread: services.flatMap((service, s): SpreadRule[] =>
        service.spreadMin > 1
          ? [
              {
                select: { group: idOf('s', s) },
                level: 'zone',
                minDomains: service.spreadMin,
                maxPerDomain: 0,
              },
            ]
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

/** Machine of each process, from the node of each replica. */
export function assignmentOf(instance: ContestInstance, nodeOf: Int32Array): Int32Array {
  const machines = new Int32Array(nodeOf.length);
  // The snapshot sorts nodes and shards by their ids, which are padded: their order is the contest's.
  for (let replica = 0; replica < nodeOf.length; replica++)
    machines[instance.processOf[replica]] = nodeOf[replica];
  return machines;
}
