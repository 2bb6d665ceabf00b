/** What telemetry comes from. */
export const telemetrySources = ['shards', 'loads', 'peers', 'backpressure'] as const;
export type TelemetrySource = (typeof telemetrySources)[number];

/** What became of a source's samples since the start; a sample is a shard, a replica's row, a peer or a queue. */
export interface SampleCounters {
  /** Newer than what was known. */
  accepted: number;
  /** Accepted, though older than policy's age on arrival: it counts, but not as fresh. */
  stale: number;
  /** Overtaken by newer ones: put in its place where samples are held apart (loads), else ignored. */
  outOfOrder: number;
  /** Known already; changed nothing. */
  duplicate: number;
  /** Older than everything that is held; ignored. */
  late: number;
  /** From later than now by more than policy's skew; refused. */
  skewed: number;
  /** About a shard, replica or node that is not known (yet); ignored. */
  unknownTarget: number;
  /** Of another namespace; ignored. */
  foreign: number;
  /** Negative, infinite, not a number, or contradicting itself; refused. */
  invalid: number;
  /** Refused because a table is full; see `maxShards`, `maxNodes`, `maxQueues`, `maxDimensions`. */
  overLimit: number;
}

export type TelemetryCounters = Readonly<Record<TelemetrySource, Readonly<SampleCounters>>>;

export function createCounters(): Record<TelemetrySource, SampleCounters> {
  return { shards: zero(), loads: zero(), peers: zero(), backpressure: zero() };
}

function zero(): SampleCounters {
  return {
    accepted: 0,
    stale: 0,
    outOfOrder: 0,
    duplicate: 0,
    late: 0,
    skewed: 0,
    unknownTarget: 0,
    foreign: 0,
    invalid: 0,
    overLimit: 0,
  };
}
