import type { Node } from '../domain/node.ts';
import type { ScoringOutcome } from './scoring-adapter.ts';

/** 0 up to `start`, 1 from `full` on, straight in between; a step at `start` when `full` is not above it. NaN stays NaN. */
export function ramp(value: number, start: number, full: number): number {
  if (full <= start) return Number.isNaN(value) ? Number.NaN : value > start ? 1 : 0;
  return Math.min(1, Math.max(0, (value - start) / (full - start)));
}

/** The node's signal; NaN when it is missing, negative, infinite or not a number. */
export function signalOf(node: Node, name: string): number {
  const value = node.signals[name];
  return value !== undefined && value >= 0 && Number.isFinite(value) ? value : Number.NaN;
}

/** Scores every node by itself from its evidence: NaN evidence leaves the node unscored. */
export function scoreEach(
  evidence: Float64Array,
  evidenceUnit: string,
  distressOf: (evidence: number) => number,
): ScoringOutcome {
  return {
    distress: evidence.map((each) => (Number.isNaN(each) ? Number.NaN : distressOf(each))),
    evidence,
    evidenceUnit,
  };
}

/** The middle one of the values that are not NaN, the mean of the two middle ones for an even number; NaN for none. */
export function medianOf(values: Float64Array): number {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  const middle = known.length >> 1;
  if (known.length === 0) return Number.NaN;
  // Halved before they are added: the sum of two huge numbers would be infinite.
  return known.length % 2 === 1 ? known[middle] : known[middle - 1] / 2 + known[middle] / 2;
}
