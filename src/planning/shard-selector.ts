import type { ShardSelector } from '../domain/policy.ts';
import type { ShardTable } from '../domain/snapshot.ts';

/** A selector made ready for many shards: every given part must match, an empty selector matches all. */
export function compileSelector(selector: ShardSelector): (shard: string, group: string) => boolean {
  const ids = selector.shards && new Set(selector.shards);
  return (shard, group) =>
    (selector.group === undefined || selector.group === group) &&
    (selector.prefix === undefined || shard.startsWith(selector.prefix)) &&
    (ids === undefined || ids.has(shard));
}

/**
 * 1 per shard that the selector matches; null when it matches all. Ids are looked at only where the selector speaks of
 * them: an empty one costs nothing, one by group a comparison of numbers per shard.
 */
export function selectShards(selector: ShardSelector, shards: ShardTable): Uint8Array | null {
  const { group, prefix, shards: ids } = selector;
  if (group === undefined && prefix === undefined && ids === undefined) return null;
  const selected = new Uint8Array(shards.ids.length);
  const matches = compileSelector({ ...selector, group: undefined });
  const wanted = group === undefined ? null : shards.groupNames.map((name) => name === group);
  const ofNone = group === undefined || group === '';
  for (let shard = 0; shard < selected.length; shard++) {
    const own = shards.groups[shard];
    if (wanted !== null && !(own < 0 ? ofNone : wanted[own])) continue;
    if ((prefix === undefined && ids === undefined) || matches(shards.ids[shard], '')) selected[shard] = 1;
  }
  return selected;
}
