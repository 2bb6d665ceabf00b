import { mustBeVacated, type Node } from '../domain/node.ts';
import type { PlanKind } from '../domain/policy.ts';

/**
 * Rules that exist to keep a healthy fleet from churning must not delay what restores health or takes back a mistake;
 * docs/guardrails.md lists these exceptions for people.
 */

/** Plans that vacate nodes or take a plan back: they need no gain and wait for no namespace or node cooldown. */
export function isUrgent(kind: PlanKind): boolean {
  return kind === 'drain' || kind === 'restore' || kind === 'rollback';
}

/** Moves of any plan that leave a node which must be vacated; urgent whatever else the plan does. */
export function vacates(source: Node | undefined): boolean {
  return source !== undefined && mustBeVacated(source);
}

/** Whether the source no longer holds the replica in any useful sense, so that the shard has lost redundancy. */
export function isLost(source: Node | undefined): boolean {
  return source !== undefined && (source.status === 'dead' || source.status === 'left');
}
