import { describe, expect, test } from 'bun:test';
import type { ReplicaSet } from '../domain/telemetry-sample.ts';
import { codeThrownBy, type FleetWorld, type OpenFleet, take, withFleet } from './fleet-contract.testing.ts';
import { relocationOf, runMove } from './shard-mover.testing.ts';
import type { ShardPage } from './shard-registry.ts';

/** What every shard registry promises, whatever it speaks. */
export function shardRegistryContract(name: string, open: OpenFleet): void {
  describe(`the shard registry contract, ${name}`, () => {
    test('a listing has every shard once, all its pages the same position', () =>
      withFleet(open, async (fleet, signal) => {
        const pages = await listAll(fleet, signal);
        const ids = pages.flatMap((page) => page.shards.map((each) => each.shard));
        expect(new Set(ids).size).toBe(fleet.shards);
        expect(ids).toHaveLength(fleet.shards);
        expect(pages.length).toBeGreaterThan(1);
        expect(new Set(pages.map((page) => page.position)).size).toBe(1);
      }));

    test('a shard has replicas on known and different nodes, and one leader', () =>
      withFleet(open, async (fleet, signal) => {
        for (const set of await shardsOf(fleet, signal)) {
          const nodes = set.replicas.map((each) => each.node);
          expect(new Set(nodes).size).toBe(nodes.length);
          expect(nodes.filter((node) => !fleet.nodes.includes(node))).toEqual([]);
          expect(set.replicas.filter((each) => each.leads)).toHaveLength(1);
          expect(set.version).toBeGreaterThan(0);
        }
      }));

    test('a single read agrees with the listing', () =>
      withFleet(open, async (fleet, signal) => {
        const listed = (await shardsOf(fleet, signal))[3];
        expect(listed).toBeDefined();
        const read = await fleet.registry.get(fleet.namespace, listed?.shard ?? '', signal);
        expect(read.ok && read.value).toEqual(listed ?? false);
      }));

    test('a shard that does not exist is not found', () =>
      withFleet(open, async (fleet, signal) => {
        const read = await fleet.registry.get(fleet.namespace, 'no-such-shard', signal);
        expect(!read.ok && read.error).toMatchObject({
          code: 'SHARD_NOT_FOUND',
          subject: 'shard/no-such-shard',
        });
      }));

    test('a watch tells what changed after its position, in order, and resumes after any change', () =>
      withFleet(open, async (fleet, signal) => {
        const [page] = await listAll(fleet, signal);
        const [first, second] = page?.shards ?? [];
        if (!page || !first || !second) throw new Error('the fleet is empty');
        await runMove(fleet, relocationOf(fleet, first, 'p1/m1'), signal);
        await runMove(fleet, relocationOf(fleet, second, 'p1/m2'), signal);
        const changes = await take(fleet.registry.watch(fleet.namespace, page.position, signal), 2);
        expect(changes.map((each) => each.current.shard)).toEqual([first.shard, second.shard]);
        expect(changes.map((each) => each.removed)).toEqual([false, false]);
        expect(changes[0]?.current.version).toBeGreaterThan(first.version);
        const resumeAt = changes[0]?.position ?? 0;
        expect(changes[1]?.position).toBeGreaterThan(resumeAt);
        const resumed = await take(fleet.registry.watch(fleet.namespace, resumeAt, signal), 1);
        expect(resumed).toEqual(changes.slice(1));
      }));

    test('a watch tells changes as they happen', () =>
      withFleet(open, async (fleet, signal) => {
        const [page] = await listAll(fleet, signal);
        const set = page?.shards[5];
        if (!page || !set) throw new Error('the fleet is empty');
        const seen = take(fleet.registry.watch(fleet.namespace, page.position, signal), 1);
        const call = relocationOf(fleet, set, 'p1/m1');
        await runMove(fleet, call, signal);
        const nodes = (await seen)[0]?.current.replicas.map((each) => each.node);
        expect(nodes).toContain(call.destination);
      }));

    test('a position from the future is refused', () =>
      withFleet(open, async (fleet, signal) => {
        const watch = fleet.registry.watch(fleet.namespace, Number.MAX_SAFE_INTEGER - 1, signal);
        expect(await codeThrownBy(watch)).toBe('RESUME_TOKEN_INVALID');
      }));

    test('an unknown namespace is refused', () =>
      withFleet(open, async (fleet, signal) => {
        expect(await codeThrownBy(fleet.registry.list('nobody', signal))).toBe('NAMESPACE_NOT_FOUND');
        expect(await codeThrownBy(fleet.registry.watch('nobody', 1, signal))).toBe('NAMESPACE_NOT_FOUND');
      }));

    test('a watch ends in order when its signal aborts', () =>
      withFleet(open, async (fleet, signal) => {
        const [page] = await listAll(fleet, signal);
        const stop = new AbortController();
        const ended = codeThrownBy(fleet.registry.watch(fleet.namespace, page?.position ?? 0, stop.signal));
        stop.abort();
        expect(await ended).toBe('ended');
      }));
  });
}

async function listAll(fleet: FleetWorld, signal: AbortSignal): Promise<ShardPage[]> {
  const pages: ShardPage[] = [];
  for await (const page of fleet.registry.list(fleet.namespace, signal)) pages.push(page);
  return pages;
}

async function shardsOf(fleet: FleetWorld, signal: AbortSignal): Promise<ReplicaSet[]> {
  return (await listAll(fleet, signal)).flatMap((page) => page.shards);
}
