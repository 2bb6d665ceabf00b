import { type ErrorEntry, invalid } from './error-entry.ts';

/** Why a snapshot is refused. */
export const snapshotEntries = {
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
} as const satisfies Record<string, ErrorEntry>;
