import { err, ok, type Result } from '../base/result.ts';
import { neverOverridable } from '../domain/error-codes.ts';
import { type CommandContext, hasScope, mayActOn } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import type { GuardrailOverride } from '../domain/verdict.ts';
import { type Problems, someProblems } from './problems.ts';

/**
 * The overrides that a request names, with its principal filled in. Each needs the scope mesh.admin on
 * the namespace and a reason.
 * Problems: OVERRIDE_FORBIDDEN, FIELD_REQUIRED.
 */
export function authorizeOverrides(
  asked: readonly Omit<GuardrailOverride, 'by'>[],
  namespace: string,
  { principal }: CommandContext,
): Result<readonly GuardrailOverride[], Problems> {
  const problems: Problem[] = [];
  asked.forEach(({ code, reason }, index) => {
    if (!mayActOn(principal, 'mesh.admin', namespace)) {
      const where = hasScope(principal, 'mesh.admin') ? ` on ${namespace}` : '';
      problems.push({
        code: 'OVERRIDE_FORBIDDEN',
        message: `${principal.id} lacks the scope mesh.admin${where}, which overriding ${code} needs`,
        field: `overrides[${index}].code`,
        value: code,
        limit: 'mesh.admin',
      });
    } else if (neverOverridable.has(code)) {
      problems.push({
        code: 'OVERRIDE_FORBIDDEN',
        message: `${code} cannot be overridden by anybody`,
        field: `overrides[${index}].code`,
        value: code,
      });
    }
    if (reason.trim() === '') {
      problems.push({
        code: 'FIELD_REQUIRED',
        message: `overriding ${code} needs a reason`,
        field: `overrides[${index}].reason`,
      });
    }
  });
  if (problems.length > 0) return err(someProblems(problems, 'the overrides are not allowed'));
  return ok(asked.map((each) => ({ ...each, by: principal.id })));
}
