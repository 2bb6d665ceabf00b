import type { Change } from '../change.ts';
import type { Constraint } from '../constraint.ts';
import type { PlacementState } from '../placement-state.ts';

interface Rule {
  readonly group: number;
  readonly dependsOn: number;
  readonly level: string;
  /** Of the domains. */
  readonly names: readonly string[];
  readonly domains: Int32Array;
  /** Replicas per domain: of the dependent group, and of what it depends on. */
  readonly dependents: Int32Array;
  readonly providers: Int32Array;
}

/**
 * In every domain of a level that runs a replica of one group, another runs one as well. Subject: rule and domain;
 * amount: 1 where the other is missing. O(rules of the shard's group).
 */
export function createDependencies(state: PlacementState): Constraint {
  const { problem, nodeOf } = state;
  const rules = compileRules(state);
  const rulesOf: Rule[][] = problem.shards.groupNames.map(() => []);
  for (const rule of rules) {
    rulesOf[rule.group].push(rule);
    if (rule.dependsOn >= 0) rulesOf[rule.dependsOn].push(rule);
  }
  const groupOf = (replica: number): number => problem.shards.groups[problem.shardOf[replica]];

  function delta(change: Change): number {
    if (change.kind !== 'relocate') return 0;
    const group = groupOf(change.replica);
    if (group < 0) return 0;
    let total = 0;
    for (const rule of rulesOf[group]) {
      const source = rule.domains[change.from];
      const destination = rule.domains[change.to];
      if (source === destination) continue;
      if (rule.group === group) {
        if (rule.providers[destination] === 0 && rule.dependents[destination] === 0)
          return Number.POSITIVE_INFINITY;
        if (rule.dependents[source] === 1 && rule.providers[source] === 0) total -= 1;
      } else {
        if (rule.providers[source] === 1 && rule.dependents[source] > 0) return Number.POSITIVE_INFINITY;
        if (rule.providers[destination] === 0 && rule.dependents[destination] > 0) total -= 1;
      }
    }
    return total;
  }

  /** What arrives counts for dependents and what leaves for providers while a change runs; the rest afterwards. */
  function count(change: Change, running: boolean): void {
    if (change.kind !== 'relocate') return;
    const group = groupOf(change.replica);
    if (group < 0) return;
    for (const rule of rulesOf[group]) {
      const source = rule.domains[change.from];
      const destination = rule.domains[change.to];
      if (source === destination) continue;
      if (rule.group === group) {
        if (running) rule.dependents[destination] += 1;
        else rule.dependents[source] -= 1;
      } else if (running) rule.providers[source] -= 1;
      else rule.providers[destination] += 1;
    }
  }

  return {
    name: 'dependencies',
    obstacle: 'dependency',
    kind: 'identity',
    delta,
    refusal(change) {
      const group = groupOf(change.replica);
      const { groupNames } = problem.shards;
      for (const rule of rulesOf[group] ?? []) {
        const source = rule.domains[change.from];
        const destination = rule.domains[change.to];
        const isDependent = rule.group === group;
        const domain = isDependent ? destination : source;
        const breaks = isDependent
          ? rule.providers[domain] === 0 && rule.dependents[domain] === 0
          : rule.providers[domain] === 1 && rule.dependents[domain] > 0;
        if (source === destination || !breaks) continue;
        const subject = `${rule.level}/${rule.names[domain]}`;
        const missing = groupNames[rule.dependsOn] ?? 'what it depends on';
        const message = `${subject.replace('/', ' ')} would run ${groupNames[rule.group]} without ${missing}`;
        return { subject, observed: 0, limit: 1, message };
      }
      return {
        subject: `group/${groupNames[group] ?? ''}`,
        message: 'a dependency between groups would break',
      };
    },
    hold: (change) => count(change, true),
    settle: (change) => count(change, false),
    measure() {
      let amount = 0;
      for (const rule of rules) {
        for (let domain = 0; domain < rule.dependents.length; domain++) {
          if (rule.dependents[domain] > 0 && rule.providers[domain] === 0) amount += 1;
        }
      }
      return { amount, subjects: amount };
    },
    offenders(visit) {
      for (const rule of rules) {
        const broken = Array.from(
          rule.dependents,
          (held, domain) => held > 0 && rule.providers[domain] === 0,
        );
        if (!broken.includes(true)) continue;
        for (let r = 0; r < problem.replicaCount; r++) {
          const group = groupOf(r);
          const mayFix =
            group === rule.dependsOn || (group === rule.group && broken[rule.domains[nodeOf[r]]]);
          if (mayFix) visit(r);
        }
      }
    },
  };
}

/** Rules over groups that exist; a rule about a group that the snapshot lacks has nothing to say. */
function compileRules(state: PlacementState): Rule[] {
  const { problem, nodeOf } = state;
  const { groups, groupNames } = problem.shards;
  const indexOf = new Map(groupNames.map((name, index) => [name, index]));
  const members: number[][] = groupNames.map(() => []);
  for (let r = 0; r < problem.replicaCount; r++) {
    const group = groups[problem.shardOf[r]];
    if (group >= 0) members[group].push(r);
  }
  return problem.request.policy.placement.dependencies.flatMap((rule): Rule[] => {
    const group = indexOf.get(rule.group);
    const dependsOn = indexOf.get(rule.dependsOn) ?? -1;
    if (group === undefined || group === dependsOn) return [];
    const level = problem.nodes.domains[rule.level];
    const countOf = (replicas: readonly number[]): Int32Array => {
      const counts = new Int32Array(level.names.length);
      for (const replica of replicas) counts[level.ofNode[nodeOf[replica]]] += 1;
      return counts;
    };
    const providers = countOf(dependsOn < 0 ? [] : members[dependsOn]);
    return [
      {
        group,
        dependsOn,
        level: rule.level,
        names: level.names,
        domains: level.ofNode,
        dependents: countOf(members[group]),
        providers,
      },
    ];
  });
}
