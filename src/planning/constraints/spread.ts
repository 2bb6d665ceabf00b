import type { SpreadRule } from '../../domain/policy.ts';
import type { Change } from '../change.ts';
import type { Constraint } from '../constraint.ts';
import type { PlacementState } from '../placement-state.ts';
import { type SpreadLevelRules, spreadRuleOf } from '../problem.ts';

/**
 * A shard's replicas lie, at one level (rack, zone, region), in at least `minDomains` domains of a level and at most `maxPerDomain` in one. A shard with
 * fewer replicas than `minDomains` is asked for as many domains as it has replicas: no placement could give more.
 * Subject: shard; amount: domains missing, and replicas too many. O(replicas of the shard).
 */
export function createSpread(state: PlacementState, levelRules: SpreadLevelRules): Constraint {
  const { level } = levelRules;
  const { problem, nodeOf } = state;
  const offsets = problem.shards.replicaOffsets;
  const rules = problem.request.policy.placement.spread;
  const { ofNode: domains, names } = problem.nodes.domains[level];
  const widest = Math.max(1, names.length);
  const seen = new Int32Array(widest);
  let epoch = 0;

  function distinctDomains(shard: number): number {
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
    const index = spreadRuleOf(levelRules, shard);
    if (index < 0) return 0;
    const rule = rules[index];
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
    const distinct = distinctDomains(shard);
    const required = requiredDomains(shard, rule);
    if (gained < 0) return distinct <= required ? Number.POSITIVE_INFINITY : total;
    return distinct < required ? total - 1 : total;
  }

  const counts = new Int32Array(widest);

  /** How far the shard is from its rule: domains missing and replicas too many; 0 when it holds. */
  function amountOf(shard: number): number {
    const index = spreadRuleOf(levelRules, shard);
    if (index < 0) return 0;
    const { minDomains, maxPerDomain } = rules[index];
    const start = offsets[shard];
    const end = offsets[shard + 1];
    let distinct = 0;
    let crowded = 0;
    for (let r = start; r < end; r++) {
      const held = ++counts[domains[nodeOf[r]]];
      if (held === 1) distinct += 1;
      if (maxPerDomain > 0 && held > maxPerDomain) crowded += 1;
    }
    for (let r = start; r < end; r++) counts[domains[nodeOf[r]]] = 0;
    return crowded + Math.max(0, Math.min(minDomains, end - start) - distinct);
  }

  return {
    name: 'spread',
    obstacle: 'spread',
    kind: 'identity',
    isAboutShards: true,
    delta,
    refusal(change) {
      const shard = problem.shardOf[change.replica];
      const rule = rules[spreadRuleOf(levelRules, shard)];
      const place = `${level}/${names[domains[change.to]]}`;
      let there = 1;
      for (let r = offsets[shard]; r < offsets[shard + 1]; r++)
        if (r !== change.replica && domains[nodeOf[r]] === domains[change.to]) there += 1;
      if (rule.maxPerDomain > 0 && there > rule.maxPerDomain) {
        const message = `${place.replace('/', ' ')} would hold ${there} replicas of shard ${problem.shards.ids[shard]}, above ${rule.maxPerDomain}`;
        return { subject: place, observed: there, limit: rule.maxPerDomain, message };
      }
      const limit = requiredDomains(shard, rule);
      const observed = distinctDomains(shard) - 1;
      const message = `shard ${problem.shards.ids[shard]} would lie in ${observed} of at least ${limit} ${rule.level}s`;
      return { subject: place, observed, limit, message };
    },
    measure() {
      let amount = 0;
      let subjects = 0;
      for (let shard = 0; shard < problem.shardCount; shard++) {
        const own = amountOf(shard);
        if (own === 0) continue;
        amount += own;
        subjects += 1;
      }
      return { amount, subjects };
    },
    offenders(visit) {
      for (let shard = 0; shard < problem.shardCount; shard++) {
        for (let r = offsets[shard]; r < offsets[shard + 1] && amountOf(shard) > 0; r++) visit(r);
      }
    },
  };
}
