import type { LabelRule, PinRule, Policy, ShardSelector } from './policy.ts';
import { spreadLevels } from './policy-field-table.ts';
import type { PolicyFindings } from './policy-findings.ts';

/** Rules of a kind that are compared with each other; further ones are checked on their own only. */
const maxRulesCompared = 500;

/** Fields that cannot hold together: POLICY_CONTRADICTORY. */
export function checkContradictions(policy: Policy, found: PolicyFindings): void {
  checkOrders(policy, found);
  checkDuplicates(policy, found);
  checkApprovals(policy, found);
  checkChangeControl(policy, found);
  checkPins(policy.placement.pins.slice(0, maxRulesCompared), found);
  checkLabels(policy.placement.labels.slice(0, maxRulesCompared), found);
  checkSpread(policy, found);
}

/** Pairs of which the first must not exceed the second. */
function checkOrders(policy: Policy, found: PolicyFindings): void {
  const { triggers, execution } = policy;
  const pairs: [string, number, string, number, string][] = [
    ['execution.backoffMs', execution.backoffMs, 'execution.maxBackoffMs', execution.maxBackoffMs, ''],
    [
      'execution.stepTimeoutMs',
      execution.stepTimeoutMs,
      'execution.moveTimeoutMs',
      execution.moveTimeoutMs,
      '',
    ],
    ['triggers.backoffMs', triggers.backoffMs, 'triggers.maxBackoffMs', triggers.maxBackoffMs, ''],
  ];
  for (const name of ['peakToMean', 'overTarget', 'distress'] as const) {
    const { enter, clear } = triggers[name];
    const why = ': the controller would flap between the two';
    pairs.push([`triggers.${name}.clear`, clear, `triggers.${name}.enter`, enter, why]);
  }
  for (const [i, dimension] of policy.dimensions.entries()) {
    const { targetUtilization, hardLimit } = dimension;
    pairs.push([
      `dimensions[${i}].targetUtilization`,
      targetUtilization,
      `dimensions[${i}].hardLimit`,
      hardLimit,
      ': a node could never reach its target',
    ]);
  }
  for (const [lower, value, upper, limit, why] of pairs) {
    if (!(value > limit)) continue;
    found.add('POLICY_CONTRADICTORY', `${lower} (${value}) is above ${upper} (${limit})${why}`, lower, {
      value,
      limit,
      remedy: `Lower ${lower} or raise ${upper}.`,
    });
  }
}

function checkDuplicates(policy: Policy, found: PolicyFindings): void {
  const lists: [string, readonly { readonly name: string }[]][] = [
    ['dimensions', policy.dimensions],
    ['scoring.adapters', policy.scoring.adapters],
    ['approvals.tiers', policy.approvals.tiers],
  ];
  for (const [path, items] of lists) {
    const first = new Map<string, number>();
    for (const [i, { name }] of items.entries()) {
      const earlier = first.get(name);
      if (earlier === undefined) {
        first.set(name, i);
        continue;
      }
      found.add(
        'POLICY_CONTRADICTORY',
        `${path}[${i}] repeats "${name}" of ${path}[${earlier}]`,
        `${path}[${i}].name`,
        {
          value: name,
          limit: 'every name once',
          remedy: 'Remove one of the two.',
        },
      );
    }
  }
}

function checkApprovals(policy: Policy, found: PolicyFindings): void {
  const { required, excludeAuthor, tiers } = policy.approvals;
  for (const [i, tier] of tiers.entries()) {
    if (tier.required >= required) continue;
    const field = `approvals.tiers[${i}].required`;
    const message = `the tier ${tier.name} asks for ${tier.required} approvals, fewer than the ${required} of every plan`;
    const remedy = `Ask for at least ${required} in the tier, or for fewer in approvals.required.`;
    found.add('POLICY_CONTRADICTORY', message, field, { value: tier.required, limit: required, remedy });
  }
  if (excludeAuthor && required === 0 && tiers.every((tier) => tier.required === 0)) {
    const message = 'approvals.excludeAuthor is set, but no plan needs an approval';
    const remedy = 'Ask for at least one approval, or set excludeAuthor to false.';
    found.add('POLICY_CONTRADICTORY', message, 'approvals.excludeAuthor', { value: true, limit: 0, remedy });
  }
}

