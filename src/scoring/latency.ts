import { signals } from '../domain/signals.ts';
import { medianParameters, scoreAgainstMedian } from './against-median.ts';
import type { ScoringAdapter } from './scoring-adapter.ts';

/** Slow requests: the 99th percentile of latency against the fleet's median of it; see `scoreAgainstMedian`. */
export const latencyAdapter: ScoringAdapter = {
  name: 'latency',
  description: "Latency of the node's requests (99th percentile) as a multiple of the fleet's median.",
  needs: [signals.latencyP99Ms],
  // Half above the median is within what hot keys do; four times it is what users call broken. Below 20 ms nobody
  // notices a difference.
  parameters: medianParameters({ floorMs: 20, startRatio: 1.5, fullRatio: 4 }),
  score: (context) => scoreAgainstMedian(context, signals.latencyP99Ms),
};
