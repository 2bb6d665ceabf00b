import type { Problem } from '../domain/problem.ts';
import type { MoverAnswer, MoverCall } from '../ports/shard-mover.ts';

/** A call that is not carried out; `retryable` when the same call may be later. */
export type Refusal = Extract<MoverAnswer, { kind: 'refused' }>;

export function refuse(problem: Problem, retryable = false): Refusal {
  return { kind: 'refused', problem, retryable };
}

export function unknownNamespace(call: MoverCall, namespace: string): Refusal {
  return refuse({
    code: 'NAMESPACE_NOT_FOUND',
    message: `the fleet runs the namespace ${namespace}, not ${call.namespace}`,
    value: call.namespace,
    limit: namespace,
  });
}

export function staleToken(call: MoverCall, newest: number): Refusal {
  return refuse({
    code: 'LEASE_LOST',
    message: `the call has fencing token ${call.fencingToken}, but token ${newest} has been seen for ${call.namespace}`,
    subject: `namespace/${call.namespace}`,
    value: call.fencingToken,
    limit: newest,
  });
}

export function unknownShard(call: MoverCall): Refusal {
  return refuse({
    code: 'SHARD_NOT_FOUND',
    message: `the fleet has no shard ${call.shard}`,
    subject: `shard/${call.shard}`,
  });
}

export function unknownNode(node: string): Refusal {
  return refuse({
    code: 'NODE_NOT_FOUND',
    message: `the fleet has no node ${node}`,
    subject: `node/${node}`,
  });
}

export function unknownMove(call: MoverCall): Refusal {
  return refuse({
    code: 'MOVE_NOT_FOUND',
    message: `no step of the move ${call.moveKey} has arrived`,
    subject: `move/${call.moveKey}`,
    remedy: 'Prepare it first.',
  });
}

export function otherMove(call: MoverCall): Refusal {
  return refuse({
    code: 'IDEMPOTENCY_KEY_REUSED',
    message: `the key ${call.moveKey} stands for a move of another replica or to another node`,
    subject: `move/${call.moveKey}`,
    remedy: 'Give every move a key of its own.',
  });
}

export function versionConflict(call: MoverCall, version: number): Refusal {
  return refuse({
    code: 'MOVE_VERSION_CONFLICT',
    message: `shard ${call.shard} is in version ${version}, not ${call.expectedVersion}`,
    subject: `shard/${call.shard}`,
    value: call.expectedVersion,
    limit: version,
  });
}

/** MOVE_REFUSED for a reason of its own. */
export function refused(message: string, subject: string, retryable: boolean): Refusal {
  return refuse({ code: 'MOVE_REFUSED', message, subject }, retryable);
}
