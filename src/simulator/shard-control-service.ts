import { create } from '@bufbuild/protobuf';
import type { HandlerContext, ServiceImpl } from '@connectrpc/connect';
import { shardStatuses } from '../domain/snapshot.ts';
import type { ReplicaSet } from '../domain/telemetry-sample.ts';
import {
  type ShardControlService,
  type ShardDiffNotification,
  ShardDiffNotificationSchema,
  type ShardListRequest,
  type ShardRecord,
  type ShardStatus,
  type ShardWatchRequest,
} from '../gen/omnirelay/mesh/control/v1/shard_control_pb.ts';
import { encodeShardRecord, ownerOf } from '../wire/fleet/shard-record-codec.ts';
import { encodeInteger } from '../wire/fleet/wire-number.ts';
import type { RegistryChange } from './fleet-registry.ts';
import { maxShardsPerPage, namespaceProblem, watchRegistry } from './fleet-sources.ts';
import { decodePageCursor, encodePageCursor, pageSizeOf } from './page-cursor.ts';
import { rpcError, streamOrRpcError, valueOrRpcError } from './rpc-problem.ts';
import { simulateShards } from './simulate-shards.ts';
import type { SimulatedFleet } from './simulated-fleet.ts';

const usualPageSize = 100;
const strategy = 'meshkit.replicated';
const gib = 2 ** 30;

interface Filter {
  readonly namespace: string;
  readonly ownerNodeId: string;
  readonly statuses: readonly ShardStatus[];
  readonly search: string;
}

/** MeshKit.Shards' control contract over the fleet: replicated shards show their leader as the owner. */
export function createShardControlService(fleet: SimulatedFleet): ServiceImpl<typeof ShardControlService> {
  const { registry } = fleet;

  function recordOf(set: ReplicaSet): ShardRecord {
    const shard = fleet.state.shardIndex.get(set.shard) ?? -1;
    return encodeShardRecord(set, {
      strategy,
      capacityHint: (set.replicas[0]?.bytes ?? 0) / gib,
      changeTicket: registry.changeTicket(shard),
    });
  }

  function notificationOf(change: RegistryChange): ShardDiffNotification {
    return create(ShardDiffNotificationSchema, {
      position: encodeInteger(change.position),
      current: recordOf(change.current),
      previous: recordOf(change.previous),
      history: {
        actor: change.history.actor,
        reason: change.history.reason,
        changeTicket: change.history.changeTicket,
        previousOwnerNodeId: change.history.previousOwner,
      },
    });
  }

  function list(request: ShardListRequest) {
    checkNamespace(fleet, request.namespace);
    fleet.refresh();
    const size = valueOrRpcError(pageSizeOf(request.pageSize, usualPageSize, maxShardsPerPage));
    const cursor = valueOrRpcError(decodePageCursor(request.cursor, registry.head()));
    const shards: ShardRecord[] = [];
    let next = cursor.next;
    for (; next < registry.size && shards.length < size; next++) {
      const set = registry.replicaSet(next);
      if (matches(request, set, set)) shards.push(recordOf(set));
    }
    const nextCursor = next < registry.size ? encodePageCursor({ position: cursor.position, next }) : '';
    return { shards, nextCursor, version: encodeInteger(cursor.position) };
  }

  async function* watch(request: ShardWatchRequest, context: HandlerContext) {
    checkNamespace(fleet, request.namespace);
    const from = request.resumeToken === 0n ? registry.head() : Number(request.resumeToken);
    for await (const changes of streamOrRpcError(watchRegistry(fleet, from, context.signal))) {
      for (const change of changes) {
        if (matches(request, change.current, change.previous)) yield notificationOf(change);
      }
    }
  }

  return {
    list,
    watch,
    diff(request) {
      checkNamespace(fleet, request.namespace);
      fleet.refresh();
      const from = request.fromToken === 0n ? registry.oldest() : Number(request.fromToken);
      const all = valueOrRpcError(registry.changesAfter(from, Number.MAX_SAFE_INTEGER));
      const last =
        request.toToken === 0n ? registry.head() : Math.min(Number(request.toToken), registry.head());
      const inRange = all.filter((each) => each.position <= last).slice(0, maxShardsPerPage);
      const end = inRange.length === maxShardsPerPage ? (inRange.at(-1)?.position ?? last) : last;
      const diffs = inRange
        .filter((each) => matches(request, each.current, each.previous))
        .map(notificationOf);
      return { diffs, lastPosition: encodeInteger(end) };
    },
    simulate(request) {
      checkNamespace(fleet, request.namespace);
      return simulateShards(fleet, request, recordOf);
    },
  };
}

function matches(filter: Filter, current: ReplicaSet, previous: ReplicaSet): boolean {
  if (filter.search !== '' && !current.shard.toLowerCase().includes(filter.search.toLowerCase()))
    return false;
  if (filter.statuses.length > 0 && !filter.statuses.includes(shardStatuses.indexOf(current.status)))
    return false;
  const owner = filter.ownerNodeId;
  return owner === '' || ownerOf(current) === owner || ownerOf(previous) === owner;
}

function checkNamespace(fleet: SimulatedFleet, namespace: string): void {
  const problem = namespace === '' ? undefined : namespaceProblem(fleet, namespace);
  if (problem) throw rpcError(problem);
}
