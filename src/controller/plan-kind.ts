import type { PlanKind } from '../domain/policy.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { nodesToVacate } from './imbalance.ts';
import type { WorldView } from './namespace-world.ts';

/** The same of a snapshot. */
export function kindOfNeed(snapshot: Snapshot): PlanKind {
  const { kind } = nodesToVacate(snapshot);
  return kind === 'none' ? 'rebalance' : kind;
}

/** Why a searched plan exists: to restore, to drain, or to balance. */
export function kindFor(view: WorldView): PlanKind {
  return view.vacate.kind === 'none' ? 'rebalance' : view.vacate.kind;
}
