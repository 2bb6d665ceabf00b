/**
 * The one registry of codes. `docs/errors.md` is generated from it and a test proves both directions. A code never
 * changes its meaning; one that is no longer used stays reserved.
 */
export interface ErrorEntry {
  /** gRPC status code name. */
  readonly grpc: GrpcStatus;
  readonly http: number;
  /** What it means, as a sentence. */
  readonly meaning: string;
  /** What to do about it in general. */
  readonly remedy: string;
}

export type GrpcStatus =
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'PERMISSION_DENIED'
  | 'UNAUTHENTICATED'
  | 'RESOURCE_EXHAUSTED'
  | 'OUT_OF_RANGE'
  | 'UNAVAILABLE'
  | 'DEADLINE_EXCEEDED'
  | 'CANCELLED'
  | 'INTERNAL';

const invalid = { grpc: 'INVALID_ARGUMENT', http: 400 } as const;
const conflict = { grpc: 'ABORTED', http: 409 } as const;
const precondition = { grpc: 'FAILED_PRECONDITION', http: 412 } as const;
const state = { grpc: 'FAILED_PRECONDITION', http: 409 } as const;
const missing = { grpc: 'NOT_FOUND', http: 404 } as const;
const blocked = { grpc: 'FAILED_PRECONDITION', http: 422 } as const;
const away = { grpc: 'UNAVAILABLE', http: 503 } as const;

