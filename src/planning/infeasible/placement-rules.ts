import { replicasPerNode } from '../build-constraints.ts';
import { capacityLimits } from '../constraints/capacity.ts';
import type { PlacementState } from '../placement-state.ts';
import { spreadRuleOf } from '../problem.ts';
import { compileSelector } from '../shard-selector.ts';

/** A rule that limits where a shard's replicas can lie, whatever lies elsewhere. */
export interface PlacementRule {
  /** Path of the policy's field, or what the snapshot says. */
  readonly name: string;
  /** The rule with its values, for people. */
  readonly text: string;
  /** What would take it away. */
  readonly remedy: string;
  /** 1 per node on which the rule lets the replica be; null for a rule about the shard's replicas together. */
  readonly lets: Uint8Array | null;
  /** Distinct nodes for the replicas of the shard. */
  readonly distinct: boolean;
  /** Spread of the shard's replicas. */
  readonly spread: SpreadNeed | null;
}

/** Domains that the shard's replicas need, as far as so many replicas can. */
export interface SpreadNeed {
  readonly domains: Int32Array;
  readonly minDomains: number;
  /** 0 for no limit. */
  readonly maxPerDomain: number;
}

/** Nodes or values that a text names; a list is longer than anybody reads. */
const maxNamed = 5;

/** Every rule that applies to the replica, the policy's before what follows from the fleet. */
export function placementRulesOf(state: PlacementState, replica: number): readonly PlacementRule[] {
  return [
    ...labelRules(state, replica),
    ...pinRules(state, replica),
    ...spreadRules(state, replica),
    ...countRule(state),
    ...limitRules(state, replica),
    ...distinctRule(state, replica),
    takingRule(state, replica),
  ];
}

function nodeRule(name: string, text: string, remedy: string, lets: Uint8Array): PlacementRule {
  return { name, text: `${name} (${text})`, remedy, lets, distinct: false, spread: null };
}

function selects({ problem }: PlacementState, replica: number) {
  const { shards } = problem;
  const shard = problem.shardOf[replica];
  const group = shards.groupNames[shards.groups[shard]] ?? '';
  return (rule: { readonly select: Parameters<typeof compileSelector>[0] }): boolean =>
    compileSelector(rule.select)(shards.ids[shard], group);
}

function labelRules(state: PlacementState, replica: number): PlacementRule[] {
  const { snapshot, policy } = state.problem.request;
  const isSelected = selects(state, replica);
  return policy.placement.labels.flatMap((rule, index) => {
    if (!isSelected(rule)) return [];
    const lets = Uint8Array.from(snapshot.nodes, (node) => {
      const value = node.labels[rule.label];
      const has = value !== undefined && (rule.values.length === 0 || rule.values.includes(value));
      return has === (rule.effect === 'require') ? 1 : 0;
    });
    const name = `placement.labels[${index}]`;
    const text = `${rule.effect} ${rule.label} ${rule.values.length === 0 ? 'of any value' : listed(rule.values, 'or')}; ${letting(lets)}`;
    return [nodeRule(name, text, `relax ${name} or label more nodes`, lets)];
  });
}

function pinRules(state: PlacementState, replica: number): PlacementRule[] {
  const { snapshot, policy } = state.problem.request;
  const isSelected = selects(state, replica);
  return policy.placement.pins.flatMap((rule, index) => {
    if (rule.effect === 'stay' || !isSelected(rule)) return [];
    const named = new Set(rule.nodes);
    const lets = Uint8Array.from(snapshot.nodes, (node) =>
      named.has(node.id) === (rule.effect === 'only') ? 1 : 0,
    );
    const name = `placement.pins[${index}]`;
    const text = `${rule.effect} ${listed(rule.nodes, 'and')}; ${letting(lets)}`;
    return [nodeRule(name, text, `relax ${name}`, lets)];
  });
}

