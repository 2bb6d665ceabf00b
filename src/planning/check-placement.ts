import { replicaCountDimension } from '../domain/dimension.ts';
import type { Move } from '../domain/move.ts';
import { domainOf, mustBeVacated, takesReplicas } from '../domain/node.ts';
import type { PlanningRequest } from '../domain/planning.ts';
import { dimensionPolicies } from '../domain/policy-dimensions.ts';
import { compileSelector } from './shard-selector.ts';

/**
 * An independent judge of placements: slow, by ids, straight from the rules' words, sharing nothing with the search.
 * Tests hold the planner to it, and whoever executes or simulates plans may too.
 */
export interface CheckedReplica {
  readonly shard: string;
  readonly number: number;
  readonly group: string;
  readonly bytes: number;
  /** Node at the beginning, and now. */
  readonly origin: string;
  node: string;
  /** Nodes that it has left: transient load may be held there until the plan ends. */
  left: readonly string[];
  leads: boolean;
  /** Per dimension of the snapshot; a leadership transfer exchanges it with the successor's. */
  loads: readonly number[];
}

/** Replicas by `shard/number`. */
export type CheckedPlacement = ReadonlyMap<string, CheckedReplica>;

/** Amount of violation per subject, for instance `capacity/n1/cpu`; subjects that hold are absent. */
export type ViolationsBySubject = ReadonlyMap<string, number>;

/** The placement that the request's snapshot shows. */
export function placementOf(request: PlanningRequest): CheckedPlacement {
  const { snapshot } = request;
  const { shards } = snapshot;
  const width = snapshot.dimensions.length;
  const placement = new Map<string, CheckedReplica>();
  for (const [s, shard] of shards.ids.entries()) {
    for (let r = shards.replicaOffsets[s]; r < shards.replicaOffsets[s + 1]; r++) {
      const node = snapshot.nodes[shards.replicaNodes[r]].id;
      placement.set(`${shard}/${shards.replicaNumbers[r]}`, {
        shard,
        number: shards.replicaNumbers[r],
        group: shards.groupNames[shards.groups[s]] ?? '',
        bytes: shards.replicaBytes[r],
        origin: node,
        node,
        left: [],
        leads: shards.replicaLeads[r] === 1,
        loads: Array.from(shards.replicaLoads.subarray(r * width, (r + 1) * width)),
      });
    }
  }
  return placement;
}

/** The placement after the moves; the one given stays as it is. Throws on a move that does not fit: a bug. */
export function afterMoves(placement: CheckedPlacement, moves: readonly Move[]): CheckedPlacement {
  const after = new Map([...placement].map(([key, replica]) => [key, { ...replica }]));
  for (const move of moves) {
    const replica = after.get(`${move.shard}/${move.replica}`);
    if (!replica || replica.node !== move.source)
      throw new Error(`${move.id}: the replica is not on ${move.source}`);
    if (replica.leads !== move.leads) throw new Error(`${move.id}: says leads ${move.leads}`);
    if (move.kind === 'relocate') {
      replica.left = [...replica.left, replica.node];
      replica.node = move.destination;
      continue;
    }
    const successor = after.get(`${move.shard}/${move.successor}`);
    if (!successor || successor.node !== move.destination) throw new Error(`${move.id}: no such successor`);
    [replica.leads, successor.leads] = [false, true];
    [replica.loads, successor.loads] = [successor.loads, replica.loads];
  }
  return after;
}

/** Everything that the placement violates. */
export function violationsOf(request: PlanningRequest, placement: CheckedPlacement): ViolationsBySubject {
  const found = new Map<string, number>();
  const report = (subject: string, amount: number): void => {
    if (amount > 0) found.set(subject, (found.get(subject) ?? 0) + amount);
  };
  checkNodes(request, placement, report);
  checkZones(request, placement, report);
  checkShards(request, placement, report);
  checkDependencies(request, placement, report);
  return found;
}