function checkChangeControl(policy: Policy, found: PolicyFindings): void {
  for (const [i, window] of policy.changeControl.windows.entries()) {
    if (window.start !== window.end) continue;
    const path = `changeControl.windows[${i}]`;
    found.add('POLICY_CONTRADICTORY', `${path} ends when it starts, at ${window.start}`, `${path}.end`, {
      value: window.end,
      limit: `another time than ${window.start}`,
      remedy: 'For a whole day use two windows, 00:00 to 12:00 and 12:00 to 00:00.',
    });
  }
  for (const [i, freeze] of policy.changeControl.freezes.entries()) {
    if (freeze.until > freeze.from) continue;
    const path = `changeControl.freezes[${i}].until`;
    const rest = { value: freeze.until, limit: freeze.from, remedy: 'Let the freeze end after it begins.' };
    found.add('POLICY_CONTRADICTORY', 'the freeze ends before it begins', path, rest);
  }
}

/** Pairs of pins on certainly common shards that leave these shards no node. */
function checkPins(pins: readonly PinRule[], found: PolicyFindings): void {
  const sets = pins.map((pin) => new Set(pin.nodes));
  for (const [i, pin] of pins.entries()) {
    if (pin.effect !== 'only' || pin.nodes.length === 0) continue;
    for (const [j, other] of pins.entries()) {
      if (i === j || other.effect === 'stay' || !certainlyOverlap(pin.select, other.select)) continue;
      // Two `only` rules are one pair; report it at the later of the two.
      if (other.effect === 'only' && j > i) continue;
      const named = sets[j] ?? new Set<string>();
      const possible = pin.nodes.some((node) =>
        other.effect === 'only' ? named.has(node) : !named.has(node),
      );
      if (possible) continue;
      const field = `placement.pins[${i}]`;
      const message = `${field} and placement.pins[${j}] exclude each other: no node is left for their shards`;
      const remedy = 'Name a node that both rules allow, or remove one of them.';
      found.add('POLICY_CONTRADICTORY', message, field, {
        value: pin.nodes.slice(0, 5).join(', '),
        limit: j,
        remedy,
      });
    }
  }
}

/** Pairs of label rules on certainly common shards that no node can satisfy. */
function checkLabels(rules: readonly LabelRule[], found: PolicyFindings): void {
  for (const [i, rule] of rules.entries()) {
    if (rule.effect !== 'require' || rule.values.length === 0) continue;
    for (const [j, other] of rules.entries()) {
      if (i === j || other.label !== rule.label || !certainlyOverlap(rule.select, other.select)) continue;
      if (other.effect === 'require' && j > i) continue;
      const named = new Set(other.values);
      const possible = rule.values.some((value) =>
        other.effect === 'require' ? named.has(value) : !named.has(value),
      );
      if (possible) continue;
      const field = `placement.labels[${i}]`;
      const message = `${field} and placement.labels[${j}] exclude each other: no value of ${rule.label} satisfies both`;
      const remedy = 'Name a value that both rules allow, or remove one of them.';
      found.add('POLICY_CONTRADICTORY', message, field, {
        value: rule.values.slice(0, 5).join(', '),
        limit: j,
        remedy,
      });
    }
  }
}

/** Whether two selectors have shards in common in every fleet: one selects all, or both select the same. */
function certainlyOverlap(left: ShardSelector, right: ShardSelector): boolean {
  const selectsAll = (select: ShardSelector): boolean =>
    select.group === undefined && select.prefix === undefined && select.shards === undefined;
  if (selectsAll(left) || selectsAll(right)) return true;
  const sameShards = JSON.stringify(left.shards ?? []) === JSON.stringify(right.shards ?? []);
  return left.group === right.group && left.prefix === right.prefix && sameShards;
}

/** A spread rule after one of its level that selects everything is never reached. */
function checkSpread(policy: Policy, found: PolicyFindings): void {
  const { spread, dependencies } = policy.placement;
  for (const level of spreadLevels) {
    const all = spread.findIndex(
      ({ select, level: own }) =>
        own === level &&
        select.group === undefined &&
        select.prefix === undefined &&
        select.shards === undefined,
    );
    const never = spread.findIndex((rule, index) => index > all && rule.level === level);
    if (all < 0 || never < 0) continue;
    const field = `placement.spread[${never}]`;
    const message = `${field} is never reached: placement.spread[${all}] before it selects every shard`;
    const remedy = 'Put the rule that selects every shard last among those of its level.';
    found.add('POLICY_CONTRADICTORY', message, field, { value: never, limit: all, remedy });
  }
  for (const [i, rule] of dependencies.entries()) {
    if (rule.group !== rule.dependsOn) continue;
    const path = `placement.dependencies[${i}].dependsOn`;
    const rest = { value: rule.group, limit: 'another group', remedy: 'Name the group that it depends on.' };
    found.add('POLICY_CONTRADICTORY', `the group ${rule.group} depends on itself`, path, rest);
  }
}
