import type { Problem } from '../domain/problem.ts';

/**
 * A number or name outside what is allowed.
 *
 * @param bound what is allowed, as in "it must be ..."
 */
export function outOfRange(field: string, value: string | number, bound: string | number): Problem {
  return {
    code: 'FIELD_INVALID',
    message: `${field} is ${value}; it must be ${bound}`,
    field,
    value: typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    limit: bound,
  };
}
