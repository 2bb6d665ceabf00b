import type { Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import type { ReplicaSet, ShardChange } from '../domain/telemetry-sample.ts';

/** Who owns which shard: MeshKit.Shards. Reads only; ownership changes through the `ShardMover`. */
export interface ShardRegistry {
  /** Every shard of the namespace in bounded pages; watch from the last page's position to miss nothing. */
  list(namespace: string, signal: AbortSignal): AsyncIterable<ShardPage>;
  /** Changes after `position`, in order; ends or throws `ProblemError` when the connection does. */
  watch(namespace: string, position: number, signal: AbortSignal): AsyncIterable<ShardChange>;
  /** SHARD_NOT_FOUND, FLEET_UNREACHABLE. */
  get(namespace: string, shard: string, signal: AbortSignal): Promise<Result<ReplicaSet, Problem>>;
}

export interface ShardPage {
  readonly shards: readonly ReplicaSet[];
  /** Position of the registry when the listing began. */
  readonly position: number;
}
