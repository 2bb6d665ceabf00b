import type { ObstacleCode } from '../domain/plan.ts';
import type { Change } from './change.ts';
import type { StateListener } from './placement-state.ts';

/**
 * A rule that placement keeps. Each has subjects (a node and a dimension, a shard, a domain) and per subject an amount
 * of violation, 0 when it holds. A subject that the fleet already violates may stay so, but never gets worse.
 *
 * To add one: implement this in `constraints/`, list it in `build-constraints.ts`, and teach the same rule to the
 * independent checker `check-placement.ts`, whose property tests then cover it.
 */
export interface Constraint extends StateListener {
  /** Name for people and for infeasibility reports: `hard limit`, `spread`. */
  readonly name: string;
  /** The planner extension that it is part of; absent for the planner's own. */
  readonly extension?: string;
  /** What an obstacle is called that this rule is the reason of. */
  readonly obstacle: ObstacleCode;
  /**
   * load: depends on what nodes carry; count: on how many replicas they have, which a swap does not change; identity:
   * on which replica it is.
   */
  readonly kind: 'load' | 'count' | 'identity';
  /**
   * Of identity rules: speaks of the nodes that hold a shard, not of which replica is on which of them, so that two
   * replicas of a shard may change places whatever it says.
   */
  readonly isAboutShards?: true;
  /** Change of the total amount if the candidate were applied now; `Infinity` when any subject would become worse. */
  delta(change: Change): number;
  /** What people are told of a candidate that `delta` refuses; asked of no other. Without it the rule is only named. */
  refusal?(change: Change): RefusalNote;
  /** Total amount and number of violated subjects now. */
  measure(): Violations;
  /**
   * Calls `visit` with replicas whose relocation might lessen a violation, the most promising first. `visit` may move the
   * replica: a subject that holds by then is not asked to give more.
   */
  offenders(visit: (replica: number) => void): void;
}

/** Why a rule refuses a candidate, in numbers. */
export interface RefusalNote {
  /** More exact than the rule's own, where it knows. */
  readonly obstacle?: ObstacleCode;
  /** What would be wrong: `node/n3`, `zone/b`. */
  readonly subject: string;
  readonly dimension?: string;
  /** What would be there, and what is allowed; left out where it is no number. */
  readonly observed?: number;
  readonly limit?: number;
  /** One sentence without its end: `node n3 would carry 105 cpu, above its limit of 100`. */
  readonly message: string;
}

export interface Violations {
  readonly amount: number;
  readonly subjects: number;
}