/** One rule per level at most: the first that selects the shard. */
function spreadRules({ problem }: PlacementState, replica: number): PlacementRule[] {
  const shard = problem.shardOf[replica];
  return problem.spreadLevels.flatMap((rules) => {
    const { level } = rules;
    const index = spreadRuleOf(rules, shard);
    if (index < 0) return [];
    const { minDomains, maxPerDomain } = problem.request.policy.placement.spread[index];
    const name = `placement.spread[${index}]`;
    const { ofNode, names } = problem.nodes.domains[level];
    const most = maxPerDomain > 0 ? `, at most ${maxPerDomain} replicas in one` : '';
    return [
      {
        name,
        text: `${name} (at least ${minDomains} of the fleet's ${names.length} ${level}s${most})`,
        remedy: `relax ${name} or add ${level}s`,
        lets: null,
        distinct: false,
        spread: { domains: ofNode, minDomains, maxPerDomain },
      },
    ];
  });
}

/** A share of so few replicas that it is less than one; the policy's number is at least 1. */
function countRule(state: PlacementState): PlacementRule[] {
  if (replicasPerNode(state) >= 1) return [];
  const { maxShareOfReplicasPerNode } = state.problem.request.policy.placement;
  const name = 'placement.maxShareOfReplicasPerNode';
  const text = `${maxShareOfReplicasPerNode} of ${state.problem.replicaCount} replicas is less than one`;
  return [nodeRule(name, text, `raise ${name}`, new Uint8Array(state.problem.nodeCount))];
}

/** Dimensions in which the replica alone is more than some nodes may carry. */
function limitRules(state: PlacementState, replica: number): PlacementRule[] {
  const { width, loads, dimensions, nodeCount } = state.problem;
  const limits = capacityLimits(state);
  return dimensions.flatMap((dimension, d) => {
    const load = loads[state.rowOf(replica) * width + d];
    const lets = new Uint8Array(nodeCount);
    let roomiest = 0;
    for (let node = 0; node < nodeCount; node++) {
      const limit = limits[node * width + d];
      roomiest = Math.max(roomiest, limit);
      if (load <= limit * (1 + 1e-12)) lets[node] = 1;
    }
    if (!lets.includes(0)) return [];
    const name = `the hard limit of ${dimension.name}`;
    const text = `the replica carries ${load}, a node at most ${roomiest}; ${letting(lets)}`;
    return [nodeRule(name, text, `split the shard or add nodes with more ${dimension.name}`, lets)];
  });
}

function distinctRule({ problem }: PlacementState, replica: number): PlacementRule[] {
  const { replicaOffsets } = problem.shards;
  const shard = problem.shardOf[replica];
  const copies = replicaOffsets[shard + 1] - replicaOffsets[shard];
  if (copies < 2) return [];
  const name = 'distinct nodes';
  const text = `${name} for ${copies} replicas`;
  return [{ name, text, remedy: 'add nodes or remove replicas', lets: null, distinct: true, spread: null }];
}

/** Nodes that take replicas, and the one that the replica need not leave. */
function takingRule({ problem, nodeOf }: PlacementState, replica: number): PlacementRule {
  const { takes, vacate } = problem.nodes;
  const lets = takes.slice();
  if (vacate[nodeOf[replica]] === 0) lets[nodeOf[replica]] = 1;
  const count = takes.reduce((sum, taking) => sum + taking, 0);
  const name = 'nodes that are alive and active';
  const text = count === 0 ? 'none is' : `${count} of ${takes.length} are`;
  return nodeRule(name, text, 'add nodes or take nodes back into service', lets);
}

function listed(values: readonly string[], and: string): string {
  const named = values.slice(0, maxNamed);
  const more = values.length > maxNamed ? `, ${values.length - maxNamed} more` : '';
  return named.length === 2 && more === '' ? named.join(` ${and} `) : `${named.join(', ')}${more}`;
}

function letting(lets: Uint8Array): string {
  const count = lets.reduce((sum, each) => sum + each, 0);
  return `lets ${count === 0 ? 'none' : count} of ${lets.length} nodes`;
}
