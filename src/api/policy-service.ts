import { create } from '@bufbuild/protobuf';
import type { ServiceImpl } from '@connectrpc/connect';
import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import type { Problem } from '../domain/problem.ts';
import { PolicySpecSchema } from '../gen/meshkit/rebalancer/v1/policy_pb.ts';
import type { RebalancePolicyService } from '../gen/meshkit/rebalancer/v1/policy_service_pb.ts';
import { decoded } from '../wire/decoded.ts';
import { messageProblems } from '../wire/message-problems.ts';
import { policyDocumentToMessage, policyViewToMessage } from '../wire/policy-codec.ts';
import { policySpecFromMessage } from '../wire/policy-spec-from-message.ts';
import { problemToMessage } from '../wire/problem-codec.ts';
import { compact, optionalWholeFromMessage } from '../wire/scalars.ts';
import type { ApiDeps } from './api-deps.ts';
import { requireNamespace, seesNamespace } from './namespace-limit.ts';
import { commandContext } from './request-context.ts';
import { unwrap } from './unwrap.ts';

export function createPolicyService(deps: ApiDeps): ServiceImpl<typeof RebalancePolicyService> {
  const { policies } = deps.rebalancer;
  return {
    async validatePolicy(request, context) {
      await requireNamespace(deps, context, request.namespace);
      const spec = request.spec ?? create(PolicySpecSchema);
      const problems: readonly Problem[] = messageProblems(PolicySpecSchema, spec);
      if (problems.length > 0) return { problems: problems.map(problemToMessage) };
      const overlay = decoded<PolicyOverlay>(() => policySpecFromMessage(spec));
      if (!overlay.ok) return { problems: overlay.error.map(problemToMessage) };
      const found = await policies.validate(request.cluster, request.namespace, overlay.value);
      return { problems: found.map(problemToMessage) };
    },
    async applyPolicy(request, context) {
      await requireNamespace(deps, context, request.namespace);
      const application = compact({
        cluster: request.cluster,
        namespace: request.namespace,
        overlay: policySpecFromMessage(request.spec ?? create(PolicySpecSchema)),
        expectedRevision: optionalWholeFromMessage(request.expectedRevision),
      });
      return policyViewToMessage(unwrap(await policies.apply(application, commandContext(context, request))));
    },
    async getPolicy(request, context) {
      await requireNamespace(deps, context, request.namespace);
      const revision = optionalWholeFromMessage(request.revision);
      return policyViewToMessage(unwrap(await policies.get(request.cluster, request.namespace, revision)));
    },
    async listPolicies(_request, context) {
      const documents = await policies.list();
      const visible = documents.filter((each) => seesNamespace(context, each.namespace));
      return { policies: visible.map(policyDocumentToMessage) };
    },
    async listPolicyRevisions(request, context) {
      await requireNamespace(deps, context, request.namespace);
      const documents = [...(await policies.revisions(request.cluster, request.namespace))];
      documents.sort((left, right) => right.revision - left.revision);
      return { revisions: documents.map(policyDocumentToMessage) };
    },
  };
}
