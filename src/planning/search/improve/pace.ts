import type { Walk } from './walk.ts';

/** How a walk stands with its budget. */
export interface Pace {
  /** Share of the candidates, or of the time, that it has used; 1 when the engine's budget is spent. Asks the clock. */
  used(): number;
  /** Candidates that it will have looked at in the end: given, or by how many there were so far in the share of time. */
  expected(): number;
}

/**
 * @param candidates that the walk may look at
 * @param elapsedShare share of the clock's budget that is used, where the clock paces the search
 */
export function createPace(walk: Walk, candidates: number, elapsedShare: (() => number) | undefined): Pace {
  const { engine } = walk;
  const begun = engine.evaluations;
  const elapsedBefore = elapsedShare?.() ?? 0;
  let share = 0;
  return {
    used() {
      engine.spend(walk.looked);
      walk.looked = 0;
      if (engine.isSpent()) return 1;
      const byCandidates = (engine.evaluations - begun) / Math.max(1, candidates);
      const elapsed = elapsedShare?.() ?? 0;
      share = Math.max(byCandidates, (elapsed - elapsedBefore) / (1 - elapsedBefore));
      return share;
    },
    expected: () => (share > 0 ? Math.min(candidates, (engine.evaluations - begun) / share) : candidates),
  };
}
