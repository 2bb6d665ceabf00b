import type { Policy, ShardSelector } from './policy.ts';
import { maxPolicyFactor, spreadLevels } from './policy-field-table.ts';
import type { PolicyFindings } from './policy-findings.ts';

/** Entries of the lists that people write by hand. */
export const maxPolicyListEntries = 1_000;
/** Rules about placement, which programs may write: one per service. */
export const maxPlacementRules = 10_000;
/** Dependencies are found by group and not compared; a namespace of many services has thousands of them. */
export const maxDependencyRules = 100_000;
/** Shards or nodes that one rule names; more are better said by a group, a prefix or a label. */
export const maxNamesPerRule = 10_000;

/** Planner extensions of one policy: each is asked about every candidate of the search. */
export const maxExtensions = 16;

/** The rules of a policy (spread, labels, pins, dependencies, prices) and the lengths of all its lists. */
export function checkRules(policy: Policy, found: PolicyFindings): void {
  checkLengths(policy, found);
  const { spread, labels, pins, dependencies } = policy.placement;
  const count = { kind: 'count', min: 0, max: 100_000 } as const;
  for (const [i, rule] of spread.entries()) {
    const path = `placement.spread[${i}]`;
    checkSelector(rule.select, `${path}.select`, found);
    found.choice(`${path}.level`, rule.level, spreadLevels);
    found.number(`${path}.minDomains`, rule.minDomains, count);
    found.number(`${path}.maxPerDomain`, rule.maxPerDomain, count);
  }
  for (const [i, rule] of labels.entries()) {
    const path = `placement.labels[${i}]`;
    checkSelector(rule.select, `${path}.select`, found);
    found.choice(`${path}.effect`, rule.effect, ['require', 'forbid']);
    found.text(`${path}.label`, rule.label);
    // None: any value counts.
    if (rule.values.length > 0) checkNames(rule.values, `${path}.values`, 'value', found);
  }
  for (const [i, rule] of pins.entries()) {
    const path = `placement.pins[${i}]`;
    checkSelector(rule.select, `${path}.select`, found);
    found.choice(`${path}.effect`, rule.effect, ['stay', 'only', 'never']);
    if (rule.effect !== 'stay') checkNames(rule.nodes, `${path}.nodes`, 'node', found);
  }
  for (const [i, rule] of dependencies.entries()) {
    const path = `placement.dependencies[${i}]`;
    found.text(`${path}.group`, rule.group);
    found.text(`${path}.dependsOn`, rule.dependsOn);
    found.choice(`${path}.level`, rule.level, spreadLevels);
  }
  for (const [i, rule] of policy.benefit.shardPrices.entries()) {
    const path = `benefit.shardPrices[${i}]`;
    checkSelector(rule.select, `${path}.select`, found);
    found.number(`${path}.price`, rule.price, { kind: 'number', min: 0, max: maxPolicyFactor });
  }
}

function checkLengths(policy: Policy, found: PolicyFindings): void {
  const lists: readonly [string, number, number?][] = [
    ['dimensions', policy.dimensions.length],
    ['scoring.adapters', policy.scoring.adapters.length],
    ['placement.spread', policy.placement.spread.length, maxPlacementRules],
    ['placement.labels', policy.placement.labels.length, maxPlacementRules],
    ['placement.pins', policy.placement.pins.length, maxPlacementRules],
    ['placement.dependencies', policy.placement.dependencies.length, maxDependencyRules],
    ['placement.extensions', policy.placement.extensions.length, maxExtensions],
    ['benefit.shardPrices', policy.benefit.shardPrices.length, maxPlacementRules],
    ['approvals.groups', policy.approvals.groups.length],
    ['approvals.tiers', policy.approvals.tiers.length],
    ['approvals.automatic', policy.approvals.automatic.length],
    ['changeControl.windows', policy.changeControl.windows.length],
    ['changeControl.freezes', policy.changeControl.freezes.length],
  ];
  for (const [field, length, most = maxPolicyListEntries] of lists) {
    if (length <= most) continue;
    found.add('POLICY_INVALID', `${field} has ${length} entries`, field, {
      value: length,
      limit: most,
      remedy: 'Say the same with fewer entries.',
    });
  }
}

function checkNames(names: readonly string[], path: string, noun: string, found: PolicyFindings): void {
  if (names.length === 0 || names.length > maxNamesPerRule) {
    found.add('POLICY_INVALID', `${path} names ${names.length} ${noun}s`, path, {
      value: names.length,
      limit: `1 to ${maxNamesPerRule}`,
      remedy: `Name at least one ${noun}, or remove the rule.`,
    });
  }
  for (const [i, name] of names.slice(0, maxNamesPerRule).entries()) {
    if (name === '') found.text(`${path}[${i}]`, name);
  }
}

function checkSelector(select: ShardSelector, path: string, found: PolicyFindings): void {
  if (select.group !== undefined) found.text(`${path}.group`, select.group);
  if (select.prefix !== undefined) found.text(`${path}.prefix`, select.prefix);
  if (select.shards !== undefined) checkNames(select.shards, `${path}.shards`, 'shard', found);
}
