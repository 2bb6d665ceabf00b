import type { ShardSelector, SpreadRule } from '../domain/policy.ts';

const levels = ['rack', 'zone', 'region'] as const;

/** The spread rules of a shard: of each level the first whose selector matches. */
export function spreadRulesOf(
  rules: readonly SpreadRule[],
  shard: string,
  group: string,
): readonly SpreadRule[] {
  return levels.flatMap((level) => {
    const first = rules.find((rule) => rule.level === level && selects(rule.select, shard, group));
    return first ? [first] : [];
  });
}

/** Whether every given part of the selector matches. */
export function selects(select: ShardSelector, shard: string, group: string): boolean {
  if (select.group !== undefined && select.group !== group) return false;
  if (select.prefix !== undefined && !shard.startsWith(select.prefix)) return false;
  return select.shards === undefined || select.shards.includes(shard);
}
