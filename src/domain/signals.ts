/** Names of the signals of a node that the built-in scoring adapters and guardrails read. */
export const signals = {
  /** 99th percentile of request latency, milliseconds. */
  latencyP99Ms: 'latency_p99_ms',
  /** Share of requests that failed, 0..1. */
  errorRate: 'error_rate',
  /** Gossip round-trip time, milliseconds. */
  roundTripMs: 'round_trip_ms',
  /** SafeTaskQueue: items waiting, summed over the node's queues. */
  backlogPending: 'backlog_pending',
  /** SafeTaskQueue: the level at which backpressure starts, summed over the node's queues. */
  backlogHighWatermark: 'backlog_high_watermark',
  /** SafeTaskQueue: the level at which backpressure ends, summed over the node's queues. */
  backlogLowWatermark: 'backlog_low_watermark',
  /** 1 while any queue of the node signals backpressure, else 0. */
  backpressureActive: 'backpressure_active',
} as const;
