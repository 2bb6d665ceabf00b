import { createClient } from '@connectrpc/connect';
import type { Clock } from '../../base/clock.ts';
import { err, ok } from '../../base/result.ts';
import type { ShardChange } from '../../domain/telemetry-sample.ts';
import {
  ShardControlService,
  type ShardDiffNotification,
} from '../../gen/omnirelay/mesh/control/v1/shard_control_pb.ts';
import type { ShardRegistry } from '../../ports/shard-registry.ts';
import { decodeShardRecord } from '../../wire/fleet/shard-record-codec.ts';
import type { FleetChannel } from '../../wire/fleet-channel/fleet-channel.ts';
import { fleetProblem } from '../../wire/fleet-channel/fleet-problem.ts';
import { fleetStream } from '../../wire/fleet-channel/fleet-stream.ts';
import { callTimeoutMs, pageSize, readPages } from './pages.ts';

/**
 * The registry over `omnirelay.mesh.control.v1.ShardControlService`, for fleets that serve nothing else: a record's
 * owner is the shard's only replica, number 0, and leads. A record without an owner has no replica.
 */
export function createShardControlRegistry(channel: FleetChannel, clock: Clock): ShardRegistry {
  const client = createClient(ShardControlService, channel.transport);
  return {
    list(namespace, signal) {
      return readPages({ channel, what: `listing the shards of ${namespace}`, signal }, async (cursor) => {
        const answer = await client.list(
          { namespace, pageSize, cursor },
          { signal, timeoutMs: callTimeoutMs },
        );
        const page = { shards: answer.shards.map(decodeShardRecord), position: Number(answer.version) };
        return { page, nextCursor: answer.nextCursor };
      });
    },
    async *watch(namespace, position, signal) {
      const what = `watching the shards of ${namespace}`;
      const open = client.watch.bind(client, { namespace, resumeToken: BigInt(position) });
      // The contract has no heartbeat, so silence says nothing; the connection's PINGs notice a dead peer.
      const stream = { channel, clock, signal, silenceMs: 0, what, open };
      for await (const message of fleetStream({ ...stream, notFound: 'NAMESPACE_NOT_FOUND' as const })) {
        const change = changeOf(message);
        if (change) yield change;
      }
    },
    async get(namespace, shard, signal) {
      const subject = `shard/${shard}`;
      try {
        // The contract has no single read: search answers ids that contain the text, among them this one.
        let cursor = '';
        for (let page = 0; page < maxSearchPages; page++) {
          const request = { namespace, search: shard, pageSize, cursor };
          const answer = await client.list(request, { signal, timeoutMs: callTimeoutMs });
          const record = answer.shards.find((each) => each.shardId === shard);
          if (record) return ok(decodeShardRecord(record));
          cursor = answer.nextCursor;
          if (cursor === '') break;
        }
        return err({
          code: 'SHARD_NOT_FOUND',
          message: `the fleet has no shard ${shard} in ${namespace}`,
          subject,
        });
      } catch (error) {
        return err({
          ...fleetProblem(error, channel.address, `about the shard ${shard}`, 'SHARD_NOT_FOUND'),
          subject,
        });
      }
    },
  };
}

/** Pages of one search; ids that contain each other fill few. */
const maxSearchPages = 100;

/** A notification without a current record tells of a removal; one without any record tells nothing. */
function changeOf(message: ShardDiffNotification): ShardChange | undefined {
  const record = message.current ?? message.previous;
  if (!record) return undefined;
  const removed = message.current === undefined;
  return { position: Number(message.position), current: decodeShardRecord(record), removed };
}
