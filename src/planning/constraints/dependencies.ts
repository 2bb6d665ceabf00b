import type { DependencyRule } from '../../domain/policy.ts';
import type { Change } from '../change.ts';
import type { Constraint } from '../constraint.ts';
import type { PlacementState } from '../placement-state.ts';

interface Rule {
  readonly dependent: GroupCounts;
  readonly provider: GroupCounts;
}

/** A group at one level, and how many of its replicas are in each domain. */
interface GroupCounts {
  /** -1 for a group that the snapshot lacks: nowhere. */
  readonly group: number;
  readonly level: string;
  /** Of the domains. */
  readonly names: readonly string[];
  readonly domains: Int32Array;
  /** Replicas per domain, as they count for what the group depends on, and for what depends on it. */
  readonly dependents: Int32Array;
  readonly providers: Int32Array;
  /** Rules by which it depends, and by which others depend on it. */
  readonly needs: Rule[];
  readonly serves: Rule[];
}

/**
 * In every domain of a level that runs a replica of one group, another runs one as well. Subject: rule and domain;
 * amount: 1 where the other is missing. O(1) for a change after which the group runs in the same domains as before, else
 * O(rules of the group).
 */
export function createDependencies(state: PlacementState): Constraint {
  const { problem, nodeOf } = state;
  const { countsOf, rules } = compileRules(state);
  const { groups } = problem.shards;
  const groupOf = (replica: number): number => groups[problem.shardOf[replica]];
  const none: readonly GroupCounts[] = [];
  const countsOfReplica = (replica: number): readonly GroupCounts[] => countsOf[groupOf(replica)] ?? none;

  function delta(change: Change): number {
    if (change.kind !== 'relocate') return 0;
    const all = countsOfReplica(change.replica);
    let total = 0;
    for (let i = 0; i < all.length; i++) {
      const own = all[i];
      const source = own.domains[change.from];
      const destination = own.domains[change.to];
      if (source !== destination) total += ofMove(own, source, destination);
    }
    return total;
  }

  function ofMove(own: GroupCounts, source: number, destination: number): number {
    const { dependents, providers, needs, serves } = own;
    let total = 0;
    if (dependents[destination] === 0) {
      for (const rule of needs) {
        if (rule.provider.providers[destination] === 0) return Number.POSITIVE_INFINITY;
      }
    }
    if (providers[source] === 1) {
      for (const rule of serves) {
        if (rule.dependent.dependents[source] > 0) return Number.POSITIVE_INFINITY;
      }
    }
    if (dependents[source] === 1) {
      for (const rule of needs) if (rule.provider.providers[source] === 0) total -= 1;
    }
    if (providers[destination] === 0) {
      for (const rule of serves) if (rule.dependent.dependents[destination] > 0) total -= 1;
    }
    return total;
  }

  /** What arrives counts for dependents and what leaves for providers while a change runs; the rest afterwards. */
  function count(change: Change, running: boolean): void {
    if (change.kind !== 'relocate') return;
    const all = countsOfReplica(change.replica);
    for (let i = 0; i < all.length; i++) {
      const { domains, dependents, providers } = all[i];
      const source = domains[change.from];
      const destination = domains[change.to];
      if (source === destination) continue;
      if (running) {
        dependents[destination] += 1;
        providers[source] -= 1;
      } else {
        dependents[source] -= 1;
        providers[destination] += 1;
      }
    }
  }

  /** The rule and the domain that the change would break first; null when it breaks none. */
  function broken(change: Change): { readonly rule: Rule; readonly domain: number } | null {
    for (const own of countsOfReplica(change.replica)) {
      const source = own.domains[change.from];
      const destination = own.domains[change.to];
      if (source === destination) continue;
      const missing = own.needs.find((rule) => rule.provider.providers[destination] === 0);
      if (missing && own.dependents[destination] === 0) return { rule: missing, domain: destination };
      const left = own.serves.find((rule) => rule.dependent.dependents[source] > 0);
      if (left && own.providers[source] === 1) return { rule: left, domain: source };
    }
    return null;
  }

  return {
    name: 'dependencies',
    obstacle: 'dependency',
    kind: 'identity',
    isAboutShards: true,
    delta,
    refusal(change) {
      const { groupNames } = problem.shards;
      const found = broken(change);
      if (found === null) {
        const subject = `group/${groupNames[groupOf(change.replica)] ?? ''}`;
        return { subject, message: 'a dependency between groups would break' };
      }
      const { dependent, provider } = found.rule;
      const subject = `${dependent.level}/${dependent.names[found.domain]}`;
      const missing = groupNames[provider.group] ?? 'what it depends on';
      const message = `${subject.replace('/', ' ')} would run ${groupNames[dependent.group]} without ${missing}`;
      return { subject, observed: 0, limit: 1, message };
    },
    hold: (change) => count(change, true),
    settle: (change) => count(change, false),
    measure() {
      let amount = 0;
      for (const { dependent, provider } of rules) {
        for (let domain = 0; domain < dependent.names.length; domain++) {
          if (dependent.dependents[domain] > 0 && provider.providers[domain] === 0) amount += 1;
        }
      }
      return { amount, subjects: amount };
    },
    offenders(visit) {
      for (const { dependent, provider } of rules) {
        const isBroken = Array.from(
          dependent.dependents,
          (held, domain) => held > 0 && provider.providers[domain] === 0,
        );
        if (!isBroken.includes(true)) continue;
        for (let r = 0; r < problem.replicaCount; r++) {
          const group = groupOf(r);
          if (group < 0) continue;
          const mayFix =
            group === provider.group || (group === dependent.group && isBroken[dependent.domains[nodeOf[r]]]);
          if (mayFix) visit(r);
        }
      }
    },
  };
}

/** Rules over groups that exist; a rule about a group that the snapshot lacks has nothing to say. */
function compileRules(state: PlacementState): {
  readonly rules: readonly Rule[];
  /** Per group of the snapshot, one entry per level at which a rule names it. */
  readonly countsOf: readonly (readonly GroupCounts[])[];
} {
  const { problem, nodeOf } = state;
  const { groups, groupNames } = problem.shards;
  const indexOf = new Map(groupNames.map((name, index) => [name, index]));
  const members: number[][] = groupNames.map(() => []);
  for (let r = 0; r < problem.replicaCount; r++) {
    const group = groups[problem.shardOf[r]];
    if (group >= 0) members[group].push(r);
  }
  const countsOf: GroupCounts[][] = groupNames.map(() => []);

  function countsAt(group: number, level: DependencyRule['level']): GroupCounts {
    const known = countsOf[group]?.find((entry) => entry.level === level);
    if (known) return known;
    const { names, ofNode } = problem.nodes.domains[level];
    const counts = new Int32Array(names.length);
    for (const replica of members[group] ?? []) counts[ofNode[nodeOf[replica]]] += 1;
    const made: GroupCounts = {
      group,
      level,
      names,
      domains: ofNode,
      dependents: counts,
      providers: counts.slice(),
      needs: [],
      serves: [],
    };
    countsOf[group]?.push(made);
    return made;
  }

  const rules = problem.request.policy.placement.dependencies.flatMap((rule): Rule[] => {
    const group = indexOf.get(rule.group);
    const dependsOn = indexOf.get(rule.dependsOn) ?? -1;
    if (group === undefined || group === dependsOn) return [];
    const compiled = { dependent: countsAt(group, rule.level), provider: countsAt(dependsOn, rule.level) };
    compiled.dependent.needs.push(compiled);
    compiled.provider.serves.push(compiled);
    return [compiled];
  });
  return { rules, countsOf };
}
