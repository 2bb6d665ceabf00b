import { describe, expect, test } from 'bun:test';
import { codeThrownBy, type OpenFleet, withFleet } from './fleet-contract.testing.ts';

/** What every source of samples promises, whatever it speaks. */
export function telemetrySourcesContract(name: string, open: OpenFleet): void {
  describe(`the telemetry sources contract, ${name}`, () => {
    test('loads begin with every replica, in columns that fit together', () =>
      withFleet(open, async (fleet, signal) => {
        const expected = new Set<string>();
        for await (const page of fleet.registry.list(fleet.namespace, signal)) {
          for (const set of page.shards)
            for (const each of set.replicas) expected.add(`${set.shard}/${each.number}`);
        }
        for await (const batch of fleet.loads.watch(fleet.namespace, signal)) {
          expect(batch.namespace).toBe(fleet.namespace);
          expect(batch.observedAt).toBeGreaterThan(0);
          expect(batch.replicas).toHaveLength(batch.shards.length);
          expect(batch.loads).toHaveLength(batch.shards.length * batch.dimensions.length);
          expect(batch.loads.every((load) => load >= 0 && Number.isFinite(load))).toBe(true);
          for (const [row, shard] of batch.shards.entries())
            expected.delete(`${shard}/${batch.replicas[row]}`);
          if (expected.size === 0) break;
        }
        expect(expected.size).toBe(0);
      }));

    test('peers begin with every node, and later samples have greater sequences', () =>
      withFleet(open, async (fleet, signal) => {
        const sequences = new Map<string, number>();
        const again = new Set<string>();
        for await (const samples of fleet.peers.watch(signal)) {
          for (const sample of samples) {
            const before = sequences.get(sample.node);
            if (before !== undefined) {
              expect(sample.sequence).toBeGreaterThan(before);
              again.add(sample.node);
            }
            sequences.set(sample.node, sample.sequence);
            expect(sample.weight).toBeGreaterThan(0);
            expect(sample.observedAt).toBeGreaterThan(0);
          }
          if (again.size === fleet.nodes.length) break;
        }
        expect([...again].sort()).toEqual([...fleet.nodes].sort());
      }));

    test('backpressure begins with every queue and measures each again', () =>
      withFleet(open, async (fleet, signal) => {
        const seen = new Map<string, number>();
        for await (const samples of fleet.backpressure.watch(signal)) {
          for (const sample of samples) {
            seen.set(sample.node, (seen.get(sample.node) ?? 0) + 1);
            expect(sample.highWatermark).toBeGreaterThanOrEqual(sample.lowWatermark);
          }
          if (fleet.nodes.every((node) => (seen.get(node) ?? 0) > 1)) break;
        }
        expect(seen.size).toBe(fleet.nodes.length);
      }));

    test('loads of an unknown namespace are refused', () =>
      withFleet(open, async (fleet, signal) => {
        expect(await codeThrownBy(fleet.loads.watch('nobody', signal))).toBe('NAMESPACE_NOT_FOUND');
      }));

    test('every stream ends in order when its signal aborts', () =>
      withFleet(open, async (fleet) => {
        const stop = new AbortController();
        const ends = [
          codeThrownBy(fleet.loads.watch(fleet.namespace, stop.signal)),
          codeThrownBy(fleet.peers.watch(stop.signal)),
          codeThrownBy(fleet.backpressure.watch(stop.signal)),
        ];
        stop.abort();
        expect(await Promise.all(ends)).toEqual(['ended', 'ended', 'ended']);
      }));
  });
}
