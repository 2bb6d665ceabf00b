import { type CallOptions, createClient } from '@connectrpc/connect';
import type { MoveCall, MoveOutcome } from '../../gen/meshkit/shards/v1/shard_movement_pb.ts';
import { ShardMovementService } from '../../gen/meshkit/shards/v1/shard_movement_pb.ts';
import type { MoverAnswer, MoverCall, ShardMover } from '../../ports/shard-mover.ts';
import { decodeMoverAnswer, decodeMoverStatus, encodeMoverCall } from '../../wire/fleet/mover-codec.ts';
import type { FleetChannel } from '../../wire/fleet-channel/fleet-channel.ts';
import { fleetProblem } from '../../wire/fleet-channel/fleet-problem.ts';

/**
 * The mover over `meshkit.shards.v1.ShardMovementService`. The fleet says no inside its answers; an error of the
 * transport, a deadline or a cancelled call therefore never means that nothing happened, and is `unreachable`.
 *
 * @param timeoutMs deadline of one call; a step that takes longer answers `inProgress` and is asked again
 */
export function createGrpcShardMover(channel: FleetChannel, timeoutMs = defaultTimeoutMs): ShardMover {
  const client = createClient(ShardMovementService, channel.transport);

  async function step(
    name: string,
    call: MoverCall,
    signal: AbortSignal,
    send: (request: { call: MoveCall }, options: CallOptions) => Promise<{ outcome?: MoveOutcome }>,
  ): Promise<MoverAnswer> {
    try {
      const answer = await send({ call: encodeMoverCall(call) }, { signal, timeoutMs });
      return decodeMoverAnswer(answer.outcome);
    } catch (error) {
      return { kind: 'unreachable', problem: problemOf(error, name, call) };
    }
  }

  function problemOf(error: unknown, name: string, call: MoverCall) {
    const problem = fleetProblem(error, channel.address, `${name} of ${call.moveKey}`);
    return { ...problem, code: 'FLEET_UNREACHABLE' as const, subject: `move/${call.moveKey}` };
  }

  return {
    prepare: (call, signal) => step('prepare', call, signal, client.prepare.bind(client)),
    drain: (call, signal) => step('drain', call, signal, client.drain.bind(client)),
    transfer: (call, signal) => step('transfer', call, signal, client.transfer.bind(client)),
    release: (call, signal) => step('release', call, signal, client.release.bind(client)),
    abort: (call, signal) => step('abort', call, signal, client.abort.bind(client)),
    async status(call, signal) {
      try {
        return decodeMoverStatus(await client.status({ call: encodeMoverCall(call) }, { signal, timeoutMs }));
      } catch (error) {
        return { kind: 'unreachable', problem: problemOf(error, 'status', call) };
      }
    },
  };
}

/** A fleet that is well answers within milliseconds. */
const defaultTimeoutMs = 5_000;
