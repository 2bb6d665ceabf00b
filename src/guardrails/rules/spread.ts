import { domainOf, type Node } from '../../domain/node.ts';
import type { SpreadRule } from '../../domain/policy.ts';
import type { Verdict } from '../../domain/verdict.ts';
import type { FleetView } from '../fleet-view.ts';
import type { Guardrail, MoveTarget } from '../guardrail.ts';
import { spreadRulesOf } from '../spread-rule.ts';
import { block } from '../verdicts.ts';

const code = 'GUARDRAIL_SPREAD';

/**
 * Replicas of a shard stay on distinct nodes and keep the spread of their rule at each level: at least `minDomains` domains (as many
 * as it has replicas, if those are fewer) and at most `maxPerDomain` in one. A move that leaves an existing violation
 * smaller, or no larger, may go on.
 */
export const spread: Guardrail = {
  code,
  replay: true,
  move({ policy, view }, target) {
    const { move, shard, destination, destinationNode } = target;
    if (move.kind !== 'relocate' || shard < 0 || !destinationNode) return undefined;
    const others = otherNodes(view, target);
    if (others.some((node) => node.id === move.destination)) {
      return block(code, {
        subject: `shard/${move.shard}`,
        observed: 2,
        limit: 1,
        message: `Shard ${move.shard} has another replica on node ${move.destination} already.`,
        remedy: 'Make a new plan.',
      });
    }
    const { groups, groupNames } = view.snapshot.shards;
    if (destination < 0) return undefined;
    const group = groupNames[groups[shard] ?? -1] ?? '';
    const source = view.snapshot.nodes[view.nodeOfReplica(target.row)];
    for (const rule of spreadRulesOf(policy.placement.spread, move.shard, group)) {
      const verdict = judgeRule(rule, target, others, source, destinationNode);
      if (verdict) return verdict;
    }
    return undefined;
  },
};

/** Nodes of the replicas that stay. */
function otherNodes(view: FleetView, { shard, row }: MoveTarget): readonly Node[] {
  const { replicaOffsets } = view.snapshot.shards;
  const nodes: Node[] = [];
  for (let each = replicaOffsets[shard] ?? 0; each < (replicaOffsets[shard + 1] ?? 0); each++) {
    const node = view.snapshot.nodes[view.nodeOfReplica(each)];
    if (each !== row && node) nodes.push(node);
  }
  return nodes;
}

function judgeRule(
  rule: SpreadRule,
  { move }: MoveTarget,
  others: readonly Node[],
  source: Node | undefined,
  destination: Node,
): Verdict | undefined {
  const before = new Map<string, number>();
  for (const node of others)
    before.set(domainOf(node, rule.level), (before.get(domainOf(node, rule.level)) ?? 0) + 1);
  const from = source ? domainOf(source, rule.level) : undefined;
  const to = domainOf(destination, rule.level);
  if (from === to) return undefined;
  const fromOthers = from === undefined ? 0 : (before.get(from) ?? 0);
  const toOthers = before.get(to) ?? 0;
  const domainsAfter = before.size + (toOthers === 0 ? 1 : 0);
  const domainsBefore = before.size + (from !== undefined && fromOthers === 0 ? 1 : 0);
  const needed = Math.min(rule.minDomains, others.length + 1);
  const facts = { subject: `shard/${move.shard}`, remedy: 'Make a new plan, or change placement.spread.' };
  if (domainsAfter < needed && domainsAfter < domainsBefore) {
    const message = `Shard ${move.shard} would be in ${domainsAfter} ${rule.level}s; it needs ${needed}.`;
    return block(code, { ...facts, observed: domainsAfter, limit: needed, message });
  }
  // Fuller than allowed, and fuller than the domain that the replica leaves was: that makes it worse.
  if (rule.maxPerDomain > 0 && toOthers + 1 > rule.maxPerDomain && toOthers + 1 >= fromOthers + 1) {
    const message = `Shard ${move.shard} would have ${toOthers + 1} replicas in ${rule.level} ${to}; ${rule.maxPerDomain} are allowed.`;
    return block(code, { ...facts, observed: toOthers + 1, limit: rule.maxPerDomain, message });
  }
  return undefined;
}
