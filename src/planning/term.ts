import type { Change } from './change.ts';
import type { StateListener } from './placement-state.ts';

/**
 * A part of the objective; smaller is better. Terms of one level are added up; levels are compared lexicographically.
 * To add one: implement this in `terms/` and list it in `build-objective.ts`.
 */
export interface ObjectiveTerm extends StateListener {
  readonly name: string;
  /** The planner extension that it is part of; absent for the planner's own. */
  readonly extension?: string;
  readonly level: TermLevel;
  /** Change of the value if the candidate were applied now; O(dimensions). */
  delta(change: Change): number;
  /** The value now, from scratch. */
  value(): number;
  /**
   * Calls `visit` with replicas whose relocation might make the value smaller, the most promising first. Only terms of
   * extensions are asked: the search finds by itself what makes loads more even. Without it all replicas are tried.
   */
  candidates?(visit: (replica: number) => void): void;
}

/** excess: load above target. balance: how unevenly load lies. Violations and vacating come before both. */
export type TermLevel = 'excess' | 'balance';