/** Subjects that are worse in `after` than in `before`, with both amounts: empty when the law holds. */
export function worsened(before: ViolationsBySubject, after: ViolationsBySubject): string[] {
  const slack = 1e-9;
  return [...after]
    .filter(([subject, amount]) => amount > (before.get(subject) ?? 0) * (1 + slack) + slack)
    .map(([subject, amount]) => `${subject}: ${before.get(subject) ?? 0} → ${amount}`);
}

/** Replicas on nodes that must be vacated. */
export function replicasToVacate(request: PlanningRequest, placement: CheckedPlacement): number {
  const leaving = new Set(request.snapshot.nodes.filter(mustBeVacated).map((node) => node.id));
  return [...placement.values()].filter((replica) => leaving.has(replica.node)).length;
}

/** Moves that nobody may make: onto a node that takes nothing, of a shard or off a node that may not move now. */
export function forbiddenMoves(request: PlanningRequest, moves: readonly Move[]): string[] {
  const { snapshot, policy } = request;
  const { shards } = snapshot;
  const nodes = new Map(snapshot.nodes.map((node, index) => [node.id, { node, index }]));
  const stays = policy.placement.pins
    .filter((pin) => pin.effect === 'stay')
    .map((pin) => compileSelector(pin.select));
  const problems: string[] = [];
  for (const move of moves) {
    const source = nodes.get(move.source);
    const destination = nodes.get(move.destination);
    const s = shards.ids.indexOf(move.shard);
    if (!source || !destination || s < 0) throw new Error(`${move.id} names something unknown`);
    const group = shards.groupNames[shards.groups[s]] ?? '';
    if (!takesReplicas(destination.node))
      problems.push(`${move.id} goes to ${move.destination}, which takes nothing`);
    if (request.frozenNodes.includes(destination.index)) problems.push(`${move.id} goes to a cooling node`);
    if (request.frozenNodes.includes(source.index) && !mustBeVacated(source.node)) {
      problems.push(`${move.id} leaves a cooling node`);
    }
    if (request.frozenShards.includes(s)) problems.push(`${move.id} moves a cooling shard`);
    if (shards.statuses[s] === 3 || shards.statuses[s] === 4)
      problems.push(`${move.id} moves a paused shard`);
    if (stays.some((matches) => matches(move.shard, group))) problems.push(`${move.id} moves a pinned shard`);
  }
  return problems;
}

/** What the moves cost by the policy's prices, in units of the objective. */
export function priceOfMoves(request: PlanningRequest, moves: readonly Move[]): number {
  const { benefit } = request.policy;
  const nodes = new Map(request.snapshot.nodes.map((node) => [node.id, node]));
  const before = placementOf(request);
  let price = 0;
  for (const move of moves) {
    const group = before.get(`${move.shard}/${move.replica}`)?.group ?? '';
    const rule = benefit.shardPrices.find(({ select }) => compileSelector(select)(move.shard, group));
    const own = benefit.pricePerMove + (rule?.price ?? 0) + benefit.pricePerGiB * (move.bytes / 2 ** 30);
    const from = nodes.get(move.source);
    const to = nodes.get(move.destination);
    const { withinZone, withinRegion, acrossRegions } = benefit.distanceFactors;
    const isNear = from && to && domainOf(from, 'zone') === domainOf(to, 'zone');
    const isFar = from && to && domainOf(from, 'region') !== domainOf(to, 'region');
    const factor = isFar ? acrossRegions : isNear ? withinZone : withinRegion;
    price += own * (move.kind === 'relocate' ? factor : 1);
  }
  const movesOf = new Map<string, number>();
  for (const [key, { group, node, origin, leads }] of afterMoves(before, moves)) {
    if (group === '') continue;
    const lostLead = before.get(key)?.leads === true && !leads;
    movesOf.set(group, (movesOf.get(group) ?? 0) + (node === origin ? 0 : 1) + (lostLead ? 1 : 0));
  }
  return price + benefit.pricePerMoveInGroup * Math.max(0, ...movesOf.values());
}

type Report = (subject: string, amount: number) => void;

