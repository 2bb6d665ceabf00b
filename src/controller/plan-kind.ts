import type { PlanKind } from '../domain/policy.ts';
import type { WorldView } from './namespace-world.ts';

/** Why a searched plan exists: to restore, to drain, or to balance. */
export function kindFor(view: WorldView): PlanKind {
  return view.vacate.kind === 'none' ? 'rebalance' : view.vacate.kind;
}
