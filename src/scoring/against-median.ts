import { medianOf, ramp, scoreEach, signalOf } from './distress.ts';
import type { ScoringContext, ScoringOutcome, ScoringParameter } from './scoring-adapter.ts';

/**
 * Judges a node by how much worse than the middle of the fleet it is:
 * distress = ramp(signal / max(median, floorMs), startRatio, fullRatio).
 * When all nodes are slow alike, moving replicas helps nobody, and nobody is in distress. The floor keeps a fleet that
 * is fast from calling 3 ms a multiple of 1 ms.
 */
export function scoreAgainstMedian(context: ScoringContext, signal: string): ScoringOutcome {
  const { floorMs = 0, startRatio = 1, fullRatio = 1 } = context.parameters;
  const evidence = Float64Array.from(context.nodes, (node) => signalOf(node, signal));
  const reference = Math.max(medianOf(evidence), floorMs);
  return scoreEach(evidence, 'ms', (value) => ramp(value / reference, startRatio, fullRatio));
}

/** The parameters of `scoreAgainstMedian`. */
export function medianParameters(defaults: {
  readonly floorMs: number;
  readonly startRatio: number;
  readonly fullRatio: number;
}): readonly ScoringParameter[] {
  return [
    {
      name: 'floorMs',
      description: "What the fleet's median counts for at least",
      unit: 'ms',
      default: defaults.floorMs,
      minimum: 0.001,
      maximum: 60_000,
    },
    {
      name: 'startRatio',
      description: 'Multiple of the median from which distress begins',
      unit: 'ratio',
      default: defaults.startRatio,
      minimum: 1,
      maximum: 100,
    },
    {
      name: 'fullRatio',
      description: 'Multiple of the median at which distress is full; not above startRatio makes it a step',
      unit: 'ratio',
      default: defaults.fullRatio,
      minimum: 1,
      maximum: 1_000,
    },
  ];
}
