import { err, ok, type Result } from '../base/result.ts';
import { replicaCountDimension } from '../domain/dimension.ts';
import type { Policy } from '../domain/policy.ts';
import { dimensionPolicies } from '../domain/policy-dimensions.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';

/** A dimension that the policy balances. */
export interface ProblemDimension {
  readonly name: string;
  /** Index among the snapshot's dimensions; -1 for the count of replicas that the planner adds. */
  readonly column: number;
  readonly weight: number;
  readonly targetUtilization: number;
  readonly hardLimit: number;
  readonly transient: boolean;
}

/** The dimensions to balance, in the policy's order. Problem: POLICY_DIMENSION_UNKNOWN per name that nothing reports. */
export function problemDimensions(
  policy: Policy,
  snapshot: Pick<Snapshot, 'dimensions'>,
): Result<readonly ProblemDimension[], readonly Problem[]> {
  const columns = new Map(snapshot.dimensions.map((dimension, index) => [dimension.name, index]));
  const problems: Problem[] = [];
  const dimensions = dimensionPolicies(policy, snapshot).map((entry, index): ProblemDimension => {
    const column = columns.get(entry.name) ?? -1;
    if (column < 0 && entry.name !== replicaCountDimension) {
      problems.push({
        code: 'POLICY_DIMENSION_UNKNOWN',
        message: `the policy balances "${entry.name}", which the snapshot does not report`,
        field: `dimensions[${index}].name`,
        value: entry.name,
        limit: [...columns.keys(), replicaCountDimension].join(', '),
      });
    }
    const { name, weight, targetUtilization, hardLimit, transient } = entry;
    return { name, column, weight, targetUtilization, hardLimit, transient };
  });
  return problems.length > 0 ? err(problems) : ok(dimensions);
}
