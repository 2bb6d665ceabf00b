import type { Node } from '../domain/node.ts';
import { signals } from '../domain/signals.ts';
import { ramp, signalOf } from './distress.ts';
import type { ScoringAdapter } from './scoring-adapter.ts';

/**
 * Queues that fill: with p pending items, low and high watermark l and h, all summed over the node's queues,
 * distress = atHighWatermark × ramp(p, l, h) + (1 - atHighWatermark) × ramp(p / h, 1, fullRatio),
 * and at least `whileActive` as long as a queue signals backpressure, because that ends only at the low watermark.
 * Evidence is p / h. A node whose high watermarks sum to 0 is unscored.
 */
export const backlogAdapter: ScoringAdapter = {
  name: 'backlog',
  description: "Items waiting in the node's queues against their watermarks.",
  needs: [signals.backlogPending, signals.backlogHighWatermark, signals.backlogLowWatermark],
  parameters: [
    {
      name: 'atHighWatermark',
      description: 'Distress when the pending items reach the high watermark',
      unit: 'share',
      // Above the default trigger of 0.7 only when it lasts: backpressure is there to be used now and then.
      default: 0.7,
      minimum: 0,
      maximum: 1,
    },
    {
      name: 'fullRatio',
      description: 'Multiple of the high watermark at which distress is full; 1 makes it a step',
      unit: 'ratio',
      default: 2,
      minimum: 1,
      maximum: 100,
    },
    {
      name: 'whileActive',
      description: 'Least distress while a queue of the node signals backpressure',
      unit: 'share',
      default: 0.5,
      minimum: 0,
      maximum: 1,
    },
  ],
  score({ nodes, parameters }) {
    const evidence = Float64Array.from(nodes, fillOf);
    const distress = evidence.map((fill, n) => distressOf(nodes[n], fill, parameters));
    return { distress, evidence, evidenceUnit: 'of high watermark' };
  },
};

/** Pending items over the high watermark; NaN when one of the two, or the low watermark, is unknown. */
function fillOf(node: Node): number {
  const high = signalOf(node, signals.backlogHighWatermark);
  const low = signalOf(node, signals.backlogLowWatermark);
  if (Number.isNaN(low) || high === 0) return Number.NaN;
  // A watermark near 0 could make the quotient infinite.
  return Math.min(signalOf(node, signals.backlogPending) / high, Number.MAX_VALUE);
}

function distressOf(node: Node, fill: number, parameters: Readonly<Record<string, number>>): number {
  if (Number.isNaN(fill)) return Number.NaN;
  const { atHighWatermark = 0, fullRatio = 1, whileActive = 0 } = parameters;
  const lowFill = signalOf(node, signals.backlogLowWatermark) / signalOf(node, signals.backlogHighWatermark);
  const distress =
    atHighWatermark * ramp(fill, lowFill, 1) + (1 - atHighWatermark) * ramp(fill, 1, fullRatio);
  const isActive = signalOf(node, signals.backpressureActive) > 0;
  return Math.min(1, isActive ? Math.max(distress, whileActive) : distress);
}
