import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import { ProblemError } from '../domain/problem.ts';

/**
 * A policy document may empty an inherited list (`[]`) or remove the inherited schedule (`null`). Protobuf cannot tell
 * an empty list from an absent one, so that `PolicySpec.cleared` names these places.
 */
export const clearablePaths = [
  'schedule',
  'dimensions',
  'scoring.adapters',
  'placement.spread',
  'placement.labels',
  'placement.pins',
  'placement.dependencies',
  'placement.extensions',
  'benefit.shardPrices',
  'approvals.groups',
  'approvals.tiers',
  'approvals.automatic',
  'changeControl.windows',
  'changeControl.freezes',
] as const;
export type ClearablePath = (typeof clearablePaths)[number];

/** The paths at which the document has an empty list or null, in the order of `clearablePaths`. */
export function clearedPaths(overlay: PolicyOverlay): ClearablePath[] {
  return clearablePaths.filter((path) => {
    const value = valueAt(overlay, path);
    return value === null || (Array.isArray(value) && value.length === 0);
  });
}

/** Throws `ProblemError` FIELD_INVALID for a path that names no list. */
export function checkedClearedPaths(paths: readonly string[]): ReadonlySet<ClearablePath> {
  const cleared = new Set<ClearablePath>();
  for (const path of paths) {
    const known = clearablePaths.find((each) => each === path);
    if (!known) {
      throw new ProblemError({
        code: 'FIELD_INVALID',
        message: `"${path}" cannot be cleared`,
        field: 'cleared',
        value: path,
        limit: clearablePaths.join(', '),
      });
    }
    cleared.add(known);
  }
  return cleared;
}

/** The value at a dotted path of own properties; undefined where something on the way is absent. */
export function valueAt(root: unknown, path: string): unknown {
  let value = root;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}
