import type { ShardSelector, SpreadRule } from '../domain/policy.ts';

/** The spread rule of a shard: the first whose selector matches; undefined when none does. */
export function spreadRuleOf(
  rules: readonly SpreadRule[],
  shard: string,
  group: string,
): SpreadRule | undefined {
  return rules.find((rule) => selects(rule.select, shard, group));
}

/** Whether every given part of the selector matches. */
export function selects(select: ShardSelector, shard: string, group: string): boolean {
  if (select.group !== undefined && select.group !== group) return false;
  if (select.prefix !== undefined && !shard.startsWith(select.prefix)) return false;
  return select.shards === undefined || select.shards.includes(shard);
}
