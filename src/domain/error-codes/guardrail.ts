import { blocked, type ErrorEntry, forbidden } from './error-entry.ts';

/** The rules that hold plans and moves back; each has a rule file in `guardrails/rules`. */
export const guardrailEntries = {
  GUARDRAIL_MOVES_PER_PLAN: {
    ...blocked,
    meaning: 'The plan has more moves than policy allows.',
    remedy: 'Plan with a smaller budget, or raise budget.maxMoves.',
  },
  GUARDRAIL_BYTES_PER_PLAN: {
    ...blocked,
    meaning: 'The plan copies more bytes than policy allows.',
    remedy: 'Plan with a smaller budget, or raise budget.maxBytes.',
  },
  GUARDRAIL_SHARE_OF_SHARDS: {
    ...blocked,
    meaning: 'The plan touches a larger share of the shards than policy allows.',
    remedy: 'Plan in several steps, or override with a reason.',
  },
  GUARDRAIL_CONCURRENCY_CLUSTER: {
    ...blocked,
    meaning: 'As many moves run in the cluster as policy allows.',
    remedy: 'Wait for moves to end, or raise concurrency.cluster.',
  },
  GUARDRAIL_CONCURRENCY_NAMESPACE: {
    ...blocked,
    meaning: 'As many moves run in the namespace as policy allows.',
    remedy: 'Wait for moves to end, or raise concurrency.namespace.',
  },
  GUARDRAIL_CONCURRENCY_NODE_IN: {
    ...blocked,
    meaning: 'As many moves run into the node as policy allows.',
    remedy: 'Wait for moves to end, or raise concurrency.perNodeIn.',
  },
  GUARDRAIL_CONCURRENCY_NODE_OUT: {
    ...blocked,
    meaning: 'As many moves run out of the node as policy allows.',
    remedy: 'Wait for moves to end, or raise concurrency.perNodeOut.',
  },
  GUARDRAIL_CONCURRENCY_ZONE: {
    ...blocked,
    meaning: 'As many moves run into or out of the zone as policy allows.',
    remedy: 'Wait for moves to end, or raise concurrency.perZone.',
  },
  GUARDRAIL_COOLDOWN_SHARD: {
    ...blocked,
    meaning: 'The shard moved too short a time ago.',
    remedy: 'Wait until the time named.',
  },
  GUARDRAIL_COOLDOWN_NODE: {
    ...blocked,
    meaning: 'The node took part in a plan too short a time ago.',
    remedy: 'Wait until the time named.',
  },
  GUARDRAIL_COOLDOWN_NAMESPACE: {
    ...blocked,
    meaning: 'A plan of the namespace ended too short a time ago.',
    remedy: 'Wait until the time named.',
  },
  GUARDRAIL_MIN_HEALTHY_REPLICAS: {
    ...blocked,
    meaning: 'The move would leave a shard with fewer healthy replicas than policy allows.',
    remedy: 'Restore the health of its nodes first; this cannot be overridden.',
  },
  GUARDRAIL_REPLICA_IN_FLIGHT: {
    ...blocked,
    meaning: 'Another replica of the shard is moving.',
    remedy: 'Wait for that move to end.',
  },
  GUARDRAIL_SPREAD: {
    ...blocked,
    meaning: 'The move would break the spread of a shard over its domains.',
    remedy: 'Make a new plan.',
  },
  GUARDRAIL_CONCENTRATION_REPLICAS: {
    ...blocked,
    meaning: 'Too large a share of the replicas would be in one node or zone.',
    remedy: 'Add nodes, or raise the share in placement.',
  },
  GUARDRAIL_CONCENTRATION_LOAD: {
    ...blocked,
    meaning: 'Too large a share of the load would be on one node or zone.',
    remedy: 'Add nodes, or raise the share in placement.',
  },
  GUARDRAIL_CAPACITY: {
    ...blocked,
    meaning: 'The destination would exceed its hard limit while the move runs.',
    remedy: 'Wait for other moves to end, or make a new plan.',
  },
  GUARDRAIL_DESTINATION_UNHEALTHY: {
    ...blocked,
    meaning: 'The destination is not alive and active.',
    remedy: 'Restore or uncordon the node, or make a new plan.',
  },
  GUARDRAIL_DESTINATION_BACKPRESSURE: {
    ...blocked,
    meaning: 'The destination signals backpressure.',
    remedy: 'Wait until its queues drained below the low watermark.',
  },
  GUARDRAIL_TELEMETRY_STALE: {
    ...blocked,
    meaning: 'The telemetry is older than policy allows.',
    remedy: 'Restore the source that is behind.',
  },
  GUARDRAIL_TELEMETRY_INCOMPLETE: {
    ...blocked,
    meaning: 'The telemetry covers less of the fleet than policy asks for.',
    remedy: 'Restore the source that is behind.',
  },
  GUARDRAIL_INCIDENT: {
    ...blocked,
    meaning: 'An open incident throttles or halts moves.',
    remedy: 'Resolve and close the incident.',
  },
  GUARDRAIL_MASS_FAILURE: {
    ...blocked,
    meaning: 'Too many nodes are unhealthy at once.',
    remedy: 'Restore nodes; moving replicas now would spread the failure.',
  },
  GUARDRAIL_CHANGE_WINDOW: {
    ...blocked,
    meaning: 'It is outside the change windows.',
    remedy: 'Wait for the next window.',
  },
  GUARDRAIL_FREEZE: { ...blocked, meaning: 'A change freeze is in force.', remedy: 'Wait for its end.' },
  GUARDRAIL_CHANGE_TICKET: {
    ...blocked,
    meaning: 'A change ticket is missing or does not have the form asked for.',
    remedy: 'Name a ticket of the form that policy asks for.',
  },
  GUARDRAIL_BENEFIT: {
    ...blocked,
    meaning: 'The plan improves the fleet by less than policy asks for.',
    remedy: 'Leave the fleet as it is, or lower benefit.minPlanGain.',
  },
  GUARDRAIL_OSCILLATION: {
    ...blocked,
    meaning: 'A shard would return to a node that it left a short time ago.',
    remedy: 'Find what makes its load swing; wait for the window to pass.',
  },
  OVERRIDE_FORBIDDEN: {
    ...forbidden,
    meaning: 'The guardrail cannot be overridden, or not by this principal.',
    remedy: 'Leave the code out, or ask somebody with mesh.admin.',
  },
} as const satisfies Record<string, ErrorEntry>;
