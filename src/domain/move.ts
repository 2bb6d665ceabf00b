/** relocate: one replica from source to destination. transferLeadership: no data moves. */
export type MoveKind = 'relocate' | 'transferLeadership';

/** One step of a plan's content; immutable, covered by the plan's digest. */
export interface Move {
  /** Unique within the plan, in execution order: `m00001`. The mover is called with `<planId>/<moveId>`. */
  readonly id: string;
  /** From 0; the moves of a wave may run together. */
  readonly wave: number;
  readonly kind: MoveKind;
  readonly shard: string;
  /** The replica that moves; for a leadership transfer the one that leads before. */
  readonly replica: number;
  /** For a leadership transfer the replica that leads afterwards, else equal to `replica`. */
  readonly successor: number;
  readonly source: string;
  readonly destination: string;
  /** Whether the moving replica leads the shard. */
  readonly leads: boolean;
  /**
   * The shard's registry version that the move expects, when it is the plan's first move of this shard. -1 when an
   * earlier move of the same plan changes it: then the version which that one left.
   */
  readonly expectedVersion: number;
  /** Bytes copied; 0 for a leadership transfer. */
  readonly bytes: number;
  /** Load that changes nodes, per dimension of the snapshot. */
  readonly load: readonly number[];
  /** Why: the most important first. */
  readonly reasons: readonly MoveReason[];
  /** What the objective gains by this move at its place in the order, and what policy prices it at. */
  readonly gain: number;
  readonly price: number;
}

export interface MoveReason {
  readonly code: MoveReasonCode;
  /** Node, shard or domain that the reason is about: `node/n3`, `zone/b`. */
  readonly subject: string;
  /** Dimension, where one matters. */
  readonly dimension?: string;
  /** Before the move, after it, and the limit that it is measured against. */
  readonly before: number;
  readonly after: number;
  readonly limit: number;
}

export type MoveReasonCode =
  | 'nodeMustBeVacated'
  | 'capacityExceeded'
  | 'overTarget'
  | 'spreadViolated'
  | 'placementViolated'
  | 'overConcentrated'
  | 'imbalance'
  | 'leadershipImbalance'
  | 'swapPartner'
  | 'stagedForCapacity'
  | 'rollback'
  | 'extension';

/** Where a move is while its plan runs; folded from the journal. */
export interface MoveProgress {
  readonly moveId: string;
  readonly state: MoveState;
  readonly step: MoveStep | null;
  readonly attempts: number;
  /** Milliseconds since the epoch; 0 while it has not happened. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Registry version after the transfer; 0 before. */
  readonly resultVersion: number;
  readonly failure: MoveFailure | null;
}

export interface MoveFailure {
  readonly code: string;
  readonly message: string;
}

/** The steps in the order in which they run; a leadership transfer has only `transfer` and `verify`. */
export const moveSteps = ['prepare', 'drain', 'transfer', 'verify', 'release'] as const;
export type MoveStep = (typeof moveSteps)[number];

/** unknown: an answer is missing and the registry was not reachable to tell; reconciled before anything else. */
export type MoveState = 'pending' | 'running' | 'done' | 'failed' | 'aborted' | 'skipped' | 'unknown';
