import { blocked, bug, type ErrorEntry, overloaded, state } from './error-entry.ts';

/** Why no plan was computed. */
export const planningEntries = {
  PLACEMENT_INFEASIBLE: {
    ...blocked,
    meaning: 'No placement satisfies the rules.',
    remedy: 'Relax one of the rules named or add capacity.',
  },
  NOTHING_TO_DO: {
    ...blocked,
    meaning: 'No move is worth its price: the fleet is as good as it gets under this policy.',
    remedy: 'Nothing, or lower the benefit thresholds.',
  },
  PLAN_BUSY: {
    ...state,
    meaning: 'Another plan of the namespace is pending or executing.',
    remedy: 'Finish, cancel or reject that plan first.',
  },
  PLANNER_CANCELLED: {
    grpc: 'CANCELLED',
    http: 499,
    meaning: 'The computation of the plan was cancelled before it ended.',
    remedy: 'Ask again when the plan is still wanted.',
  },
  PLANNER_OVERLOADED: {
    ...overloaded,
    meaning: 'Too many plans wait to be computed.',
    remedy: 'Ask again later.',
  },
  PLANNER_FAILED: {
    ...bug,
    meaning: 'The planner stopped without an answer.',
    remedy: 'Report it together with the snapshot and the policy.',
  },
  PLANNER_EXTENSION_FAILED: {
    ...blocked,
    meaning: 'A planner extension threw, answered nonsense, broke a rule or did not end; there is no plan.',
    remedy: 'Take the extension out of the policy, or correct its module: mesh planner check-module.',
  },
} as const satisfies Record<string, ErrorEntry>;
