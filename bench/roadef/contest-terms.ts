import type { PlannerExtension } from '../../src/planning/extension.ts';
import { createBalanceCost } from './balance-cost.ts';
import type { ContestInstance } from './contest-instance.ts';
import { createLoadCost } from './load-cost.ts';
import { createMoveCosts } from './move-costs.ts';
import { createServiceMoveCost } from './service-move-cost.ts';

/**
 * The contest's costs as terms in place of the planner's own, all of one level, so that they add up as in the contest.
 * Weights and loads are whole numbers: every sum is exact.
 */
export function contestTerms(instance: ContestInstance): PlannerExtension {
  const { model } = instance;
  return {
    name: 'roadef-2012',
    replacesTerms: true,
    terms: (state) => [
      ...(model.resources.some((resource) => resource.weight > 0) ? [createLoadCost(model, state)] : []),
      ...(model.balances.length > 0 ? [createBalanceCost(model, state)] : []),
      createMoveCosts(instance, state),
      ...(model.weightServiceMove > 0 ? [createServiceMoveCost(model, state)] : []),
    ],
  };
}
