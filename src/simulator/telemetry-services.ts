import type { ServiceImpl } from '@connectrpc/connect';
import type { BackpressureService } from '../gen/meshkit/backpressure/v1/backpressure_pb.ts';
import type { PeerHealthService } from '../gen/meshkit/peers/v1/peer_health_pb.ts';
import type { ReplicaSetService } from '../gen/meshkit/shards/v1/replica_set_pb.ts';
import { encodeBackpressure } from '../wire/fleet/backpressure-codec.ts';
import { encodeLoadBatch } from '../wire/fleet/load-codec.ts';
import { encodePeer } from '../wire/fleet/peer-codec.ts';
import { encodeReplicaSet, encodeShardChange } from '../wire/fleet/replica-set-codec.ts';
import { encodeInteger, encodeTime } from '../wire/fleet/wire-number.ts';
import { namespaceProblem, watchRegistry } from './fleet-sources.ts';
import type { FleetPorts } from './in-process-ports.ts';
import { decodePageCursor, encodePageCursor, pageSizeOf } from './page-cursor.ts';
import { rpcError, streamOrRpcError, valueOrRpcError } from './rpc-problem.ts';
import type { SimulatedFleet } from './simulated-fleet.ts';

const usualPageSize = 1_000;
const maxPageSize = 5_000;

/** Replica sets and their loads. */
export function createReplicaSetService(
  fleet: SimulatedFleet,
  ports: FleetPorts,
): ServiceImpl<typeof ReplicaSetService> {
  const { registry } = fleet;

  return {
    listReplicaSets(request) {
      checkNamespace(fleet, request.namespace);
      fleet.refresh();
      const size = valueOrRpcError(pageSizeOf(request.pageSize, usualPageSize, maxPageSize));
      const cursor = valueOrRpcError(decodePageCursor(request.cursor, registry.head()));
      const end = Math.min(registry.size, cursor.next + size);
      const replicaSets = [];
      for (let shard = cursor.next; shard < end; shard++) {
        replicaSets.push(encodeReplicaSet(registry.replicaSet(shard)));
      }
      const nextCursor =
        end < registry.size ? encodePageCursor({ position: cursor.position, next: end }) : '';
      return { replicaSets, nextCursor, position: encodeInteger(cursor.position) };
    },
    async getReplicaSet(request, context) {
      const found = await ports.registry.get(request.namespace, request.shard, context.signal);
      return { replicaSet: encodeReplicaSet(valueOrRpcError(found)) };
    },
    async *watchReplicaSets(request, context) {
      checkNamespace(fleet, request.namespace);
      let position = Number(request.resumePosition);
      for await (const changes of streamOrRpcError(watchRegistry(fleet, position, context.signal))) {
        position = changes.at(-1)?.position ?? position;
        yield {
          changes: changes.map(encodeShardChange),
          position: encodeInteger(position),
          observedAt: encodeTime(fleet.time.stamp()),
        };
      }
    },
    async *watchLoads(request, context) {
      const batches = ports.loads.watch(request.namespace, context.signal);
      for await (const batch of streamOrRpcError(batches)) yield encodeLoadBatch(batch);
    },
  };
}

export function createPeerHealthService(ports: FleetPorts): ServiceImpl<typeof PeerHealthService> {
  return {
    async *watchPeers(_request, context) {
      for await (const batch of ports.peers.watch(context.signal)) yield { peers: batch.map(encodePeer) };
    },
  };
}

export function createBackpressureService(ports: FleetPorts): ServiceImpl<typeof BackpressureService> {
  return {
    async *watchBackpressure(_request, context) {
      for await (const batch of ports.backpressure.watch(context.signal)) {
        yield { signals: batch.map(encodeBackpressure) };
      }
    },
  };
}

function checkNamespace(fleet: SimulatedFleet, namespace: string): void {
  const problem = namespaceProblem(fleet, namespace);
  if (problem) throw rpcError(problem);
}