/** Load per node and dimension of the snapshot, and what is held where it came from until the plan ends. */
function nodeSums(request: PlanningRequest, placement: CheckedPlacement) {
  const load = new Map<string, number[]>();
  const held = new Map<string, number[]>();
  const count = new Map<string, number>();
  const width = request.snapshot.dimensions.length;
  const rowOf = (sums: Map<string, number[]>, node: string): number[] => {
    const row = sums.get(node) ?? new Array<number>(width).fill(0);
    sums.set(node, row);
    return row;
  };
  for (const replica of placement.values()) {
    count.set(replica.node, (count.get(replica.node) ?? 0) + 1);
    for (const [d, amount] of replica.loads.entries()) {
      rowOf(load, replica.node)[d] += amount;
      for (const place of new Set(replica.left)) if (place !== replica.node) rowOf(held, place)[d] += amount;
    }
  }
  return { rowOf, load, held, count };
}

function checkNodes(request: PlanningRequest, placement: CheckedPlacement, report: Report): void {
  const { snapshot, policy } = request;
  const { rowOf, load, held, count } = nodeSums(request, placement);
  const { placement: rules } = policy;
  const names = snapshot.dimensions.map((dimension) => dimension.name);
  const totals = names.map((_, d) =>
    [...placement.values()].reduce((sum, replica) => sum + replica.loads[d], 0),
  );
  for (const node of snapshot.nodes) {
    const replicas = count.get(node.id) ?? 0;
    for (const dimension of dimensionPolicies(policy, snapshot)) {
      const d = names.indexOf(dimension.name);
      if (d < 0) {
        if (rules.maxReplicasPerNode > 0) {
          report(`capacity/${node.id}/replicas`, replicas - rules.maxReplicasPerNode * dimension.hardLimit);
        }
        // As load, replicas are counted: every one is 1.
        reportExcess(
          report,
          `shareOfLoad/${node.id}/replicas`,
          replicas,
          rules.maxShareOfLoadPerNode * placement.size,
          placement.size / snapshot.nodes.length,
        );
        continue;
      }
      const limit = node.capacity[d] * dimension.hardLimit;
      const isHeld = rules.transientHold === 'plan' && dimension.transient;
      const used = rowOf(load, node.id)[d] + (isHeld ? rowOf(held, node.id)[d] : 0);
      const even = totals[d] / snapshot.nodes.length;
      reportExcess(report, `capacity/${node.id}/${dimension.name}`, used, limit, even);
      if (rules.maxShareOfLoadPerNode < 1) {
        reportExcess(
          report,
          `shareOfLoad/${node.id}/${dimension.name}`,
          used,
          rules.maxShareOfLoadPerNode * totals[d],
          even,
        );
      }
    }
    if (rules.maxReplicasPerNode > 0) report(`replicas/${node.id}`, replicas - rules.maxReplicasPerNode);
    if (rules.maxShareOfReplicasPerNode < 1) {
      const most = Math.floor(rules.maxShareOfReplicasPerNode * placement.size + 1e-9);
      report(`shareOfReplicas/${node.id}`, replicas - most);
    }
  }
}

/** What is above the limit, in units of the limit or of the even share, whichever is more. */
function reportExcess(report: Report, subject: string, load: number, limit: number, evenShare: number): void {
  report(subject, (load - limit * (1 + 1e-9)) / (Math.max(limit, evenShare) || 1));
}

