import type { Problem } from '../domain/problem.ts';
import type { Verdict } from '../domain/verdict.ts';

/** What a refusal carries: at least one problem. */
export type Problems = readonly [Problem, ...Problem[]];

/** Most problems that one refusal names; more of the same help nobody. */
export const maxProblems = 50;

/** The list as a refusal; an empty one, which its maker should not have sent, becomes INTERNAL with `otherwise`. */
export function someProblems(problems: readonly Problem[], otherwise: string): Problems {
  const [first, ...rest] = problems;
  if (!first) return [{ code: 'INTERNAL', message: otherwise }];
  return [first, ...rest.slice(0, maxProblems - 1)];
}

/** One problem per verdict that blocks, in the order of the verdicts. */
export function problemsOfVerdicts(verdicts: readonly Verdict[]): readonly Problem[] {
  return verdicts
    .filter((verdict) => verdict.decision === 'block')
    .map((verdict) => ({
      code: verdict.code,
      message: verdict.message,
      value: verdict.observed,
      limit: verdict.limit,
      subject: verdict.subject,
      remedy: verdict.remedy,
    }));
}

export function planNotFound(id: string): Problem {
  return {
    code: 'PLAN_NOT_FOUND',
    message: `there is no plan ${id}`,
    field: 'id',
    value: id,
    subject: `plan/${id}`,
  };
}

export function namespaceNotFound(namespace: string, known: Iterable<string>): Problem {
  const names = [...known].slice(0, maxProblems).join(', ');
  return {
    code: 'NAMESPACE_NOT_FOUND',
    message: `the service does not rebalance a namespace "${namespace}"`,
    field: 'namespace',
    value: namespace,
    limit: names,
    remedy: `Use one of: ${names}.`,
  };
}
