import { type ErrorEntry, missing, state } from './error-entry.ts';

/** What is not there, or not in a state to act on: incidents, nodes, namespaces, shards and snapshots. */
export const fleetEntries = {
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
} as const satisfies Record<string, ErrorEntry>;
