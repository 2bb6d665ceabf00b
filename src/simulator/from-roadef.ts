import { err, ok, type Result } from '../base/result.ts';
import type { Node } from '../domain/node.ts';
import type { Problem } from '../domain/problem.ts';
import type { ShardTable } from '../domain/snapshot.ts';
import { type FleetBlueprint, stillBehaviour } from './fleet-blueprint.ts';
import type { RoadefModel } from './roadef-model.ts';
import { machineName, serviceName } from './roadef-names.ts';

/**
 * A fleet that is the instance: a machine is a node (location is its zone, neighborhood its region, safety capacity
 * its target), a service a shard and a group, a process a replica whose number is the process's index. Nobody leads,
 * since processes of a service are not interchangeable. Loads stay as they are. A process copies its move cost in MiB,
 * so that what is dear to move is long to move.
 *
 * Problems: SNAPSHOT_REPLICA_TWICE_ON_NODE when two processes of a service share a machine, FIELDS_CONTRADICT when a
 * service depends on one that has no process.
 */
export function fleetFromRoadef(
  model: RoadefModel,
  assignment: Int32Array,
  names: { readonly cluster: string; readonly namespace: string },
): Result<FleetBlueprint, Problem> {
  const problem = emptyDependency(model) ?? sharedMachine(model, assignment);
  if (problem) return err(problem);
  return ok({
    ...names,
    dimensions: model.resources.map((resource, index) => ({
      name: resourceName(index),
      unit: 'units',
      elastic: false,
      transient: resource.transient,
    })),
    nodes: model.machines.map((_, machine) => nodeOf(model, machine)),
    shards: shardsOf(model, assignment),
    behaviour: stillBehaviour,
  });
}

/** Name of the resource's dimension. */
export const resourceName = (resource: number): string => `r${resource}`;

const mib = 2 ** 20;

function nodeOf(model: RoadefModel, machine: number): Node {
  const found = model.machines[machine];
  return {
    id: machineName(machine),
    region: `neighborhood-${found?.neighborhood ?? 0}`,
    zone: `location-${found?.location ?? 0}`,
    rack: machineName(machine),
    labels: {},
    weight: 1,
    status: 'alive',
    adminState: 'active',
    capacity: found?.capacity ?? [],
    target: found?.safetyCapacity ?? [],
    signals: {},
  };
}

/** Services without a process are no shards. */
function shardsOf(model: RoadefModel, assignment: Int32Array): ShardTable {
  const dims = model.resources.length;
  const processesOf = processesByService(model);
  const services = [...processesOf.keys()].filter((service) => (processesOf[service]?.length ?? 0) > 0);
  const order = services.flatMap((service) => processesOf[service] ?? []);
  const replicaOffsets = new Int32Array(services.length + 1);
  services.forEach((service, shard) => {
    replicaOffsets[shard + 1] = (replicaOffsets[shard] ?? 0) + (processesOf[service]?.length ?? 0);
  });
  const replicaLoads = new Float64Array(order.length * dims);
  order.forEach((process, row) => {
    replicaLoads.set(model.processes[process]?.requirements ?? [], row * dims);
  });
  return {
    ids: services.map(serviceName),
    versions: new Float64Array(services.length).fill(1),
    statuses: new Uint8Array(services.length).fill(1),
    groups: Int32Array.from(services, (_, shard) => shard),
    groupNames: services.map(serviceName),
    replicaOffsets,
    replicaNumbers: Int32Array.from(order),
    replicaNodes: Int32Array.from(order, (process) => assignment[process] ?? 0),
    replicaLeads: new Uint8Array(order.length),
    replicaLoads,
    replicaBytes: Float64Array.from(order, (process) => (model.processes[process]?.moveCost ?? 0) * mib),
  };
}

/** Processes of each service, ascending. */
export function processesByService(model: RoadefModel): readonly (readonly number[])[] {
  const processes: number[][] = model.services.map(() => []);
  model.processes.forEach((process, index) => {
    processes[process.service]?.push(index);
  });
  return processes;
}

function emptyDependency(model: RoadefModel): Problem | undefined {
  const processes = processesByService(model);
  for (const [service, { dependsOn }] of model.services.entries()) {
    if ((processes[service]?.length ?? 0) === 0) continue;
    const missing = dependsOn.find((other) => (processes[other]?.length ?? 0) === 0);
    if (missing === undefined) continue;
    const message = `service ${service} depends on service ${missing}, which has no process`;
    return { code: 'FIELDS_CONTRADICT', message, field: `services[${service}].dependsOn`, value: missing };
  }
  return undefined;
}

/** What is wrong when two processes of a service run on one machine. */
export function sharedMachine(model: RoadefModel, assignment: Int32Array): Problem | undefined {
  for (const [service, processes] of processesByService(model).entries()) {
    const taken = new Map<number, number>();
    for (const process of processes) {
      const machine = assignment[process] ?? 0;
      const other = taken.get(machine);
      if (other !== undefined) {
        return {
          code: 'SNAPSHOT_REPLICA_TWICE_ON_NODE',
          message: `processes ${other} and ${process} of service ${service} are both on machine ${machine}`,
          field: `token ${process + 1}`,
          value: machine,
          remedy: 'Give an assignment that holds the rules: processes of a service never share a machine.',
        };
      }
      taken.set(machine, process);
    }
  }
  return undefined;
}
