import { expect } from 'bun:test';
import type { ReplicaSet } from '../domain/telemetry-sample.ts';
import type { FleetWorld } from './fleet-contract.testing.ts';
import type { MoverAnswer, MoverCall } from './shard-mover.ts';

/** Relocates the shard's leader to a node that has none of its replicas. */
export function relocationOf(fleet: FleetWorld, set: ReplicaSet, moveKey: string): MoverCall {
  const replica = set.replicas.find((each) => each.leads) ?? set.replicas[0];
  const taken = set.replicas.map((each) => each.node);
  const destination = fleet.nodes.find((node) => !taken.includes(node));
  if (!replica || !destination) throw new Error(`shard ${set.shard} cannot be moved`);
  return {
    moveKey,
    namespace: fleet.namespace,
    shard: set.shard,
    kind: 'relocate',
    replica: replica.number,
    successor: replica.number,
    source: replica.node,
    destination,
    expectedVersion: set.version,
    fencingToken: 1,
    changeTicket: 'CHG-1',
  };
}

/** Times that a step is asked for before the test gives up. */
const maxPolls = 2_000;

/** Repeats a step until it has ended. */
export async function untilEnded(step: () => Promise<MoverAnswer>): Promise<MoverAnswer> {
  for (let poll = 0; poll < maxPolls; poll++) {
    const answer = await step();
    if (answer.kind !== 'inProgress') return answer;
    // Lets time pass for fleets whose time is moved between turns of the event loop.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  throw new Error(`the step still runs after ${maxPolls} calls`);
}

/** All steps of a move; answers the shard's version after the transfer. */
export async function runMove(fleet: FleetWorld, call: MoverCall, signal: AbortSignal): Promise<number> {
  const { mover } = fleet;
  expect((await untilEnded(() => mover.prepare(call, signal))).kind).toBe('done');
  expect((await untilEnded(() => mover.drain(call, signal))).kind).toBe('done');
  const transferred = await mover.transfer(call, signal);
  expect((await untilEnded(() => mover.release(call, signal))).kind).toBe('done');
  if (transferred.kind !== 'done') throw new Error(JSON.stringify(transferred));
  return transferred.version;
}
