import { describe, expect, test } from 'bun:test';
import type { ReplicaSet } from '../domain/telemetry-sample.ts';
import { type FleetWorld, type OpenFleet, withFleet } from './fleet-contract.testing.ts';
import { relocationOf, runMove, untilEnded } from './shard-mover.testing.ts';
import type { MoverAnswer } from './shard-mover.ts';

/** What every shard mover promises, whatever it speaks. */
export function shardMoverContract(name: string, open: OpenFleet): void {
  describe(`the shard mover contract, ${name}`, () => {
    test('a relocation changes the owner, raises the version and keeps the number of the replica', () =>
      withFleet(open, async (fleet, signal) => {
        const set = await someShard(fleet, signal);
        const call = relocationOf(fleet, set, 'p1/m1');
        const version = await runMove(fleet, call, signal);
        const after = await fleet.registry.get(fleet.namespace, set.shard, signal);
        if (!after.ok) throw new Error(after.error.message);
        expect(after.value.version).toBe(version);
        expect(version).toBeGreaterThan(set.version);
        expect(after.value.replicas.find((each) => each.number === call.replica)?.node).toBe(
          call.destination,
        );
        expect(await fleet.mover.status(call, signal)).toEqual({ kind: 'known', phase: 'released', version });
      }));

    test('a leadership transfer needs no copy and moves no replica', () =>
      withFleet(open, async (fleet, signal) => {
        const set = await someShard(fleet, signal);
        const follower = set.replicas.find((each) => !each.leads);
        if (!follower) throw new Error('the shard has no follower');
        const call = {
          ...relocationOf(fleet, set, 'p1/m1'),
          kind: 'transferLeadership' as const,
          successor: follower.number,
          destination: follower.node,
        };
        expect((await fleet.mover.transfer(call, signal)).kind).toBe('done');
        const after = await fleet.registry.get(fleet.namespace, set.shard, signal);
        if (!after.ok) throw new Error(after.error.message);
        expect(after.value.replicas.find((each) => each.leads)?.number).toBe(follower.number);
        expect(after.value.replicas.map((each) => each.node)).toEqual(set.replicas.map((each) => each.node));
      }));

    test('repeating a step answers what it did the first time', () =>
      withFleet(open, async (fleet, signal) => {
        const call = relocationOf(fleet, await someShard(fleet, signal), 'p1/m1');
        const version = await runMove(fleet, call, signal);
        expect(await fleet.mover.prepare(call, signal)).toMatchObject({ kind: 'done' });
        expect(await fleet.mover.transfer(call, signal)).toEqual({ kind: 'done', version });
        expect(await fleet.mover.release(call, signal)).toMatchObject({ kind: 'done' });
      }));

    test('a transfer from another version than expected is refused', () =>
      withFleet(open, async (fleet, signal) => {
        const set = await someShard(fleet, signal);
        const call = { ...relocationOf(fleet, set, 'p1/m1'), expectedVersion: set.version + 7 };
        expect(await firstRefusal(fleet, call, signal)).toBe('MOVE_VERSION_CONFLICT');
        const after = await fleet.registry.get(fleet.namespace, set.shard, signal);
        expect(after.ok && after.value.version).toBe(set.version);
      }));

    test('a call with an older fencing token than was seen is refused', () =>
      withFleet(open, async (fleet, signal) => {
        const set = await someShard(fleet, signal);
        const newer = { ...relocationOf(fleet, set, 'p1/m1'), fencingToken: 9 };
        await runMove(fleet, newer, signal);
        const stale = { ...relocationOf(fleet, await someShard(fleet, signal), 'p0/m1'), fencingToken: 8 };
        expect(codeOf(await fleet.mover.prepare(stale, signal))).toBe('LEASE_LOST');
      }));

    test('a move that has not transferred can be undone, one that has cannot', () =>
      withFleet(open, async (fleet, signal) => {
        const set = await someShard(fleet, signal);
        const undone = relocationOf(fleet, set, 'p1/m1');
        await untilEnded(() => fleet.mover.prepare(undone, signal));
        expect((await fleet.mover.abort(undone, signal)).kind).toBe('done');
        expect(await fleet.mover.status(undone, signal)).toMatchObject({ kind: 'known', phase: 'aborted' });
        const same = await fleet.registry.get(fleet.namespace, set.shard, signal);
        expect(same.ok && same.value.replicas).toEqual([...set.replicas]);
        const done = relocationOf(fleet, set, 'p1/m2');
        await runMove(fleet, done, signal);
        expect((await fleet.mover.abort(done, signal)).kind).toBe('refused');
      }));

    test('a move of which nothing arrived is unknown', () =>
      withFleet(open, async (fleet, signal) => {
        const call = relocationOf(fleet, await someShard(fleet, signal), 'p9/m9');
        expect(await fleet.mover.status(call, signal)).toEqual({ kind: 'unknownMove' });
      }));

    test('a shard and a node that do not exist are refused by name', () =>
      withFleet(open, async (fleet, signal) => {
        const call = relocationOf(fleet, await someShard(fleet, signal), 'p1/m1');
        expect(codeOf(await fleet.mover.prepare({ ...call, shard: 'no-such' }, signal))).toBe(
          'SHARD_NOT_FOUND',
        );
        const nowhere = { ...call, moveKey: 'p1/m2', destination: 'no-such' };
        expect(codeOf(await fleet.mover.prepare(nowhere, signal))).toBe('NODE_NOT_FOUND');
      }));

    test('a call that is given up says that nobody knows', () =>
      withFleet(open, async (fleet, signal) => {
        const call = relocationOf(fleet, await someShard(fleet, signal), 'p1/m1');
        const answer = await fleet.mover.prepare(call, AbortSignal.abort());
        expect(answer).toMatchObject({ kind: 'unreachable', problem: { code: 'FLEET_UNREACHABLE' } });
      }));
  });
}

async function someShard(fleet: FleetWorld, signal: AbortSignal): Promise<ReplicaSet> {
  for await (const page of fleet.registry.list(fleet.namespace, signal)) {
    const set = page.shards[1];
    if (set) return set;
  }
  throw new Error('the fleet is empty');
}

function codeOf(answer: MoverAnswer): string {
  return answer.kind === 'refused' ? answer.problem.code : answer.kind;
}

/** The code of the first step up to the transfer that is refused; a fleet may look at the version earlier. */
async function firstRefusal(
  fleet: FleetWorld,
  call: Parameters<FleetWorld['mover']['prepare']>[0],
  signal: AbortSignal,
): Promise<string> {
  for (const step of ['prepare', 'drain', 'transfer'] as const) {
    const answer = await untilEnded(() => fleet.mover[step](call, signal));
    if (answer.kind !== 'done') return codeOf(answer);
  }
  return 'done';
}
