import { createClient } from '@connectrpc/connect';
import type { Clock } from '../../base/clock.ts';
import type { Result } from '../../base/result.ts';
import { err } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ReplicaSet } from '../../domain/telemetry-sample.ts';
import { ReplicaSetService } from '../../gen/meshkit/shards/v1/replica_set_pb.ts';
import type { ShardRegistry } from '../../ports/shard-registry.ts';
import { decodeReplicaSet, decodeShardChange } from '../../wire/fleet/replica-set-codec.ts';
import type { FleetChannel } from '../../wire/fleet-channel/fleet-channel.ts';
import { fleetProblem, isUnimplemented } from '../../wire/fleet-channel/fleet-problem.ts';
import { fleetStream } from '../../wire/fleet-channel/fleet-stream.ts';
import { callTimeoutMs, pageSize, readPages } from './pages.ts';

/** The stream has a heartbeat every few seconds even when nothing changes. */
const silenceMs = 60_000;

/**
 * The registry over `meshkit.shards.v1.ReplicaSetService`. A method that the fleet does not serve throws the
 * transport's own error, see `isUnimplemented`; everything else that fails is a `ProblemError`.
 */
export function createReplicaSetRegistry(
  channel: FleetChannel,
  clock: Clock,
  onUnreadable: (problem: Problem) => void,
): ShardRegistry {
  const client = createClient(ReplicaSetService, channel.transport);

  function readable(results: readonly Result<ReplicaSet, Problem>[]): readonly ReplicaSet[] {
    return results.flatMap((each) => {
      if (each.ok) return [each.value];
      onUnreadable(each.error);
      return [];
    });
  }

  return {
    list(namespace, signal) {
      return readPages({ channel, what: `listing the shards of ${namespace}`, signal }, async (cursor) => {
        const options = { signal, timeoutMs: callTimeoutMs };
        const page = await client.listReplicaSets({ namespace, pageSize, cursor }, options);
        return {
          page: { shards: readable(page.replicaSets.map(decodeReplicaSet)), position: Number(page.position) },
          nextCursor: page.nextCursor,
        };
      });
    },
    async *watch(namespace, position, signal) {
      const request = { namespace, resumePosition: BigInt(position) };
      const open = client.watchReplicaSets.bind(client, request);
      const what = `watching the shards of ${namespace}`;
      const stream = {
        channel,
        clock,
        signal,
        silenceMs,
        what,
        open,
        notFound: 'NAMESPACE_NOT_FOUND' as const,
      };
      for await (const message of fleetStream(stream)) {
        for (const wire of message.changes) {
          const change = decodeShardChange(wire);
          if (change.ok) yield change.value;
          else onUnreadable(change.error);
        }
      }
    },
    async get(namespace, shard, signal) {
      try {
        const answer = await client.getReplicaSet({ namespace, shard }, { signal, timeoutMs: callTimeoutMs });
        if (answer.replicaSet) return decodeReplicaSet(answer.replicaSet);
        return err({
          code: 'SHARD_NOT_FOUND',
          message: `the fleet has no shard ${shard}`,
          subject: `shard/${shard}`,
        });
      } catch (error) {
        if (isUnimplemented(error)) throw error;
        const problem = fleetProblem(error, channel.address, `about the shard ${shard}`, 'SHARD_NOT_FOUND');
        return err({ ...problem, subject: `shard/${shard}` });
      }
    },
  };
}
