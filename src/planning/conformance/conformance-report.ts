/** A promise that a part of an extension does not keep. */
export interface ConformanceFailure {
  /** Name of the constraint or term; of the extension where it is about the whole. */
  readonly part: string;
  readonly check: ConformanceCheck;
  readonly message: string;
}

/**
 * metadata: name, description and parameters. throws: an answer of the wrong shape, or an exception. delta: what it says
 * a change does is what the change does. worse: a change for the worse is refused. undo: a change and its reverse leave
 * everything as it was. counters: what follows the state by `hold` and `settle` is what a count from scratch gives.
 * waves: what passes while other changes run is right whichever of them end. offenders: only replicas of what is violated
 * are named, and some are. determinism: equal questions, equal answers. purity: asking changes nothing.
 */
export type ConformanceCheck =
  | 'metadata'
  | 'throws'
  | 'delta'
  | 'worse'
  | 'undo'
  | 'counters'
  | 'waves'
  | 'offenders'
  | 'determinism'
  | 'purity';

export const conformanceChecks: readonly ConformanceCheck[] = [
  'metadata',
  'throws',
  'delta',
  'worse',
  'undo',
  'counters',
  'waves',
  'offenders',
  'determinism',
  'purity',
];

/** What one delta of a part takes. */
export interface PartCost {
  readonly part: string;
  readonly kind: 'constraint' | 'term';
  readonly deltas: number;
  readonly nanosPerDelta: number;
}

export interface ConformanceReport {
  readonly failures: readonly ConformanceFailure[];
  readonly costs: readonly PartCost[];
  /** Fleets that were built, and changes that were made in them. */
  readonly states: number;
  readonly changes: number;
}

/** Failures kept: a part that is wrong is wrong about every change, and the first says what. */
const maxFailures = 20;

/** Collects the first failure of each check and part. */
export function createFailures(): {
  readonly list: readonly ConformanceFailure[];
  add(part: string, check: ConformanceCheck, message: string): void;
} {
  const list: ConformanceFailure[] = [];
  return {
    list,
    add(part, check, message) {
      const isKnown = list.some((each) => each.part === part && each.check === check);
      if (!isKnown && list.length < maxFailures) list.push({ part, check, message });
    },
  };
}

export type Failures = ReturnType<typeof createFailures>;
