import { create } from '@bufbuild/protobuf';
import type { PolicyView } from '../controller/rebalancer.ts';
import type { Policy } from '../domain/policy.ts';
import { effectivePolicy } from '../domain/policy-merge.ts';
import type { PolicyDocument } from '../domain/policy-overlay.ts';
import {
  type PolicyDocument as PolicyDocumentMessage,
  PolicyDocumentSchema,
  type Policy as PolicyMessage,
  PolicySchema,
  PolicySpecSchema,
} from '../gen/meshkit/rebalancer/v1/policy_pb.ts';
import { policySpecFromMessage } from './policy-spec-from-message.ts';
import { policySpecToMessage } from './policy-spec-to-message.ts';
import { timeFromMessage, timeToMessage, wholeFromMessage, wholeToMessage } from './scalars.ts';

/** An effective policy, complete. */
export function policyToMessage(policy: Policy): PolicyMessage {
  const { cluster, namespace, revision, ...sections } = policy;
  return create(PolicySchema, {
    cluster,
    namespace,
    revision: wholeToMessage(revision),
    spec: policySpecToMessage(sections),
  });
}

/**
 * An effective policy. A field that an older service does not send is ours by default. Throws `ProblemError`
 * FIELD_INVALID for an enum value that this program does not know.
 */
export function policyFromMessage(message: PolicyMessage): Policy {
  const sections = policySpecFromMessage(message.spec ?? create(PolicySpecSchema));
  const { cluster, namespace } = message;
  // As the cluster's overlay, since only that one may set what the namespaces share.
  return effectivePolicy(cluster, namespace, sections, undefined, wholeFromMessage(message.revision));
}

/** A policy as it was applied: partial. */
export function policyDocumentToMessage(document: PolicyDocument): PolicyDocumentMessage {
  return create(PolicyDocumentSchema, {
    cluster: document.cluster,
    namespace: document.namespace,
    revision: wholeToMessage(document.revision),
    spec: policySpecToMessage(document.overlay),
    appliedAt: timeToMessage(document.appliedAt),
    appliedBy: document.appliedBy,
    reason: document.reason,
  });
}

/** Throws as `policyFromMessage`. */
export function policyDocumentFromMessage(message: PolicyDocumentMessage): PolicyDocument {
  return {
    cluster: message.cluster,
    namespace: message.namespace,
    revision: wholeFromMessage(message.revision),
    overlay: policySpecFromMessage(message.spec ?? create(PolicySpecSchema)),
    appliedAt: timeFromMessage(message.appliedAt),
    appliedBy: message.appliedBy,
    reason: message.reason,
  };
}

/** The two halves of a policy's answer. */
export function policyViewToMessage(view: PolicyView): {
  document: PolicyDocumentMessage;
  effective: PolicyMessage;
} {
  return { document: policyDocumentToMessage(view.document), effective: policyToMessage(view.effective) };
}
