import type { Dimension } from '../domain/dimension.ts';
import type { Node } from '../domain/node.ts';

/**
 * Judges how much a node suffers. Third parties write one, test it with `conformance.ts`, and register it through
 * `createRebalancer({ scoringAdapters: [...] })` or as a module named in the configuration.
 */
export interface ScoringAdapter {
  /** Lower-case words joined by hyphens, unique: what policies name. */
  readonly name: string;
  /** One sentence for people. */
  readonly description: string;
  /** Signals of nodes that it reads; a node without one of them is left unscored by this adapter. */
  readonly needs: readonly string[];
  /** What policies may set. */
  readonly parameters: readonly ScoringParameter[];
  /** Pure: equal contexts give equal scores; no I/O, no clock, no randomness. */
  score(context: ScoringContext): ScoringOutcome;
}

export interface ScoringParameter {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
}

export interface ScoringContext {
  readonly nodes: readonly Node[];
  readonly dimensions: readonly Dimension[];
  /** nodes × dimensions, row per node, in the dimension's unit. */
  readonly nodeLoads: Float64Array;
  /** Every parameter of the adapter, defaults filled in. */
  readonly parameters: Readonly<Record<string, number>>;
}

export interface ScoringOutcome {
  /** Per node 0 (well) to 1 (must not carry more); NaN for unscored. */
  readonly distress: Float64Array;
  /** Per node the number that the distress came from, in the signal's unit; NaN for unscored. */
  readonly evidence: Float64Array;
  /** Unit of the evidence, for people. */
  readonly evidenceUnit: string;
}
