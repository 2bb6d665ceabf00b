import type { SpreadRule } from '../../domain/policy.ts';
import type { Change } from '../change.ts';
import type { Constraint } from '../constraint.ts';
import type { PlacementState } from '../placement-state.ts';

/**
 * A shard's replicas lie in at least `minDomains` domains of a level and at most `maxPerDomain` in one. A shard with
 * fewer replicas than `minDomains` is asked for as many domains as it has replicas: no placement could give more.
 * Subject: shard; amount: domains missing, and replicas too many. O(replicas of the shard).
 */
export function createSpread(state: PlacementState): Constraint {
  const { problem, nodeOf } = state;
  const offsets = problem.shards.replicaOffsets;
  const rules = problem.request.policy.placement.spread;
  const ruleOf = problem.spreadRuleOf;
  const domainsOf = rules.map((rule) => problem.nodes.domains[rule.level].ofNode);
  const widest = Math.max(1, ...rules.map((rule) => problem.nodes.domains[rule.level].names.length));
  const seen = new Int32Array(widest);
  let epoch = 0;

  function distinctDomains(shard: number, domains: Int32Array): number {
    epoch += 1;
    let distinct = 0;
    for (let r = offsets[shard]; r < offsets[shard + 1]; r++) {
      const domain = domains[nodeOf[r]];
      if (seen[domain] !== epoch) {
        seen[domain] = epoch;
        distinct += 1;
      }
    }
    return distinct;
  }

  const requiredDomains = (shard: number, rule: SpreadRule): number =>
    Math.min(rule.minDomains, offsets[shard + 1] - offsets[shard]);

  function delta(change: Change): number {
    if (change.kind !== 'relocate') return 0;
    const shard = problem.shardOf[change.replica];
    if (ruleOf[shard] < 0) return 0;
    const rule = rules[ruleOf[shard]];
    const domains = domainsOf[ruleOf[shard]];
    const source = domains[change.from];
    const destination = domains[change.to];
    if (source === destination) return 0;
    let besideSource = 0;
    let atDestination = 0;
    for (let r = offsets[shard]; r < offsets[shard + 1]; r++) {
      if (r === change.replica) continue;
      const domain = domains[nodeOf[r]];
      if (domain === source) besideSource += 1;
      else if (domain === destination) atDestination += 1;
    }
    let total = 0;
    if (rule.maxPerDomain > 0) {
      if (atDestination + 1 > rule.maxPerDomain) return Number.POSITIVE_INFINITY;
      if (besideSource + 1 > rule.maxPerDomain) total -= 1;
    }
    const gained = (atDestination === 0 ? 1 : 0) - (besideSource === 0 ? 1 : 0);
    if (gained === 0 || rule.minDomains <= 1) return total;
    const distinct = distinctDomains(shard, domains);
    const required = requiredDomains(shard, rule);
    if (gained < 0) return distinct <= required ? Number.POSITIVE_INFINITY : total;
    return distinct < required ? total - 1 : total;
  }

  /** Calls back with the shards that violate their rule: domains missing, and replicas too many. */
  function violated(visit: (shard: number, missing: number, crowded: number) => void): void {
    const counts = new Int32Array(widest);
    for (let shard = 0; shard < problem.shardCount; shard++) {
      if (ruleOf[shard] < 0) continue;
      const rule = rules[ruleOf[shard]];
      const domains = domainsOf[ruleOf[shard]];
      let distinct = 0;
      let crowded = 0;
      for (let r = offsets[shard]; r < offsets[shard + 1]; r++) {
        const domain = domains[nodeOf[r]];
        counts[domain] += 1;
        if (counts[domain] === 1) distinct += 1;
        if (rule.maxPerDomain > 0 && counts[domain] > rule.maxPerDomain) crowded += 1;
      }
      for (let r = offsets[shard]; r < offsets[shard + 1]; r++) counts[domains[nodeOf[r]]] = 0;
      const missing = Math.max(0, requiredDomains(shard, rule) - distinct);
      if (missing + crowded > 0) visit(shard, missing, crowded);
    }
  }

  return {
    name: 'spread',
    obstacle: 'spread',
    kind: 'identity',
    delta,
    refusal(change) {
      const shard = problem.shardOf[change.replica];
      const rule = rules[ruleOf[shard]];
      const domains = domainsOf[ruleOf[shard]];
      const place = `${rule.level}/${problem.nodes.domains[rule.level].names[domains[change.to]]}`;
      let there = 1;
      for (let r = offsets[shard]; r < offsets[shard + 1]; r++)
        if (r !== change.replica && domains[nodeOf[r]] === domains[change.to]) there += 1;
      if (rule.maxPerDomain > 0 && there > rule.maxPerDomain) {
        const message = `${place.replace('/', ' ')} would hold ${there} replicas of shard ${problem.shards.ids[shard]}, above ${rule.maxPerDomain}`;
        return { subject: place, observed: there, limit: rule.maxPerDomain, message };
      }
      const limit = requiredDomains(shard, rule);
      const observed = distinctDomains(shard, domains) - 1;
      const message = `shard ${problem.shards.ids[shard]} would lie in ${observed} of at least ${limit} ${rule.level}s`;
      return { subject: place, observed, limit, message };
    },
    measure() {
      let amount = 0;
      let subjects = 0;
      violated((_, missing, crowded) => {
        amount += missing + crowded;
        subjects += 1;
      });
      return { amount, subjects };
    },
    offenders(visit) {
      const shards: number[] = [];
      violated((shard) => shards.push(shard));
      for (const shard of shards) for (let r = offsets[shard]; r < offsets[shard + 1]; r++) visit(r);
    },
  };
}
