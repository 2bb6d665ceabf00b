import { conflict, type ErrorEntry, forbidden, missing, precondition, state } from './error-entry.ts';

/** Why a command on a plan or its approval is refused. */
export const planEntries = {
  PLAN_NOT_FOUND: {
    ...missing,
    meaning: 'There is no plan with that id.',
    remedy: 'List the plans of the namespace.',
  },
  PLAN_STALE: {
    ...precondition,
    meaning: 'The plan changed since it was read.',
    remedy: 'Read it again and repeat the command.',
  },
  PLAN_STATUS: {
    ...state,
    meaning: 'The plan is in a status in which this is not possible.',
    remedy: 'See the statuses from which it is.',
  },
  PLAN_DIGEST_MISMATCH: {
    ...conflict,
    meaning: 'The digest named is not that of the plan: what was read is not what would run.',
    remedy: 'Read the plan again, then approve the digest that it shows.',
  },
  PLAN_EXPIRED: {
    ...state,
    meaning: 'The plan was not approved or started in time.',
    remedy: 'Make a new plan.',
  },
  PLAN_REJECTED: {
    ...state,
    meaning: 'Somebody who may approve the plan rejected it.',
    remedy: 'See the reason; make a new plan.',
  },
  PLAN_OUTRANKED: {
    ...conflict,
    meaning: 'Something more urgent came up: nodes must be vacated, or what they held be restored, first.',
    remedy: 'Nothing: a plan for that follows.',
  },
  PLAN_DRIFTED: {
    ...conflict,
    meaning: 'The world changed since the plan was made; the difference is shown.',
    remedy: 'Make a new plan.',
  },
  PLAN_DRY_RUN: {
    ...state,
    meaning: 'The plan is a dry run, which is never executed.',
    remedy: 'Make the plan without dry run.',
  },
  PLAN_NOT_REVERSIBLE: {
    ...state,
    meaning: 'No move of the plan completed, so that there is nothing to roll back.',
    remedy: 'Nothing.',
  },
  APPROVAL_DUPLICATE: {
    grpc: 'ALREADY_EXISTS',
    http: 409,
    meaning: 'The principal approved this plan already.',
    remedy: 'Let another principal approve.',
  },
  APPROVAL_BY_AUTHOR: {
    ...forbidden,
    meaning: 'Policy does not let the author of a plan approve it.',
    remedy: 'Let another principal approve.',
  },
  APPROVAL_GROUP: {
    ...forbidden,
    meaning: 'Policy lets only members of certain groups approve this plan.',
    remedy: 'Let a member of one of the groups approve.',
  },
} as const satisfies Record<string, ErrorEntry>;
