import { canonicalJson, digestOf } from '../base/digest.ts';
import type { SnapshotContent } from './snapshot.ts';
import { columnsOf, littleEndianBytes } from './snapshot-columns.ts';

/**
 * `sha256:...` over a snapshot's content: the canonical JSON of everything that is not a column, the columns' bytes,
 * the lengths of the shard ids, and the ids as one text. The head states the length of every column and the lengths
 * those of the ids, so that no byte can change its meaning by moving to a neighbour. A million replicas with three
 * dimensions are about 60 MB to hash; the ids' JSON would take longer than that.
 *
 * @throws TypeError when a number of the head is not finite
 */
export function digestSnapshot(content: SnapshotContent): string {
  const { shards } = content;
  const columns = [...columnsOf(shards), idLengths(shards.ids)];
  const head = canonicalJson({
    format: 'meshkit-snapshot/1',
    cluster: content.cluster,
    namespace: content.namespace,
    takenAt: content.takenAt,
    dimensions: content.dimensions,
    nodes: content.nodes,
    quality: content.quality,
    groupNames: shards.groupNames,
    columnLengths: columns.map((column) => column.length),
  });
  return digestOf(head, ...columns.map(littleEndianBytes), shards.ids.join(''));
}

/** In UTF-16 code units. */
function idLengths(ids: readonly string[]): Int32Array {
  const lengths = new Int32Array(ids.length);
  for (const [index, id] of ids.entries()) lengths[index] = id.length;
  return lengths;
}
