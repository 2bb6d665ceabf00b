import { toBinary } from '@bufbuild/protobuf';
import type { HandlerContext, ServiceImpl } from '@connectrpc/connect';
import { ProblemError } from '../domain/problem.ts';
import { replicaCount, type Snapshot } from '../domain/snapshot.ts';
import { SnapshotSchema } from '../gen/meshkit/rebalancer/v1/snapshot_pb.ts';
import type {
  GetSnapshotRequest,
  SnapshotService,
} from '../gen/meshkit/rebalancer/v1/snapshot_service_pb.ts';
import { snapshotToMessage } from '../wire/snapshot-message.ts';
import type { ApiDeps } from './api-deps.ts';
import { requireNamespace } from './namespace-limit.ts';
import { unwrap } from './unwrap.ts';

/** Replicas of a snapshot that is sent in one message: some 15 MB, and twice that as JSON. */
const maxReplicasInOneMessage = 200_000;
/** Bytes of one piece of a streamed snapshot; the contract says so as well. */
const pieceBytes = 1_048_576;

export function createSnapshotService(deps: ApiDeps): ServiceImpl<typeof SnapshotService> {
  return {
    async getSnapshot(request, context) {
      const snapshot = await find(deps, context, request.snapshot);
      const replicas = replicaCount(snapshot.shards);
      if (replicas > maxReplicasInOneMessage) {
        throw new ProblemError({
          code: 'SNAPSHOT_TOO_LARGE',
          message: `the snapshot has ${replicas} replicas, too many for one message`,
          value: replicas,
          limit: maxReplicasInOneMessage,
          subject: `snapshot/${snapshot.digest}`,
        });
      }
      return { snapshot: snapshotToMessage(snapshot) };
    },
    async *streamSnapshot(request, context) {
      const snapshot = await find(deps, context, request.snapshot);
      const bytes = toBinary(SnapshotSchema, snapshotToMessage(snapshot));
      const totalBytes = BigInt(bytes.length);
      for (let start = 0; start < bytes.length; start += pieceBytes) {
        yield { data: bytes.subarray(start, start + pieceBytes), totalBytes };
      }
    },
  };
}

async function find(
  deps: ApiDeps,
  context: HandlerContext,
  wanted: GetSnapshotRequest['snapshot'],
): Promise<Snapshot> {
  const { plans, controllers } = deps.rebalancer;
  if (wanted.case === 'digest') {
    const snapshot = unwrap(await plans.snapshot(wanted.value));
    await requireNamespace(deps, context, snapshot.namespace);
    return snapshot;
  }
  const namespace = wanted.value ?? '';
  await requireNamespace(deps, context, namespace);
  return unwrap(await controllers.snapshot(namespace));
}
