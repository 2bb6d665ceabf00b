import { createGrpcBackpressureSource } from '../adapters/hugo-backpressure/grpc-backpressure-source.ts';
import { createGrpcLoadSource } from '../adapters/meshkit-loads/grpc-load-source.ts';
import { createGrpcPeerSource } from '../adapters/meshkit-peers/grpc-peer-source.ts';
import { createGrpcShardRegistry } from '../adapters/meshkit-shards/grpc-shard-registry.ts';
import { createPushHub } from '../adapters/telemetry-push/push-hub.ts';
import type { Clock } from '../base/clock.ts';
import type { Problem } from '../domain/problem.ts';
import type { ShardRegistry } from '../ports/shard-registry.ts';
import { pushKinds, type TelemetryIntake } from '../ports/telemetry-intake.ts';
import type { BackpressureSource, LoadSource, PeerSource } from '../ports/telemetry-sources.ts';
import type { FleetChannel } from '../wire/fleet-channel/fleet-channel.ts';
import { type Config, pushed } from './config.ts';

/** Where telemetry comes from: each source by itself fetched from the fleet or pushed by agents. */
export interface TelemetrySources {
  readonly registry: ShardRegistry;
  readonly loads: LoadSource;
  readonly peers: PeerSource;
  readonly backpressure: BackpressureSource;
  /** Takes what is pushed; refuses what is fetched. */
  readonly intake: TelemetryIntake;
}

export function createTelemetrySources(
  { endpoints, namespaces }: Pick<Config, 'endpoints' | 'namespaces'>,
  clock: Clock,
  channelTo: (address: string) => FleetChannel,
  onUnreadable: (problem: Problem) => void,
): TelemetrySources {
  const fetched = pushKinds.filter((kind) => endpoints[kind] !== pushed);
  const fetchedFrom = Object.fromEntries(fetched.map((kind) => [kind, endpoints[kind]]));
  const hub = createPushHub({ namespaces, clock, fetchedFrom });
  const { shards, loads, peers, backpressure } = endpoints;
  return {
    registry:
      shards === pushed ? hub.registry : createGrpcShardRegistry(channelTo(shards), clock, onUnreadable),
    loads: loads === pushed ? hub.loads : createGrpcLoadSource(channelTo(loads), clock, onUnreadable),
    peers: peers === pushed ? hub.peers : createGrpcPeerSource(channelTo(peers), clock, onUnreadable),
    backpressure:
      backpressure === pushed
        ? hub.backpressure
        : createGrpcBackpressureSource(channelTo(backpressure), clock, onUnreadable),
    intake: hub,
  };
}
