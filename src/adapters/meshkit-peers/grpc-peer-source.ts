import { createClient } from '@connectrpc/connect';
import type { Clock } from '../../base/clock.ts';
import type { Problem } from '../../domain/problem.ts';
import type { PeerSample } from '../../domain/telemetry-sample.ts';
import { PeerHealthService } from '../../gen/meshkit/peers/v1/peer_health_pb.ts';
import type { PeerSource } from '../../ports/telemetry-sources.ts';
import { decodePeer } from '../../wire/fleet/peer-codec.ts';
import type { FleetChannel } from '../../wire/fleet-channel/fleet-channel.ts';
import { fleetStream } from '../../wire/fleet-channel/fleet-stream.ts';

/** Gossip rounds take a second or so; a minute without one is a stream that hangs. */
const silenceMs = 60_000;

/**
 * Peers as `meshkit.peers.v1.PeerHealthService` streams them. A sample that cannot be read is left out and told to
 * `onUnreadable`, so that one node's nonsense does not cost the others.
 */
export function createGrpcPeerSource(
  channel: FleetChannel,
  clock: Clock,
  onUnreadable: (problem: Problem) => void,
): PeerSource {
  const client = createClient(PeerHealthService, channel.transport);
  return {
    async *watch(signal) {
      const open = client.watchPeers.bind(client, {});
      for await (const message of fleetStream({
        channel,
        clock,
        signal,
        silenceMs,
        what: 'watching the peers',
        open,
      })) {
        const samples: PeerSample[] = [];
        for (const wire of message.peers) {
          const sample = decodePeer(wire);
          if (sample.ok) samples.push(sample.value);
          else onUnreadable(sample.error);
        }
        yield samples;
      }
    },
  };
}
