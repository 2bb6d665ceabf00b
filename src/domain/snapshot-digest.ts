import { canonicalJson, digestOf } from '../base/digest.ts';
import type { SnapshotContent } from './snapshot.ts';
import { columnsOf, littleEndianBytes } from './snapshot-columns.ts';

/**
 * `sha256:...` over a snapshot's content: the canonical JSON of everything that is not a column, the shard ids, then
 * the columns' bytes. The head states every length, so that no byte can change its meaning by moving to a neighbouring
 * part. A million replicas with three dimensions are about 60 MB to hash.
 *
 * @throws TypeError when a number of the head is not finite
 */
export function digestSnapshot(content: SnapshotContent): string {
  const { shards } = content;
  const columns = columnsOf(shards);
  // JSON escapes quotes and lone surrogates, so that the ids' text is unambiguous.
  const ids = JSON.stringify(shards.ids);
  const head = canonicalJson({
    format: 'meshkit-snapshot/1',
    cluster: content.cluster,
    namespace: content.namespace,
    takenAt: content.takenAt,
    dimensions: content.dimensions,
    nodes: content.nodes,
    quality: content.quality,
    groupNames: shards.groupNames,
    idsLength: ids.length,
    columnLengths: columns.map((column) => column.length),
  });
  return digestOf(head, ids, ...columns.map(littleEndianBytes));
}
