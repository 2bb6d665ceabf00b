import { err, ok, type Result } from '../base/result.ts';
import type { ShardTable, SnapshotContent } from './snapshot.ts';
import { maxLoad } from './snapshot-validate.ts';
import { type ChangeProblem, maxFactor, type ScaleLoads } from './what-if-change.ts';
import { columnsNamed, factorProblem, outOfRange, someOf } from './what-if-checks.ts';

/** The fleet with more or less load on the shards chosen. */
export function scaleLoads(
  content: SnapshotContent,
  change: ScaleLoads,
): Result<SnapshotContent, ChangeProblem> {
  const { factor, shards: choice } = change;
  if (!(factor >= 0 && factor <= maxFactor)) return err(factorProblem('load', factor, 'at least 0'));
  const columns = columnsNamed(content.dimensions, change.dimension);
  if (!columns.ok) return columns;
  const { shards } = content;
  const group = choice.group === '' ? -1 : shards.groupNames.indexOf(choice.group);
  if (choice.group !== '' && group < 0) return err(unknownGroup(choice.group, shards));
  const width = content.dimensions.length;
  const replicaLoads = shards.replicaLoads.slice();
  let matched = 0;
  for (let s = 0; s < shards.ids.length; s++) {
    const id = shards.ids[s];
    if (choice.shard !== '' && choice.shard !== id) continue;
    if (!id.startsWith(choice.prefix) || (group >= 0 && shards.groups[s] !== group)) continue;
    matched += 1;
    for (let r = shards.replicaOffsets[s]; r < shards.replicaOffsets[s + 1]; r++) {
      for (const d of columns.value) {
        const load = replicaLoads[r * width + d] * factor;
        if (load > maxLoad) return err(outOfRange('load', factor, `shard/${id}`));
        replicaLoads[r * width + d] = load;
      }
    }
  }
  if (matched === 0) return err(noShard(choice));
  return ok({ ...content, shards: { ...shards, replicaLoads } });
}

function unknownGroup(group: string, shards: ShardTable): ChangeProblem {
  return {
    code: 'FIELD_INVALID',
    message: `no shard of the fleet is of group ${group}`,
    field: 'group',
    value: group,
    limit: someOf(shards.groupNames),
    remedy: 'Name one of the groups of the fleet.',
  };
}

function noShard({ shard, prefix, group }: ScaleLoads['shards']): ChangeProblem {
  const given = Object.entries({ shard, prefix, group }).filter(([, value]) => value !== '');
  const what = given.map(([name, value]) => `${name} ${value}`).join(' and ');
  return {
    code: 'SHARD_NOT_FOUND',
    message: `no shard of the fleet has ${what}`,
    field: given[0]?.[0] ?? 'shard',
    value: given.map(([, value]) => value).join(', '),
    limit: 'at least one shard',
    remedy: 'See the ids in the snapshot: mesh snapshot export.',
  };
}
