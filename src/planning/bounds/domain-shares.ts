import type { TopologyLevel } from '../../domain/node.ts';
import { type PlanningProblem, spreadRuleOf } from '../problem.ts';
import { mostTogether } from './load-facts.ts';

/** How much of the load rules let one domain of a level hold. */
export interface DomainShare {
  /** Domain per node, dense. */
  readonly ofNode: Int32Array;
  /** Most load of a dimension in one domain; `Infinity` when nodes filled to `level` are far from it anyway. */
  limit(d: number, level: number): number;
}

/**
 * The levels at which something limits what lies together: a node holds one replica of a shard at most; spread rules limit
 * racks, zones, regions; the policy limits the share of a zone.
 */
export function domainShares(problem: PlanningProblem): DomainShare[] {
  const { placement } = problem.request.policy;
  const nodes = new Int32Array(problem.nodeCount);
  for (let node = 0; node < nodes.length; node++) nodes[node] = node;
  const shares = [share(problem, nodes, new Int32Array(problem.shardCount).fill(1), 1)];
  for (const name of ['rack', 'zone', 'region'] as const) {
    const together = replicasTogether(problem, name);
    const most = name === 'zone' ? placement.maxShareOfLoadPerZone : 1;
    if (together === null && most >= 1) continue;
    shares.push(share(problem, problem.nodes.domains[name].ofNode, together, most));
  }
  return shares;
}

/** @param most share of the load that the policy allows a domain */
function share(
  problem: PlanningProblem,
  ofNode: Int32Array,
  together: Int32Array | null,
  most: number,
): DomainShare {
  const { replicaOffsets } = problem.shards;
  let least = 1;
  if (together !== null) {
    // The largest replicas of a shard carry at least their share of it.
    for (let s = 0; s < problem.shardCount; s++) {
      least = Math.min(least, together[s] / (replicaOffsets[s + 1] - replicaOffsets[s]));
    }
  }
  return {
    ofNode,
    limit(d, level) {
      const allowed = most < 1 ? most * problem.totals[d] : Number.POSITIVE_INFINITY;
      if (together === null) return allowed;
      const isFar = fullest(problem, ofNode, d) * level <= least * problem.totals[d];
      return isFar ? allowed : Math.min(allowed, mostTogether(problem, d, together));
    },
  };
}

/** The largest effective capacity of a domain, over the nodes that take replicas. */
function fullest({ nodeCount, nodes, width }: PlanningProblem, ofNode: Int32Array, d: number): number {
  const capacity = new Float64Array(nodeCount);
  let most = 0;
  for (let node = 0; node < nodeCount; node++) {
    if (nodes.takes[node] === 0) continue;
    capacity[ofNode[node]] += nodes.effective[node * width + d];
    most = Math.max(most, capacity[ofNode[node]]);
  }
  return most;
}

/** Replicas of each shard that its spread rule lets lie in one domain of the level; null without such a rule. */
function replicasTogether(
  problem: PlanningProblem,
  level: Exclude<TopologyLevel, 'node'>,
): Int32Array | null {
  const rules = problem.request.policy.placement.spread;
  const levelRules = problem.spreadLevels.find((each) => each.level === level);
  if (levelRules === undefined) return null;
  const { replicaOffsets } = problem.shards;
  const together = new Int32Array(problem.shardCount);
  for (let s = 0; s < together.length; s++) {
    const copies = replicaOffsets[s + 1] - replicaOffsets[s];
    together[s] = copies;
    const index = spreadRuleOf(levelRules, s);
    if (index < 0) continue;
    const rule = rules[index];
    // The others still have to fill the domains that the rule asks for.
    together[s] -= Math.max(0, Math.min(rule.minDomains, copies) - 1);
    if (rule.maxPerDomain > 0) together[s] = Math.min(together[s], rule.maxPerDomain);
  }
  return together;
}
