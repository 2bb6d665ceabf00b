import { create } from '@bufbuild/protobuf';
import type {
  DimensionUsage,
  GetFleetResponse,
  NodeState,
} from '../gen/meshkit/simulator/v1/fleet_simulator_pb.ts';
import {
  DimensionUsageSchema,
  GetFleetResponseSchema,
  NodeStateSchema,
} from '../gen/meshkit/simulator/v1/fleet_simulator_pb.ts';
import { encodeInteger, encodeTime } from '../wire/fleet/wire-number.ts';
import { isAlive } from './fleet-state.ts';
import type { SimulatedFleet } from './simulated-fleet.ts';

/** What the fleet really is like: the answer of `GetFleet`. */
export function reportFleet(
  fleet: SimulatedFleet,
  parts: { readonly withMoves: boolean; readonly withNodes: boolean },
): GetFleetResponse {
  fleet.refresh();
  const { blueprint, state } = fleet;
  const counters = fleet.statistics.read();
  const moves = parts.withMoves ? [...counters.moves] : [];
  return create(GetFleetResponseSchema, {
    cluster: blueprint.cluster,
    namespace: blueprint.namespace,
    now: encodeTime(fleet.time.now()),
    nodes: blueprint.nodes.length,
    aliveNodes: state.alive.reduce((sum, each) => sum + each, 0),
    shards: blueprint.shards.ids.length,
    replicas: state.replicaNodes.length,
    dimensions: blueprint.dimensions.map((_, dimension) => usageOf(fleet, dimension)),
    minHealthyReplicas: counters.minHealthyReplicas,
    minAliveReplicas: counters.minAliveReplicas,
    concurrentMoves: counters.concurrentMoves,
    maxConcurrentMoves: counters.maxConcurrentMoves,
    executedMoves: [...counters.moves.values()].filter((each) => each.transfers > 0).length,
    repeatedEffects: counters.repeatedEffects,
    overCommits: counters.overCommits,
    moverAnswers: Object.fromEntries(
      [...counters.answers].map(([name, count]) => [name, encodeInteger(count)]),
    ),
    moves: moves.map(([moveKey, effects]) => ({ moveKey, ...effects })),
    nodeStates: parts.withNodes ? blueprint.nodes.map((_, node) => nodeStateOf(fleet, node)) : [],
  });
}

function usageOf(fleet: SimulatedFleet, dimension: number): DimensionUsage {
  const { blueprint, state, loads } = fleet;
  const dims = blueprint.dimensions.length;
  const usage = { totalLoad: 0, totalCapacity: 0, peakUtilization: 0, peakNode: '' };
  blueprint.nodes.forEach((node, index) => {
    if (!isAlive(state, index)) return;
    const load = loads.nodeLoads[index * dims + dimension] ?? 0;
    const capacity = node.capacity[dimension] ?? 0;
    usage.totalLoad += load;
    usage.totalCapacity += capacity;
    if (capacity > 0 && load / capacity > usage.peakUtilization) {
      usage.peakUtilization = load / capacity;
      usage.peakNode = node.id;
    }
  });
  const mean = usage.totalCapacity > 0 ? usage.totalLoad / usage.totalCapacity : 0;
  return create(DimensionUsageSchema, {
    ...usage,
    name: blueprint.dimensions[dimension]?.name ?? '',
    unit: blueprint.dimensions[dimension]?.unit ?? '',
    meanUtilization: mean,
    peakToMean: mean > 0 ? usage.peakUtilization / mean : 0,
  });
}

function nodeStateOf(fleet: SimulatedFleet, index: number): NodeState {
  const { blueprint, state, loads, signals } = fleet;
  return create(NodeStateSchema, {
    node: blueprint.nodes[index]?.id ?? '',
    zone: blueprint.nodes[index]?.zone ?? '',
    alive: isAlive(state, index),
    replicas: state.nodeReplicas[index] ?? 0,
    utilization: loads.utilization(index),
    latencyP99Ms: signals.latencyP99Ms(index),
    errorRate: signals.errorRate(index),
    pendingCount: encodeInteger(signals.pending(index)),
    backpressure: signals.backpressure(index),
  });
}