export const errorCodes = {
  // Input
  INPUT_MALFORMED: {
    ...invalid,
    meaning: 'The input is not valid JSON, YAML or protobuf.',
    remedy: 'Correct the syntax at the place named.',
  },
  FIELD_INVALID: {
    ...invalid,
    meaning: 'A field has a value outside what it allows.',
    remedy: 'Use a value within the limit named.',
  },
  FIELD_UNKNOWN: {
    ...invalid,
    meaning: 'The input has a field that the contract does not know.',
    remedy: 'Remove it or correct its spelling.',
  },
  FIELD_REQUIRED: { ...invalid, meaning: 'A field that must be given is missing.', remedy: 'Give it.' },
  FIELDS_CONTRADICT: {
    ...invalid,
    meaning: 'Two fields exclude each other.',
    remedy: 'Change one of the two.',
  },
  // Snapshots
  SNAPSHOT_EMPTY: {
    ...invalid,
    meaning: 'The snapshot has no node or no shard.',
    remedy: 'Check that the telemetry sources deliver.',
  },
  SNAPSHOT_NODE_DUPLICATE: {
    ...invalid,
    meaning: 'Two nodes have the same id.',
    remedy: 'Give every node an id of its own.',
  },
  SNAPSHOT_NODE_UNKNOWN: {
    ...invalid,
    meaning: 'A replica lives on a node that the snapshot does not have.',
    remedy: 'Add the node or correct the replica.',
  },
  SNAPSHOT_SHARD_DUPLICATE: {
    ...invalid,
    meaning: 'Two shards have the same id.',
    remedy: 'Give every shard an id of its own.',
  },
  SNAPSHOT_SHARD_WITHOUT_REPLICA: {
    ...invalid,
    meaning: 'A shard has no replica.',
    remedy: 'Give it one or leave the shard out.',
  },
  SNAPSHOT_REPLICA_DUPLICATE: {
    ...invalid,
    meaning: 'Two replicas of a shard have the same number.',
    remedy: 'Number the replicas of a shard differently.',
  },
  SNAPSHOT_REPLICA_TWICE_ON_NODE: {
    ...invalid,
    meaning: 'Two replicas of a shard are on the same node.',
    remedy: 'Correct the placement that was reported.',
  },
  SNAPSHOT_TWO_LEADERS: {
    ...invalid,
    meaning: 'A shard has more than one leader.',
    remedy: 'Correct the roles that were reported.',
  },
  SNAPSHOT_LOAD_INVALID: {
    ...invalid,
    meaning: 'A load or a size is negative, infinite or not a number.',
    remedy: 'Report a finite number that is at least 0.',
  },
  SNAPSHOT_CAPACITY_INVALID: {
    ...invalid,
    meaning: 'A capacity or target is negative, infinite or not a number.',
    remedy: 'Report a finite number that is at least 0.',
  },
  SNAPSHOT_DIMENSION_MISMATCH: {
    ...invalid,
    meaning: 'A row does not have one value per dimension, or a dimension occurs twice.',
    remedy: 'Give one value per dimension of the snapshot.',
  },
  SNAPSHOT_UNSORTED: {
    ...invalid,
    meaning: 'Nodes, shards or the replicas of a shard are not in order.',
    remedy: 'Sort nodes and shards by id and replicas by number.',
  },
  SNAPSHOT_MALFORMED: {
    ...invalid,
    meaning: 'The parts of the snapshot do not fit together, or a field is outside what it allows.',
    remedy: 'Take the snapshot again, or correct the field named.',
  },
  SNAPSHOT_DIGEST_MISMATCH: {
    ...invalid,
    meaning: 'The snapshot does not have the digest that it claims.',
    remedy: 'Take the snapshot again; this one was altered.',
  },
  // Policies
  POLICY_INVALID: {
    ...invalid,
    meaning: 'A field of the policy is outside its limits.',
    remedy: 'Use a value within the limit named.',
  },
  POLICY_CONTRADICTORY: {
    ...invalid,
    meaning: 'Two fields of the policy cannot hold together.',
    remedy: 'Change one of the two.',
  },
  POLICY_DIMENSION_UNKNOWN: {
    ...invalid,
    meaning: 'The policy names a dimension that the snapshot does not have.',
    remedy: 'Correct the name or report the dimension.',
  },
  POLICY_ADAPTER_UNKNOWN: {
    ...invalid,
    meaning: 'The policy names a scoring adapter that is not loaded.',
    remedy: 'Correct the name or load the module in the configuration.',
  },
  POLICY_ADAPTER_PARAMETER: {
    ...invalid,
    meaning: 'A parameter does not fit the scoring adapter.',
    remedy: 'Use a parameter that the adapter lists, within its limits.',
  },
  POLICY_NODE_UNKNOWN: {
    ...invalid,
    meaning: 'The policy names a node that the snapshot does not have.',
    remedy: 'Correct the node id.',
  },
  POLICY_GROUP_UNKNOWN: {
    ...invalid,
    meaning: 'The policy names a group that the snapshot does not have.',
    remedy: 'Correct the name of the group.',
  },
  POLICY_NOT_FOUND: {
    ...missing,
    meaning: 'There is no policy for that cluster and namespace, or not in that revision.',
    remedy: 'List the policies; apply one.',
  },
  POLICY_STALE: {
    ...precondition,
    meaning: 'The policy changed since it was read.',
    remedy: 'Read it again and repeat the change.',
  },
  POLICY_OBSERVES: {
    ...state,
    meaning: "The policy's mode is observe, under which only dry runs are made.",
    remedy: 'Ask for a dry run, or apply a policy with mode propose.',
  },
  // Planning
  PLACEMENT_INFEASIBLE: {
    ...blocked,
    meaning: 'No placement satisfies the rules.',
    remedy: 'Relax one of the rules named or add capacity.',
  },
  NOTHING_TO_DO: {
    ...blocked,
    meaning: 'No move is worth its price: the fleet is as good as it gets under this policy.',
    remedy: 'Nothing, or lower the benefit thresholds.',
  },
  PLAN_BUSY: {
    ...state,
    meaning: 'Another plan of the namespace is pending or executing.',
    remedy: 'Finish, cancel or reject that plan first.',
  },
  PLANNER_CANCELLED: {
    grpc: 'CANCELLED',
    http: 499,
    meaning: 'The computation of the plan was cancelled before it ended.',
    remedy: 'Ask again when the plan is still wanted.',
  },
  PLANNER_OVERLOADED: {
    grpc: 'RESOURCE_EXHAUSTED',
    http: 429,
    meaning: 'Too many plans wait to be computed.',
    remedy: 'Ask again later.',
  },
  PLANNER_FAILED: {
    grpc: 'INTERNAL',
    http: 500,
    meaning: 'The planner stopped without an answer.',
    remedy: 'Report it together with the snapshot and the policy.',
  },
  // Plans
  PLAN_NOT_FOUND: {
    ...missing,
    meaning: 'There is no plan with that id.',
    remedy: 'List the plans of the namespace.',
  },
  PLAN_STALE: {
    ...precondition,
    meaning: 'The plan changed since it was read.',
    remedy: 'Read it again and repeat the command.',
  },
  PLAN_STATUS: {
    ...state,
    meaning: 'The plan is in a status in which this is not possible.',
    remedy: 'See the statuses from which it is.',
  },
  PLAN_DIGEST_MISMATCH: {
    ...conflict,
    meaning: 'The digest named is not that of the plan: what was read is not what would run.',
    remedy: 'Read the plan again, then approve the digest that it shows.',
  },
  PLAN_EXPIRED: {
    ...state,
    meaning: 'The plan was not approved or started in time.',
    remedy: 'Make a new plan.',
  },
  PLAN_DRIFTED: {
    ...conflict,
    meaning: 'The world changed since the plan was made; the difference is shown.',
    remedy: 'Make a new plan.',
  },
  PLAN_DRY_RUN: {
    ...state,
    meaning: 'The plan is a dry run, which is never executed.',
    remedy: 'Make the plan without dry run.',
  },
  PLAN_NOT_REVERSIBLE: {
    ...state,
    meaning: 'No move of the plan completed, so that there is nothing to roll back.',
    remedy: 'Nothing.',
  },
  APPROVAL_DUPLICATE: {
    grpc: 'ALREADY_EXISTS',
    http: 409,
    meaning: 'The principal approved this plan already.',
    remedy: 'Let another principal approve.',
  },
  APPROVAL_BY_AUTHOR: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    meaning: 'Policy does not let the author of a plan approve it.',
    remedy: 'Let another principal approve.',
  },
  APPROVAL_GROUP: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    meaning: 'Policy lets only members of certain groups approve this plan.',
    remedy: 'Let a member of one of the groups approve.',
  },
  // Guardrails
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
    grpc: 'PERMISSION_DENIED',
    http: 403,
    meaning: 'The guardrail cannot be overridden, or not by this principal.',
    remedy: 'Leave the code out, or ask somebody with mesh.admin.',
  },
  // Execution
  MOVE_TIMEOUT: {
    grpc: 'DEADLINE_EXCEEDED',
    http: 504,
    meaning: 'A step of a move did not end within its deadline.',
    remedy: 'Look at the node named; make a new plan.',
  },
  MOVE_REFUSED: {
    ...state,
    meaning: 'The fleet refused a step of a move.',
    remedy: "See the fleet's own message.",
  },
  MOVE_VERSION_CONFLICT: {
    ...conflict,
    meaning: 'The shard is not in the version that the move expects.',
    remedy: 'Make a new plan.',
  },
  MOVE_VERIFY_FAILED: {
    ...state,
    meaning: 'After the transfer the registry does not show the new owner.',
    remedy: 'Compare the registry with the fleet.',
  },
  MOVE_NOT_FOUND: {
    ...missing,
    meaning: 'The fleet does not know the move, or the plan does not have it.',
    remedy: 'List the moves of the plan.',
  },
  MOVE_ABORTED: {
    grpc: 'CANCELLED',
    http: 409,
    meaning: 'The move was undone, or not begun, because its plan was cancelled.',
    remedy: 'Nothing, or make a new plan.',
  },
  PLAN_CANCELLING: {
    ...state,
    meaning: 'The plan was cancelled and waits for its moves in flight to end.',
    remedy: 'Wait a moment.',
  },
  PLAN_PAUSED: {
    ...state,
    meaning: 'Somebody paused the plan.',
    remedy: 'Resume, cancel or roll back.',
  },
  PLAN_CANCELLED: {
    grpc: 'CANCELLED',
    http: 409,
    meaning: 'Somebody cancelled the plan while it ran.',
    remedy: 'Roll back what was done, or make a new plan.',
  },
  PLAN_INCOMPLETE: {
    ...state,
    meaning: 'The plan ran to its end, but not every move took effect.',
    remedy: 'See the moves that did not; make a new plan or roll back.',
  },
  PLAN_REGRESSION: {
    ...state,
    meaning: 'Health worsened between two waves, so that the plan paused.',
    remedy: 'Find the cause; resume, cancel or roll back.',
  },
  PLAN_TOO_MANY_FAILED_MOVES: {
    ...state,
    meaning: 'More moves failed than policy tolerates.',
    remedy: 'See the failures; make a new plan or roll back.',
  },
  DRAIN_TIMEOUT: {
    grpc: 'DEADLINE_EXCEEDED',
    http: 504,
    meaning: 'Nodes were not vacated within their deadline.',
    remedy: 'See what is left on them and why.',
  },
  // Incidents and nodes
  INCIDENT_NOT_FOUND: {
    ...missing,
    meaning: 'There is no incident with that id.',
    remedy: 'List the incidents.',
  },
  INCIDENT_CLOSED: { ...state, meaning: 'The incident is closed already.', remedy: 'Nothing.' },
  NODE_NOT_FOUND: {
    ...missing,
    meaning: 'The namespace has no node with that id.',
    remedy: 'List the peers.',
  },
  NAMESPACE_NOT_FOUND: {
    ...missing,
    meaning: 'The service does not know that cluster or namespace.',
    remedy: 'List the controllers; correct the configuration.',
  },
  SHARD_NOT_FOUND: {
    ...missing,
    meaning: 'The namespace has no shard with that id.',
    remedy: 'See the snapshot.',
  },
  SNAPSHOT_NOT_FOUND: {
    ...missing,
    meaning: 'There is no snapshot with that digest, or none was taken yet.',
    remedy: 'Wait for telemetry; list what plans refer to.',
  },
  SNAPSHOT_TOO_LARGE: {
    grpc: 'RESOURCE_EXHAUSTED',
    http: 413,
    meaning: 'The snapshot is too large for one message.',
    remedy: 'Stream it, or export it to a file.',
  },
  // Service
  FLEET_UNREACHABLE: {
    ...away,
    meaning: 'The fleet does not answer.',
    remedy: 'Check its address and that it runs.',
  },
  SERVICE_UNREACHABLE: {
    ...away,
    meaning: 'The rebalancer does not answer.',
    remedy: 'Check its address and that it runs.',
  },
  SERVICE_STOPPING: { ...away, meaning: 'The service is shutting down.', remedy: 'Try again in a moment.' },
  LEASE_LOST: {
    ...conflict,
    meaning: 'Another replica of the service owns the namespace now.',
    remedy: 'Nothing: that one goes on.',
  },
  REVISION_CONFLICT: {
    ...conflict,
    meaning: 'Something changed between reading and writing.',
    remedy: 'Repeat the command.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    ...conflict,
    meaning: 'The idempotency key was used for another request.',
    remedy: 'Use a new key for a new request.',
  },
  CURSOR_INVALID: {
    ...invalid,
    meaning: 'The page cursor is not one of ours, or of another query.',
    remedy: 'Begin again without a cursor.',
  },
  RESUME_TOKEN_INVALID: {
    grpc: 'OUT_OF_RANGE',
    http: 400,
    meaning: 'The resume token is from the future or is no longer retained.',
    remedy: 'List the current state, then watch without a token.',
  },
  WATCHER_TOO_SLOW: {
    grpc: 'RESOURCE_EXHAUSTED',
    http: 429,
    meaning: 'The watcher did not keep up and was cut off.',
    remedy: 'Resume with the token given.',
  },
  UNAUTHENTICATED: {
    grpc: 'UNAUTHENTICATED',
    http: 401,
    meaning: 'The request has no valid credential.',
    remedy: 'Give one.',
  },
  PERMISSION_DENIED: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    meaning: 'The credential lacks the scope or the namespace.',
    remedy: 'Use one that has the scope named.',
  },
  INTERNAL: {
    grpc: 'INTERNAL',
    http: 500,
    meaning: 'A bug: the service did not expect what happened.',
    remedy: 'Report it with the log around its time.',
  },
  // Files, configuration and data
  FILE_UNREADABLE: {
    ...invalid,
    meaning: 'A file cannot be read or written.',
    remedy: 'Check the path and the rights.',
  },
  CONFIG_INVALID: {
    ...invalid,
    meaning: 'The configuration has a value that is not allowed.',
    remedy: 'Correct the field named.',
  },
  SCORING_MODULE_INVALID: {
    ...invalid,
    meaning: 'A scoring module cannot be loaded or does not keep the contract.',
    remedy: 'See docs/scoring-adapters.md and run the conformance kit.',
  },
  LISTEN_FAILED: {
    ...away,
    meaning: 'The address cannot be listened on.',
    remedy: 'Choose a free port on loopback.',
  },
  LISTEN_INSECURE: {
    grpc: 'FAILED_PRECONDITION',
    http: 412,
    meaning: 'Without TLS and credentials the service listens on loopback only, and only with --dev.',
    remedy: 'Add --dev and a loopback address.',
  },
  DATA_DIRECTORY_FOREIGN: {
    ...state,
    meaning: 'The data directory holds something that is not ours.',
    remedy: 'Name an empty or new directory.',
  },
  DATA_DIRECTORY_NEWER: {
    ...state,
    meaning: 'The data directory was written by a newer version of the program.',
    remedy: 'Use that version or a newer one.',
  },
  DATA_DIRECTORY_LOCKED: {
    ...state,
    meaning: 'Another process uses the data directory.',
    remedy: 'Stop it, or name another directory.',
  },
  DATA_DIRECTORY_CORRUPT: {
    ...state,
    meaning: 'The data directory is damaged.',
    remedy: 'Restore it from a backup.',
  },
  AUDIT_CHAIN_BROKEN: {
    ...state,
    meaning: 'The audit trail was altered: a hash does not fit.',
    remedy: 'Keep the data, and compare with an exported trail.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCodes;

export type GuardrailCode = Extract<ErrorCode, `GUARDRAIL_${string}`>;

export const guardrailCodes = Object.keys(errorCodes).filter((code): code is GuardrailCode =>
  code.startsWith('GUARDRAIL_'),
);

/** Guardrails that nobody can override. */
export const neverOverridable: ReadonlySet<GuardrailCode> = new Set([
  'GUARDRAIL_MIN_HEALTHY_REPLICAS',
  'GUARDRAIL_REPLICA_IN_FLIGHT',
]);
