import { err, ok, type Result } from '../../base/result.ts';
import type { Explanation, ExplanationRequest } from '../../domain/explanation.ts';
import type { Problem } from '../../domain/problem.ts';
import type { PlannerExtension } from '../extension.ts';
import { explainNode } from './explain-node.ts';
import { explainShard } from './explain-shard.ts';
import { placePlan, shardIndex } from './placed-plan.ts';

/**
 * Why a plan moves what it moves and leaves what it leaves. Pure and synchronous: it makes the plan's moves on its own
 * snapshot and asks every constraint and term what any further move would do, so that the answer is that of the
 * planner's own rules and numbers. O(replicas + moves + explained replicas × nodes × dimensions).
 *
 * Problems: SHARD_NOT_FOUND, NODE_NOT_FOUND, POLICY_DIMENSION_UNKNOWN; PLAN_DRIFTED when the moves are not of this
 * snapshot.
 */
export function explainPlan(
  request: ExplanationRequest,
  extensions: readonly PlannerExtension[] = [],
): Result<Explanation, readonly Problem[]> {
  const { snapshot } = request.planning;
  const { kind, id } = request.subject;
  const node = kind === 'node' ? snapshot.nodes.findIndex((each) => each.id === id) : -1;
  if (kind === 'node' && node < 0) return err([unknown('NODE_NOT_FOUND', kind, id)]);
  const placed = placePlan(request, extensions);
  if (!placed.ok) return placed;
  if (kind === 'node') return ok({ kind, node: explainNode(placed.value, node) });
  const shard = shardIndex(placed.value.problem, id);
  if (shard < 0) return err([unknown('SHARD_NOT_FOUND', kind, id)]);
  return ok({ kind, shard: explainShard(placed.value, shard) });
}

function unknown(code: 'NODE_NOT_FOUND' | 'SHARD_NOT_FOUND', kind: 'node' | 'shard', id: string): Problem {
  return {
    code,
    message: `the plan's snapshot has no ${kind} ${id}`,
    field: kind,
    value: id,
    subject: `${kind}/${id}`,
    remedy: `Name a ${kind} of the snapshot that the plan was made from.`,
  };
}
