import { signals } from '../domain/signals.ts';
import { medianParameters, scoreAgainstMedian } from './against-median.ts';
import type { ScoringAdapter } from './scoring-adapter.ts';

/** A bad network path: the gossip round trip against the fleet's median of it; see `scoreAgainstMedian`. */
export const roundTripTimeAdapter: ScoringAdapter = {
  name: 'round-trip-time',
  description: "Gossip round-trip time of the node as a multiple of the fleet's median.",
  needs: [signals.roundTripMs],
  // Another zone costs two or three times the round trip within one, which is no fault of the node.
  parameters: medianParameters({ floorMs: 2, startRatio: 4, fullRatio: 20 }),
  score: (context) => scoreAgainstMedian(context, signals.roundTripMs),
};
