import { createClient } from '@connectrpc/connect';
import type { Clock } from '../../base/clock.ts';
import type { Problem } from '../../domain/problem.ts';
import type { BackpressureSample } from '../../domain/telemetry-sample.ts';
import { BackpressureService } from '../../gen/meshkit/backpressure/v1/backpressure_pb.ts';
import type { BackpressureSource } from '../../ports/telemetry-sources.ts';
import { decodeBackpressure } from '../../wire/fleet/backpressure-codec.ts';
import type { FleetChannel } from '../../wire/fleet-channel/fleet-channel.ts';
import { fleetStream } from '../../wire/fleet-channel/fleet-stream.ts';

/** Queues are measured every few seconds; a minute without a measurement is a stream that hangs. */
const silenceMs = 60_000;

/**
 * Queues of Hugo's SafeTaskQueue as `meshkit.backpressure.v1.BackpressureService` streams them. A signal that cannot
 * be read is left out and told to `onUnreadable`.
 */
export function createGrpcBackpressureSource(
  channel: FleetChannel,
  clock: Clock,
  onUnreadable: (problem: Problem) => void,
): BackpressureSource {
  const client = createClient(BackpressureService, channel.transport);
  return {
    async *watch(signal) {
      const open = client.watchBackpressure.bind(client, {});
      const stream = { channel, clock, signal, silenceMs, what: 'watching the backpressure', open };
      for await (const message of fleetStream(stream)) {
        const samples: BackpressureSample[] = [];
        for (const wire of message.signals) {
          const sample = decodeBackpressure(wire);
          if (sample.ok) samples.push(sample.value);
          else onUnreadable(sample.error);
        }
        yield samples;
      }
    },
  };
}
