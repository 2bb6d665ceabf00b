import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { ReplicaSet } from '../domain/telemetry-sample.ts';
import {
  ShardAssignmentSchema,
  type ShardRecord,
  ShardSimulationChangeSchema,
  type ShardSimulationRequest,
  type ShardSimulationResponseSchema,
} from '../gen/omnirelay/mesh/control/v1/shard_control_pb.ts';
import { encodeTime } from '../wire/fleet/wire-number.ts';
import { outOfRange } from './out-of-range.ts';
import { rpcError } from './rpc-problem.ts';
import { placeByRendezvous } from './simulate-placement.ts';
import type { SimulatedFleet } from './simulated-fleet.ts';

/** Nodes of one simulation. */
const maxSimulatedNodes = 10_000;

/**
 * What rendezvous hashing over the request's nodes would make of the fleet's shards; nothing changes. Throws
 * FIELD_INVALID as an RPC's error for nodes that are none.
 *
 * @param recordOf a shard as the control contract shows it
 */
export function simulateShards(
  fleet: SimulatedFleet,
  request: ShardSimulationRequest,
  recordOf: (set: ReplicaSet) => ShardRecord,
): MessageInitShape<typeof ShardSimulationResponseSchema> {
  const { registry } = fleet;
  const nodes = checkedNodes(request);
  const weighted = [...nodes.values()];
  const assignments = [];
  const changes = [];
  for (let shard = 0; shard < registry.size; shard++) {
    const record = recordOf(registry.replicaSet(shard));
    const place = nodes.get(placeByRendezvous(record.shardId, weighted)?.id ?? '');
    const { namespace, shardId } = record;
    const proposed = place?.id ?? '';
    assignments.push(
      create(ShardAssignmentSchema, {
        namespace,
        shardId,
        ownerNodeId: proposed,
        capacity: record.capacityHint,
        localityHint: place ? `${place.region}/${place.zone}` : '',
      }),
    );
    changes.push(
      create(ShardSimulationChangeSchema, {
        namespace,
        shardId,
        currentOwner: record.ownerNodeId,
        proposedOwner: proposed,
        changesOwner: proposed !== record.ownerNodeId,
      }),
    );
  }
  return {
    namespace: fleet.blueprint.namespace,
    strategyId: request.strategyId,
    generatedAt: encodeTime(fleet.time.stamp()),
    assignments,
    changes,
  };
}

function checkedNodes(request: ShardSimulationRequest) {
  const nodes = new Map<string, { id: string; weight: number; region: string; zone: string }>();
  if (request.nodes.length === 0 || request.nodes.length > maxSimulatedNodes) {
    throw rpcError({
      code: 'FIELD_INVALID',
      message: `nodes has ${request.nodes.length} entries; it must have from 1 to ${maxSimulatedNodes}`,
      field: 'nodes',
      value: request.nodes.length,
      limit: maxSimulatedNodes,
    });
  }
  for (const [index, node] of request.nodes.entries()) {
    const field = `nodes[${index}]`;
    if (node.nodeId === '' || nodes.has(node.nodeId)) {
      const message = `${field}.nodeId is empty or a repetition`;
      throw rpcError({ code: 'FIELD_INVALID', message, field: `${field}.nodeId`, value: node.nodeId });
    }
    if (!(node.weight >= 0 && Number.isFinite(node.weight))) {
      throw rpcError(outOfRange(`${field}.weight`, node.weight, 'a finite number of at least 0'));
    }
    nodes.set(node.nodeId, { id: node.nodeId, weight: node.weight, region: node.region, zone: node.zone });
  }
  return nodes;
}
