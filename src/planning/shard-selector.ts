import type { ShardSelector } from '../domain/policy.ts';

/** A selector made ready for many shards: every given part must match, an empty selector matches all. */
export function compileSelector(selector: ShardSelector): (shard: string, group: string) => boolean {
  const ids = selector.shards && new Set(selector.shards);
  return (shard, group) =>
    (selector.group === undefined || selector.group === group) &&
    (selector.prefix === undefined || shard.startsWith(selector.prefix)) &&
    (ids === undefined || ids.has(shard));
}