function checkZones(request: PlanningRequest, placement: CheckedPlacement, report: Report): void {
  const { snapshot, policy } = request;
  const { maxReplicasPerZone, maxShareOfReplicasPerZone, maxShareOfLoadPerZone } = policy.placement;
  const zoneOf = new Map(snapshot.nodes.map((node) => [node.id, node.zone]));
  const balanced = new Set(dimensionPolicies(policy, snapshot).map((dimension) => dimension.name));
  const isReported = snapshot.dimensions.some((dimension) => dimension.name === replicaCountDimension);
  const countsReplicas = balanced.has(replicaCountDimension) && !isReported;
  const zones = new Set(zoneOf.values());
  for (const zone of zones) {
    const members = [...placement.values()].filter((replica) => zoneOf.get(replica.node) === zone);
    if (maxReplicasPerZone > 0) report(`replicas/zone/${zone}`, members.length - maxReplicasPerZone);
    if (maxShareOfReplicasPerZone < 1) {
      const most = Math.floor(maxShareOfReplicasPerZone * placement.size + 1e-9);
      report(`shareOfReplicas/zone/${zone}`, members.length - most);
    }
    if (maxShareOfLoadPerZone >= 1) continue;
    if (countsReplicas) {
      const most = maxShareOfLoadPerZone * placement.size;
      reportExcess(
        report,
        `shareOfLoad/zone/${zone}/replicas`,
        members.length,
        most,
        placement.size / zones.size,
      );
    }
    for (const [d, dimension] of snapshot.dimensions.entries()) {
      if (!balanced.has(dimension.name)) continue;
      const total = [...placement.values()].reduce((sum, replica) => sum + replica.loads[d], 0);
      const load = members.reduce((sum, replica) => sum + replica.loads[d], 0);
      const most = maxShareOfLoadPerZone * total;
      reportExcess(report, `shareOfLoad/zone/${zone}/${dimension.name}`, load, most, total / zones.size);
    }
  }
}

function checkShards(request: PlanningRequest, placement: CheckedPlacement, report: Report): void {
  const { snapshot, policy } = request;
  const nodes = new Map(snapshot.nodes.map((node) => [node.id, node]));
  const byShard = Map.groupBy(placement.values(), (replica) => replica.shard);
  for (const [shard, replicas] of byShard) {
    const group = replicas[0].group;
    report(`distinct/${shard}`, replicas.length - new Set(replicas.map((replica) => replica.node)).size);
    for (const level of ['rack', 'zone', 'region'] as const) {
      const spread = policy.placement.spread.find(
        (rule) => rule.level === level && compileSelector(rule.select)(shard, group),
      );
      if (!spread) continue;
      const domains = replicas.map((replica) => {
        const node = nodes.get(replica.node);
        return node ? domainOf(node, level) : '';
      });
      const distinct = new Set(domains).size;
      report(`spreadMin/${level}/${shard}`, Math.min(spread.minDomains, replicas.length) - distinct);
      for (const members of Map.groupBy(domains, (domain) => domain).values()) {
        if (spread.maxPerDomain > 0)
          report(`spreadMax/${level}/${shard}`, members.length - spread.maxPerDomain);
      }
    }
    for (const replica of replicas) checkReplica(request, replica, report);
  }
}

function checkReplica(request: PlanningRequest, replica: CheckedReplica, report: Report): void {
  const { labels, pins } = request.policy.placement;
  const node = request.snapshot.nodes.find((candidate) => candidate.id === replica.node);
  const subject = `allowed/${replica.shard}/${replica.number}`;
  const isSelected = (select: Parameters<typeof compileSelector>[0]): boolean =>
    compileSelector(select)(replica.shard, replica.group);
  const breaksLabel = labels.some((rule) => {
    const value = node?.labels[rule.label];
    const has = value !== undefined && (rule.values.length === 0 || rule.values.includes(value));
    return isSelected(rule.select) && (rule.effect === 'require' ? !has : has);
  });
  const breaksPin = pins.some((rule) => {
    const named = rule.nodes.includes(replica.node);
    return (
      isSelected(rule.select) && ((rule.effect === 'only' && !named) || (rule.effect === 'never' && named))
    );
  });
  if (breaksLabel || breaksPin) report(subject, 1);
}

function checkDependencies(request: PlanningRequest, placement: CheckedPlacement, report: Report): void {
  const { snapshot, policy } = request;
  const nodes = new Map(snapshot.nodes.map((node) => [node.id, node]));
  for (const rule of policy.placement.dependencies) {
    const domainsOf = (group: string): Set<string> => {
      const members = [...placement.values()].filter((replica) => replica.group === group);
      return new Set(
        members.map((replica) => {
          const node = nodes.get(replica.node);
          return node ? domainOf(node, rule.level) : '';
        }),
      );
    };
    const provided = domainsOf(rule.dependsOn);
    for (const domain of domainsOf(rule.group)) {
      if (!provided.has(domain)) report(`dependency/${rule.group}/${rule.dependsOn}/${domain}`, 1);
    }
  }
}
