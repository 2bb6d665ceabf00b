import { createClient } from '@connectrpc/connect';
import type { Clock } from '../../base/clock.ts';
import type { Problem } from '../../domain/problem.ts';
import { ReplicaSetService } from '../../gen/meshkit/shards/v1/replica_set_pb.ts';
import type { LoadSource } from '../../ports/telemetry-sources.ts';
import { decodeLoadBatch } from '../../wire/fleet/load-codec.ts';
import type { FleetChannel } from '../../wire/fleet-channel/fleet-channel.ts';
import { fleetStream } from '../../wire/fleet-channel/fleet-stream.ts';

/** Loads are measured every few seconds; two minutes without a measurement are a stream that hangs. */
const silenceMs = 120_000;

/**
 * Loads of replicas as `meshkit.shards.v1.ReplicaSetService.WatchLoads` streams them. A batch whose columns do not fit
 * together is left out and told to `onUnreadable`. Problems: NAMESPACE_NOT_FOUND, FLEET_UNREACHABLE.
 */
export function createGrpcLoadSource(
  channel: FleetChannel,
  clock: Clock,
  onUnreadable: (problem: Problem) => void,
): LoadSource {
  const client = createClient(ReplicaSetService, channel.transport);
  return {
    async *watch(namespace, signal) {
      const what = `watching the loads of ${namespace}`;
      const open = client.watchLoads.bind(client, { namespace });
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
        const batch = decodeLoadBatch(message);
        if (batch.ok) yield batch.value;
        else onUnreadable(batch.error);
      }
    },
  };
}
