import type { ServiceImpl } from '@connectrpc/connect';
import type { MoveCall, ShardMovementService } from '../gen/meshkit/shards/v1/shard_movement_pb.ts';
import type { ShardMover } from '../ports/shard-mover.ts';
import { decodeMoverCall, encodeMoverAnswer, encodeMoverStatus } from '../wire/fleet/mover-codec.ts';
import { rpcError, valueOrRpcError } from './rpc-problem.ts';

type Step = 'prepare' | 'drain' | 'transfer' | 'release' | 'abort';

/** The mover's contract over a mover; an answer that was lost on the way is an RPC that is UNAVAILABLE. */
export function createMovementService(mover: ShardMover): ServiceImpl<typeof ShardMovementService> {
  async function run(step: Step, request: { call?: MoveCall }, signal: AbortSignal) {
    const call = valueOrRpcError(decodeMoverCall(request.call));
    const answer = await mover[step](call, signal);
    if (answer.kind === 'unreachable') throw rpcError(answer.problem);
    return { outcome: encodeMoverAnswer(answer) };
  }

  return {
    prepare: (request, context) => run('prepare', request, context.signal),
    drain: (request, context) => run('drain', request, context.signal),
    transfer: (request, context) => run('transfer', request, context.signal),
    release: (request, context) => run('release', request, context.signal),
    abort: (request, context) => run('abort', request, context.signal),
    async status(request, context) {
      const call = valueOrRpcError(decodeMoverCall(request.call));
      const answer = await mover.status(call, context.signal);
      if (answer.kind === 'unreachable') throw rpcError(answer.problem);
      return encodeMoverStatus(answer);
    },
  };
}
