import { cluster, namespace } from './world.ts';

/** A snapshot file as people write it: rows. Tests damage copies of it. */
export interface SnapshotFile {
  cluster: string;
  namespace: string;
  takenAt: string;
  dimensions: { name: string; unit: string }[];
  nodes: { id: string; zone: string; capacity: number[]; status?: string }[];
  shardRows: {
    id: string;
    version: number;
    replicas: { number: number; node: string; leads?: boolean; bytes: number; loads: number[] }[];
  }[];
}

/** Twelve shards of two replicas on four nodes in two zones, most of the load on the first node of each zone. */
export function unevenSnapshot(): SnapshotFile {
  const nodes = ['a1', 'a2', 'b1', 'b2'].map((id) => ({ id, zone: id.slice(0, 1), capacity: [100, 200] }));
  const shardRows = Array.from({ length: 12 }, (_, index) => {
    const [first, second] = index < 9 ? ['a1', 'b1'] : ['a2', 'b2'];
    return {
      id: `s${String(index).padStart(2, '0')}`,
      version: 1,
      replicas: [
        { number: 0, node: first, leads: true, bytes: 1e9, loads: [4 + (index % 3), 8] },
        { number: 1, node: second, bytes: 1e9, loads: [2, 8] },
      ],
    };
  });
  return {
    cluster,
    namespace,
    takenAt: '2026-11-23T12:00:00Z',
    dimensions: [
      { name: 'cpu', unit: 'cores' },
      { name: 'memory', unit: 'GiB' },
    ],
    nodes,
    shardRows,
  };
}

/** The same with dimensions whose loads do not change with the time of day: what is read of such a fleet stays the same. */
export function steadySnapshot(): SnapshotFile {
  return {
    ...unevenSnapshot(),
    dimensions: [
      { name: 'disk', unit: 'GiB' },
      { name: 'memory', unit: 'GiB' },
    ],
  };
}
