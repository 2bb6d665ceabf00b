import type { Node } from '../domain/node.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { buildSnapshot, type ShardInput } from '../domain/snapshot-builder.ts';

/** The fleet that the execution's tests start from. */

export const cluster = 'east';
export const namespace = 'orders';
export const zones = ['a', 'b', 'c'];
export const mib = 1_048_576;

export function sampleNodes(): Node[] {
  return zones.flatMap((zone) =>
    [1, 2].map((number) => ({
      id: `${zone}${number}`,
      region: 'r',
      zone,
      rack: '',
      labels: {},
      weight: 1,
      status: 'alive' as const,
      adminState: 'active' as const,
      capacity: [100, 1_000],
      signals: {},
    })),
  );
}

export function sampleShards(count: number): ShardInput[] {
  return Array.from({ length: count }, (_, index) =>
    shardInput(`s${String(index).padStart(2, '0')}`, 1, (number) => ({
      node: `${zones[number]}1`,
      leads: number === 0,
    })),
  );
}

export function shardInput(
  id: string,
  version: number,
  place: (number: number) => { readonly node: string; readonly leads: boolean },
): ShardInput {
  const replicas = [0, 1, 2].map((number) => ({ number, bytes: 64 * mib, loads: [1, 1], ...place(number) }));
  return { id, version, status: 'active', group: '', replicas };
}

export function snapshotOf(
  takenAt: number,
  fleetNodes: readonly Node[],
  shards: readonly ShardInput[],
): Snapshot {
  const built = buildSnapshot({
    cluster,
    namespace,
    takenAt,
    dimensions: [
      { name: 'cpu', unit: 'cores' },
      { name: 'disk', unit: 'GiB' },
    ],
    nodes: fleetNodes,
    shards,
    quality: { completeness: 1, stalenessMs: 0, sources: [] },
  });
  if (!built.ok) throw new Error(built.error[0]?.message);
  return built.value;
}
