import type { Policy } from './policy.ts';
import { createPolicyFindings } from './policy-findings.ts';
import { checkContradictions } from './policy-validate-contradictions.ts';
import { checkFields } from './policy-validate-fields.ts';
import { checkRules } from './policy-validate-rules.ts';
import { checkWorld, type PolicyWorld } from './policy-validate-world.ts';
import type { Problem } from './problem.ts';

/**
 * Everything that is wrong with an effective policy, at most `maxPolicyProblems`: every field against its limits
 * (POLICY_INVALID), fields against each other (POLICY_CONTRADICTORY), and, as far as the world is given, against the
 * fleet, the loaded scoring adapters and planner extensions (POLICY_DIMENSION_UNKNOWN, POLICY_NODE_UNKNOWN,
 * POLICY_GROUP_UNKNOWN, POLICY_ADAPTER_*, POLICY_EXTENSION_*). Each names field, value, limit and what to do.
 */
export function validatePolicy(policy: Policy, world?: PolicyWorld): readonly Problem[] {
  const found = createPolicyFindings();
  checkFields(policy, found);
  checkRules(policy, found);
  checkContradictions(policy, found);
  if (world) checkWorld(policy, world, found);
  return found.problems;
}
