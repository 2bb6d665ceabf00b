import { replicaCountDimension } from './dimension.ts';
import type { KnownExtension } from './extension-parameter.ts';
import { domainOf } from './node.ts';
import type { Policy } from './policy.ts';
import type { PolicyFindings } from './policy-findings.ts';
import { checkExtensionNames } from './policy-validate-extensions.ts';
import type { Snapshot } from './snapshot.ts';

/** What a policy is checked against, as far as it is known. */
export interface PolicyWorld {
  readonly snapshot?: Snapshot;
  /** The scoring adapters that are loaded; absent when that is not known (offline). */
  readonly adapters?: readonly KnownAdapter[];
  /** The planner extensions that are loaded; absent when that is not known. */
  readonly extensions?: readonly KnownExtension[];
}

export interface KnownAdapter {
  readonly name: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly minimum: number;
    readonly maximum: number;
  }[];
}

/** Names that the fleet or the service does not have, and rules that this fleet can never satisfy. */
export function checkWorld(policy: Policy, world: PolicyWorld, found: PolicyFindings): void {
  if (world.adapters) checkAdapters(policy, world.adapters, found);
  if (world.extensions) checkExtensionNames(policy.placement.extensions, world.extensions, found);
  if (!world.snapshot) return;
  checkDimensions(policy, world.snapshot, found);
  checkNodes(policy, world.snapshot, found);
  checkGroups(policy, world.snapshot, found);
  checkReplicas(policy, world.snapshot, found);
  checkSpread(policy, world.snapshot, found);
}

function checkAdapters(policy: Policy, adapters: readonly KnownAdapter[], found: PolicyFindings): void {
  const known = new Map(adapters.map((adapter) => [adapter.name, adapter]));
  for (const [i, { name, parameters }] of policy.scoring.adapters.entries()) {
    const path = `scoring.adapters[${i}]`;
    const adapter = known.get(name);
    if (!adapter) {
      const remedy = 'Correct the name, or load the adapter as a module in the configuration.';
      const rest = { value: name, limit: [...known.keys()].join(', '), remedy };
      found.add(
        'POLICY_ADAPTER_UNKNOWN',
        `no scoring adapter named "${name}" is loaded`,
        `${path}.name`,
        rest,
      );
      continue;
    }
    for (const [parameter, value] of Object.entries(parameters)) {
      const field = `${path}.parameters.${parameter}`;
      const schema = adapter.parameters.find((each) => each.name === parameter);
      const names = adapter.parameters.map((each) => each.name).join(', ');
      if (!schema) {
        const rest = {
          value: parameter,
          limit: names,
          remedy: `Use one of: ${names || 'none; it takes no parameters'}.`,
        };
        found.add(
          'POLICY_ADAPTER_PARAMETER',
          `the adapter ${name} has no parameter "${parameter}"`,
          field,
          rest,
        );
      } else if (!(value >= schema.minimum && value <= schema.maximum)) {
        const limit = `${schema.minimum} to ${schema.maximum}`;
        const rest = { value, limit, remedy: `Use a value from ${limit}.` };
        found.add('POLICY_ADAPTER_PARAMETER', `${field} is ${value}`, field, rest);
      }
    }
  }
}

function checkDimensions(policy: Policy, snapshot: Snapshot, found: PolicyFindings): void {
  const known = new Set(snapshot.dimensions.map((dimension) => dimension.name));
  for (const [i, { name }] of policy.dimensions.entries()) {
    if (known.has(name) || name === replicaCountDimension) continue;
    const limit = [...known, replicaCountDimension].join(', ');
    const rest = { value: name, limit, remedy: 'Correct the name, or report loads in this dimension.' };
    const message = `the snapshot has no dimension "${name}"`;
    found.add('POLICY_DIMENSION_UNKNOWN', message, `dimensions[${i}].name`, rest);
  }
}

function checkNodes(policy: Policy, snapshot: Snapshot, found: PolicyFindings): void {
  const known = new Set(snapshot.nodes.map((node) => node.id));
  for (const [i, pin] of policy.placement.pins.entries()) {
    for (const [n, node] of pin.nodes.entries()) {
      if (known.has(node)) continue;
      const field = `placement.pins[${i}].nodes[${n}]`;
      const rest = {
        value: node,
        subject: `node/${node}`,
        remedy: 'Correct the id; list the peers to see them.',
      };
      found.add('POLICY_NODE_UNKNOWN', `the fleet has no node "${node}"`, field, rest);
    }
  }
}

function checkGroups(policy: Policy, snapshot: Snapshot, found: PolicyFindings): void {
  const known = new Set(snapshot.shards.groupNames);
  const limit = snapshot.shards.groupNames.slice(0, 10).join(', ');
  const check = (field: string, group: string | undefined): void => {
    if (group === undefined || known.has(group)) return;
    const rest = { value: group, limit, remedy: 'Correct the name of the group.' };
    found.add('POLICY_GROUP_UNKNOWN', `the fleet has no group "${group}"`, field, rest);
  };
  const { spread, labels, pins, dependencies } = policy.placement;
  for (const [i, rule] of spread.entries()) check(`placement.spread[${i}].select.group`, rule.select.group);
  for (const [i, rule] of labels.entries()) check(`placement.labels[${i}].select.group`, rule.select.group);
  for (const [i, rule] of pins.entries()) check(`placement.pins[${i}].select.group`, rule.select.group);
  for (const [i, rule] of policy.benefit.shardPrices.entries()) {
    check(`benefit.shardPrices[${i}].select.group`, rule.select.group);
  }
  for (const [i, rule] of dependencies.entries()) {
    check(`placement.dependencies[${i}].group`, rule.group);
    check(`placement.dependencies[${i}].dependsOn`, rule.dependsOn);
  }
}

function checkReplicas(policy: Policy, snapshot: Snapshot, found: PolicyFindings): void {
  const offsets = snapshot.shards.replicaOffsets;
  let most = 0;
  for (let s = 0; s + 1 < offsets.length; s++)
    most = Math.max(most, (offsets[s + 1] ?? 0) - (offsets[s] ?? 0));
  const asked = policy.placement.minHealthyReplicas;
  if (most === 0 || asked <= most) return;
  const field = 'placement.minHealthyReplicas';
  const message = `${field} is ${asked}, but no shard has more than ${most} replicas`;
  const rest = {
    value: asked,
    limit: most,
    remedy: `Ask for at most ${most}, or add replicas to the shards.`,
  };
  found.add('POLICY_CONTRADICTORY', message, field, rest);
}

function checkSpread(policy: Policy, snapshot: Snapshot, found: PolicyFindings): void {
  for (const [i, rule] of policy.placement.spread.entries()) {
    const domains = new Set(snapshot.nodes.map((node) => domainOf(node, rule.level)));
    if (rule.minDomains <= domains.size) continue;
    const field = `placement.spread[${i}].minDomains`;
    const message = `${field} is ${rule.minDomains}, but the fleet has ${domains.size} of the level ${rule.level}`;
    const remedy = `Ask for at most ${domains.size}, or add nodes in other domains.`;
    found.add('POLICY_CONTRADICTORY', message, field, {
      value: rule.minDomains,
      limit: domains.size,
      remedy,
    });
  }
}
