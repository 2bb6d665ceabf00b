import { type ErrorEntry, invalid, missing, precondition, state } from './error-entry.ts';

/** Why a policy is refused, or what it does not allow. */
export const policyEntries = {
  POLICY_INVALID: {
    ...invalid,
    meaning: 'A field of the policy is outside its limits.',
    remedy: 'Use a value within the limit named.',
  },
  POLICY_CONTRADICTORY: {
    ...invalid,
    meaning: 'Two fields of the policy cannot hold together.',
    remedy: 'Change one of the two.',
  },
  POLICY_DIMENSION_UNKNOWN: {
    ...invalid,
    meaning: 'The policy names a dimension that the snapshot does not have.',
    remedy: 'Correct the name or report the dimension.',
  },
  POLICY_ADAPTER_UNKNOWN: {
    ...invalid,
    meaning: 'The policy names a scoring adapter that is not loaded.',
    remedy: 'Correct the name or load the module in the configuration.',
  },
  POLICY_ADAPTER_PARAMETER: {
    ...invalid,
    meaning: 'A parameter does not fit the scoring adapter.',
    remedy: 'Use a parameter that the adapter lists, within its limits.',
  },
  POLICY_EXTENSION_UNKNOWN: {
    ...invalid,
    meaning: 'The policy names a planner extension that is not loaded.',
    remedy: 'Correct the name or load the module with plannerModules in the configuration.',
  },
  POLICY_EXTENSION_PARAMETER: {
    ...invalid,
    meaning: 'A parameter does not fit the planner extension.',
    remedy: 'Use a parameter that the extension lists, within its limits.',
  },
  POLICY_NODE_UNKNOWN: {
    ...invalid,
    meaning: 'The policy names a node that the snapshot does not have.',
    remedy: 'Correct the node id.',
  },
  POLICY_GROUP_UNKNOWN: {
    ...invalid,
    meaning: 'The policy names a group that the snapshot does not have.',
    remedy: 'Correct the name of the group.',
  },
  POLICY_NOT_FOUND: {
    ...missing,
    meaning: 'There is no policy for that cluster and namespace, or not in that revision.',
    remedy: 'List the policies; apply one.',
  },
  POLICY_STALE: {
    ...precondition,
    meaning: 'The policy changed since it was read.',
    remedy: 'Read it again and repeat the change.',
  },
  POLICY_OBSERVES: {
    ...state,
    meaning: "The policy's mode is observe, under which only dry runs are made.",
    remedy: 'Ask for a dry run, or apply a policy with mode propose.',
  },
} as const satisfies Record<string, ErrorEntry>;
