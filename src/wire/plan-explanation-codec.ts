import { create } from '@bufbuild/protobuf';
import type { PlanExplanation } from '../controller/rebalancer.ts';
import type { Explanation } from '../domain/explanation.ts';
import { ProblemError } from '../domain/problem.ts';
import {
  type ExplainPlanResponse,
  ExplainPlanResponseSchema,
} from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { shardExplanationFromMessage, shardExplanationToMessage } from './explanation-codec.ts';
import { nodeExplanationFromMessage, nodeExplanationToMessage } from './node-explanation-codec.ts';
import { wholeToMessage } from './scalars.ts';

export function explanationToMessage({ plan, explanation }: PlanExplanation): ExplainPlanResponse {
  return create(ExplainPlanResponseSchema, {
    planId: plan.id,
    snapshotDigest: plan.snapshotDigest,
    policyRevision: wholeToMessage(plan.policyRevision),
    explanation:
      explanation.kind === 'shard'
        ? { case: 'shard', value: shardExplanationToMessage(explanation.shard) }
        : { case: 'node', value: nodeExplanationToMessage(explanation.node) },
  });
}

/** Throws `ProblemError`: FIELD_INVALID for an enum value that this program does not know, INTERNAL for no answer. */
export function explanationFromMessage({ explanation }: ExplainPlanResponse): Explanation {
  switch (explanation.case) {
    case 'shard':
      return { kind: 'shard', shard: shardExplanationFromMessage(explanation.value) };
    case 'node':
      return { kind: 'node', node: nodeExplanationFromMessage(explanation.value) };
    default:
      throw new ProblemError({ code: 'INTERNAL', message: 'the service answered without an explanation' });
  }
}
