import type { FleetLoads } from './fleet-loads.ts';
import type { FleetState } from './fleet-state.ts';
import type { FleetTime } from './fleet-time.ts';

/** Shards whose elastic loads are multiplied, for good or for a while. */
export interface HotShards {
  /** Multiplies the loads of shards until told otherwise. */
  heat(shards: readonly number[], factor: number): void;
  /** The same for `durationMs` of the fleet's milliseconds. */
  burst(shards: readonly number[], factor: number, durationMs: number): void;
  /** Bursts that have not ended. */
  bursts(): number;
  /** Ends the bursts that are over. */
  refresh(): void;
}

interface Burst {
  readonly shards: readonly number[];
  readonly factor: number;
  readonly endsAt: number;
}

export function createHotShards(state: FleetState, time: FleetTime, loads: FleetLoads): HotShards {
  let bursts: Burst[] = [];

  function heat(shards: readonly number[], factor: number): void {
    for (const shard of shards) state.hotFactors[shard] = (state.hotFactors[shard] ?? 1) * factor;
    loads.invalidate();
  }

  return {
    heat,
    burst(shards, factor, durationMs) {
      heat(shards, factor);
      bursts.push({ shards, factor, endsAt: time.now() + durationMs });
    },
    bursts: () => bursts.length,
    refresh() {
      const now = time.now();
      for (const burst of bursts) if (burst.endsAt <= now) heat(burst.shards, 1 / burst.factor);
      bursts = bursts.filter((burst) => burst.endsAt > now);
    },
  };
}
