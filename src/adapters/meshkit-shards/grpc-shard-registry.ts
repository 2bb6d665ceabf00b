import type { Clock } from '../../base/clock.ts';
import { err } from '../../base/result.ts';
import { type Problem, ProblemError } from '../../domain/problem.ts';
import type { ShardRegistry } from '../../ports/shard-registry.ts';
import type { FleetChannel } from '../../wire/fleet-channel/fleet-channel.ts';
import { fleetProblem, isUnimplemented } from '../../wire/fleet-channel/fleet-problem.ts';
import { createReplicaSetRegistry } from './replica-set-registry.ts';
import { createShardControlRegistry } from './shard-control-registry.ts';

/**
 * MeshKit.Shards: by replica sets where the fleet serves them, else by the one owner that every fleet tells. Which of
 * the two is asked anew with every listing, because a fleet may be upgraded while we run.
 */
export function createGrpcShardRegistry(
  channel: FleetChannel,
  clock: Clock,
  onUnreadable: (problem: Problem) => void,
): ShardRegistry {
  const replicaSets = createReplicaSetRegistry(channel, clock, onUnreadable);
  const owners = createShardControlRegistry(channel, clock);
  let way = replicaSets;

  return {
    async *list(namespace, signal) {
      try {
        way = replicaSets;
        yield* replicaSets.list(namespace, signal);
      } catch (error) {
        if (!isUnimplemented(error)) throw error;
        way = owners;
        yield* neitherServed(channel, owners.list(namespace, signal));
      }
    },
    async *watch(namespace, position, signal) {
      try {
        yield* way.watch(namespace, position, signal);
      } catch (error) {
        if (!isUnimplemented(error)) throw error;
        // The positions of the two contracts are in step.
        way = owners;
        yield* neitherServed(channel, owners.watch(namespace, position, signal));
      }
    },
    async get(namespace, shard, signal) {
      try {
        return await way.get(namespace, shard, signal);
      } catch (error) {
        if (!isUnimplemented(error))
          return err(fleetProblem(error, channel.address, `about the shard ${shard}`));
        way = owners;
        return owners.get(namespace, shard, signal);
      }
    },
  };
}

/** Callers see only `ProblemError`, also when the fleet serves neither contract. */
async function* neitherServed<T>(channel: FleetChannel, answers: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* answers;
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError(fleetProblem(error, channel.address, 'about its shards'));
  }
}
