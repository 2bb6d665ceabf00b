import { digestOfJson } from '../base/digest.ts';
import type { Move } from './move.ts';
import type { PlanKind } from './policy.ts';

/** What an approval binds to: change any of it and the digest is another. */
export interface PlanDigestInput {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: PlanKind;
  readonly policyRevision: number;
  readonly snapshotDigest: string;
  /** In the order in which they would run. */
  readonly moves: readonly Move[];
}

/**
 * `sha256:...` over the canonical JSON of exactly the fields of the input; further fields of the value passed do not
 * count. The format's name is part of it, so that a later format can never collide with this one.
 *
 * @throws TypeError when a number of a move is not finite
 */
export function digestPlan(input: PlanDigestInput): string {
  return digestOfJson({
    format: 'meshkit-plan/1',
    cluster: input.cluster,
    namespace: input.namespace,
    kind: input.kind,
    policyRevision: input.policyRevision,
    snapshotDigest: input.snapshotDigest,
    moves: input.moves,
  });
}
