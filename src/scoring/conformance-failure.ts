/** A promise of `ScoringAdapter` that an adapter does not keep. */
export interface ConformanceFailure {
  readonly check: ConformanceCheck;
  /** What happened, with the fleet or the parameter that showed it. */
  readonly message: string;
}

export type ConformanceCheck =
  | 'metadata'
  | 'throws'
  | 'shape'
  | 'range'
  | 'determinism'
  | 'purity'
  | 'missingSignals'
  | 'permutation'
  | 'emptyFleet';
