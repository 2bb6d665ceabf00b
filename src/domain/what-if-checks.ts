import { err, ok, type Result } from '../base/result.ts';
import type { Dimension } from './dimension.ts';
import { maxLoad, minCapacity } from './snapshot-validate.ts';
import { type ChangeProblem, maxFactor } from './what-if-change.ts';

/** Names that a problem lists. */
const maxNames = 20;

/** Indices of the dimension named, or of all. Problem: FIELD_INVALID. */
export function columnsNamed(
  dimensions: readonly Dimension[],
  name: string,
): Result<ReadonlySet<number>, ChangeProblem> {
  const columns = dimensions.flatMap((dimension, d) => (name === '' || dimension.name === name ? [d] : []));
  if (columns.length > 0 || name === '') return ok(new Set(columns));
  return err({
    code: 'FIELD_INVALID',
    message: `the fleet does not report a dimension ${name}`,
    field: 'dimension',
    value: name,
    limit: someOf(dimensions.map((dimension) => dimension.name)),
    remedy: 'Name a dimension of the snapshot, or none for all.',
  });
}

export function factorProblem(what: string, factor: number, least: string): ChangeProblem {
  return {
    code: 'FIELD_INVALID',
    message: `${what} cannot be multiplied by ${factor}`,
    field: 'factor',
    value: String(factor),
    limit: `${least}, at most ${maxFactor}`,
    remedy: `Give a factor ${least} and at most ${maxFactor}; 1.3 is 30% more.`,
  };
}

/** What no fleet can report is none after the change either: loads are at most `maxLoad`, capacities 0 or from `minCapacity` on. */
export function outOfRange(what: 'load' | 'capacity', factor: number, subject: string): ChangeProblem {
  return {
    code: 'FIELD_INVALID',
    message: `a ${what} of ${subject} times ${factor} is beyond what a fleet can have`,
    field: 'factor',
    value: String(factor),
    limit: what === 'load' ? `at most ${maxLoad}` : `${minCapacity} to ${maxLoad}`,
    subject,
    remedy: factor > 1 ? 'Give a smaller factor.' : 'Give a larger factor.',
  };
}

/** Distinct names in order, as a limit that people can choose from. */
export function someOf(names: readonly string[]): string {
  const distinct = [...new Set(names)].sort();
  const more = distinct.length > maxNames ? `, ... (${distinct.length})` : '';
  return distinct.length === 0 ? 'none' : `${distinct.slice(0, maxNames).join(', ')}${more}`;
}
