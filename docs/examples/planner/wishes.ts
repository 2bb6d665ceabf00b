// Planner extensions of your own: a constraint (the replicas of a group stay within one zone) and a term (replicas
// rather live on nodes with a label, such as disk: ssd). Name this file under `plannerModules` in the configuration, or
// with --planner-module, and the extensions in a policy's `placement.extensions`. Try it first:
//
//   mesh planner check-module docs/examples/planner/wishes.ts
//
// Only types are imported, so that the file runs wherever it lies.
import type { Change } from '../../../src/planning/change.ts';
import type { Constraint } from '../../../src/planning/constraint.ts';
import type { ExtensionDefinition } from '../../../src/planning/extension-definition.ts';
import type { PlacementState } from '../../../src/planning/placement-state.ts';
import type { ObjectiveTerm } from '../../../src/planning/term.ts';

/**
 * Every replica of the group lies in the same zone. Subject: group; amount: zones too many. O(1).
 *
 * @param only name of the group; empty for every group by itself
 */
function oneZone(state: PlacementState, only: string): Constraint {
  const { problem, nodeOf } = state;
  const { groups, groupNames } = problem.shards;
  const { names, ofNode: zoneOf } = problem.nodes.domains.zone;
  const zones = names.length;
  // While changes run, a group is certainly in the zones that nothing leaves, and possibly in those that something
  // enters. Both are the same when nothing runs.
  const certain = new Int32Array(groupNames.length * zones);
  const possible = new Int32Array(groupNames.length * zones);

  /** The group of a replica if the rule is about it, or -1. */
  const groupOf = (replica: number): number => {
    const group = groups[problem.shardOf[replica]];
    return group >= 0 && (only === '' || groupNames[group] === only) ? group : -1;
  };
  for (let replica = 0; replica < problem.replicaCount; replica++) {
    const group = groupOf(replica);
    if (group >= 0) certain[group * zones + zoneOf[nodeOf[replica]]] += 1;
  }
  possible.set(certain);

  /** Zones that the group uses beyond the first. */
  const excess = (group: number): number => {
    const used = possible.subarray(group * zones, (group + 1) * zones).filter((count) => count > 0).length;
    return Math.max(0, used - 1);
  };
  const crosses = (change: Change): boolean =>
    change.kind === 'relocate' && groupOf(change.replica) >= 0 && zoneOf[change.from] !== zoneOf[change.to];

  return {
    name: 'group within one zone',
    obstacle: 'extension',
    kind: 'identity',
    delta(change) {
      if (!crosses(change)) return 0;
      const base = groupOf(change.replica) * zones;
      const opens = certain[base + zoneOf[change.to]] === 0 ? 1 : 0;
      const closes = possible[base + zoneOf[change.from]] === 1 ? 1 : 0;
      return opens > closes ? Number.POSITIVE_INFINITY : opens - closes;
    },
    hold(change) {
      if (!crosses(change)) return;
      const base = groupOf(change.replica) * zones;
      possible[base + zoneOf[change.to]] += 1;
      certain[base + zoneOf[change.from]] -= 1;
    },
    settle(change) {
      if (!crosses(change)) return;
      const base = groupOf(change.replica) * zones;
      possible[base + zoneOf[change.from]] -= 1;
      certain[base + zoneOf[change.to]] += 1;
    },
    refusal({ replica, to }) {
      const zone = names[zoneOf[to]];
      const message = `group ${groupNames[groupOf(replica)]} would spread to zone ${zone}`;
      return { subject: `zone/${zone}`, message };
    },
    measure() {
      let amount = 0;
      let subjects = 0;
      for (let group = 0; group < groupNames.length; group++) {
        const tooMany = excess(group);
        amount += tooMany;
        if (tooMany > 0) subjects += 1;
      }
      return { amount, subjects };
    },
    offenders(visit) {
      for (let replica = 0; replica < problem.replicaCount; replica++) {
        const group = groupOf(replica);
        if (group < 0 || excess(group) === 0) continue;
        // Whoever is in the zone with most of the group can stay.
        const counts = possible.subarray(group * zones, (group + 1) * zones);
        if (zoneOf[nodeOf[replica]] !== counts.indexOf(Math.max(...counts))) visit(replica);
      }
    },
  };
}

/**
 * Weight × replicas on nodes without the label, in mean replicas per node. O(1).
 *
 * @param isUrgent whether it outranks how evenly load lies; it never outranks violations, and weighs against load above
 * target then
 */
function preferLabel(
  state: PlacementState,
  [label, value]: readonly [string, string],
  weight: number,
  isUrgent: boolean,
): ObjectiveTerm {
  const { problem, nodeOf } = state;
  const lacks = Uint8Array.from(problem.request.snapshot.nodes, (node) =>
    node.labels[label] === value ? 0 : 1,
  );
  const perReplica = (weight * problem.nodeCount) / Math.max(1, problem.replicaCount);

  return {
    name: 'preferred label',
    level: isUrgent ? 'excess' : 'balance',
    // An exchange puts a replica on either side, and a transfer moves none.
    delta: ({ kind, from, to }) => (kind === 'relocate' ? perReplica * (lacks[to] - lacks[from]) : 0),
    value() {
      let misplaced = 0;
      for (let replica = 0; replica < problem.replicaCount; replica++) misplaced += lacks[nodeOf[replica]];
      return perReplica * misplaced;
    },
    candidates(visit) {
      for (let replica = 0; replica < problem.replicaCount; replica++)
        if (lacks[nodeOf[replica]] === 1) visit(replica);
    },
  };
}

export const plannerExtensions: ExtensionDefinition[] = [
  {
    name: 'one-zone',
    description: 'Replicas of a group stay within one zone.',
    parameters: [
      {
        kind: 'text',
        name: 'group',
        description: 'Name of the group; empty for every group by itself',
        default: '',
      },
    ],
    create: ({ group }) => ({ constraints: (state) => [oneZone(state, String(group))] }),
  },
  {
    name: 'preferred-label',
    description: 'Replicas rather live on nodes with a label.',
    parameters: [
      { kind: 'text', name: 'label', description: 'Name of the label', default: 'disk' },
      { kind: 'text', name: 'value', description: 'Its value', default: 'ssd' },
      {
        kind: 'number',
        name: 'weight',
        description: 'What a mean node full of misplaced replicas costs',
        unit: 'mean nodes of load',
        default: 0.1,
        minimum: 0,
        maximum: 1_000,
      },
      {
        kind: 'text',
        name: 'rank',
        description: 'Whether it outranks how evenly load lies',
        default: 'beforeBalance',
        choices: ['beforeBalance', 'afterBalance'],
      },
    ],
    create: ({ label, value, weight, rank }) => ({
      terms: (state) => [
        preferLabel(state, [String(label), String(value)], Number(weight), rank === 'beforeBalance'),
      ],
    }),
  },
];
