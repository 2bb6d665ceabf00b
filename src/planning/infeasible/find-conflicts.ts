import type { Problem } from '../../domain/problem.ts';
import { strandedReplicas } from '../obstacles.ts';
import type { PlacementState } from '../placement-state.ts';
import { immobility } from '../problem.ts';
import type { SearchEngine } from '../search/search-engine.ts';
import { type PlacementRule, placementRulesOf } from './placement-rules.ts';
import { smallestConflict } from './smallest-conflict.ts';

/** A set of rules in conflict, and the replicas that it leaves without a place. */
interface Conflict {
  readonly names: ReadonlySet<string>;
  readonly rules: readonly PlacementRule[];
  readonly example: number;
  count: number;
}

/** Conflicts reported at once. */
const maxConflicts = 20;

/**
 * The rules in conflict when something must be placed and cannot be, whatever else moves: PLACEMENT_INFEASIBLE, one
 * problem per distinct set of rules, each a smallest one. Empty when at least one stranded replica is only held up for now
 * (a budget, a cooldown, a lack of room that other moves could make): that is an obstacle, not a contradiction.
 */
export function findConflicts(engine: SearchEngine): readonly Problem[] {
  const { state } = engine;
  const { problem } = state;
  const conflicts = new Map<string, Conflict>();
  for (const replica of strandedReplicas(state, engine.constraints)) {
    // What may not move now may move later; but where no node takes anything, that helps nobody.
    if (problem.immobile[problem.shardOf[replica]] !== immobility.none && problem.nodes.takes.includes(1)) {
      return [];
    }
    const rules = placementRulesOf(state, replica);
    const keeps = (each: readonly PlacementRule[]): boolean => fits(state, replica, each);
    const known = [...conflicts.values()].find(
      ({ names }) => !keeps(rules.filter((rule) => names.has(rule.name))),
    );
    if (known) {
      known.count += 1;
      continue;
    }
    const conflict = smallestConflict(rules, keeps);
    if (conflict === null) return [];
    const names = new Set(conflict.map((rule) => rule.name));
    conflicts.set([...names].join(', '), { names, rules: conflict, example: replica, count: 1 });
  }
  return [...conflicts].slice(0, maxConflicts).map(([names, { count, example, rules }]) => {
    const shard = problem.shards.ids[problem.shardOf[example]];
    const node = problem.request.snapshot.nodes[state.nodeOf[example]].id;
    const texts = rules.map((rule) => rule.text).join(' and ');
    return {
      code: 'PLACEMENT_INFEASIBLE',
      message: `${count} ${count === 1 ? 'replica has' : 'replicas have'} no place, for instance replica ${problem.shards.replicaNumbers[example]} of shard ${shard} on node ${node}: no placement keeps ${texts}`,
      subject: `shard/${shard}`,
      value: count,
      limit: names,
      remedy: `Any one of these is enough to go on: ${rules.map((rule) => rule.remedy).join('; ')}.`,
    };
  });
}

/**
 * Whether the replica may find a place under the rules, however the others of its shard are moved or left where they are;
 * what else lies on the nodes is not asked. By counting nodes and domains: true where that shows no contradiction.
 */
function fits(state: PlacementState, replica: number, rules: readonly PlacementRule[]): boolean {
  const { problem, nodeOf } = state;
  const { replicaOffsets } = problem.shards;
  const shard = problem.shardOf[replica];
  const copies = replicaOffsets[shard + 1] - replicaOffsets[shard];
  const usable = new Uint8Array(problem.nodeCount).fill(1);
  for (const { lets } of rules) {
    if (lets !== null) for (let node = 0; node < usable.length; node++) usable[node] &= lets[node];
  }
  if (!usable.includes(1)) return false;
  for (let other = replicaOffsets[shard]; other < replicaOffsets[shard + 1]; other++) {
    if (other !== replica) usable[nodeOf[other]] = 1;
  }
  const isDistinct = rules.some((rule) => rule.distinct);
  if (isDistinct && usable.reduce((sum, each) => sum + each, 0) < copies) return false;
  return rules.every(({ spread }) => {
    if (spread === null) return true;
    const inDomain = new Map<number, number>();
    for (let node = 0; node < usable.length; node++) {
      const domain = spread.domains[node];
      if (usable[node] === 1) inDomain.set(domain, (inDomain.get(domain) ?? 0) + 1);
    }
    if (inDomain.size < Math.min(spread.minDomains, copies)) return false;
    if (spread.maxPerDomain === 0) return true;
    let room = 0;
    for (const nodes of inDomain.values()) {
      room += isDistinct ? Math.min(nodes, spread.maxPerDomain) : spread.maxPerDomain;
    }
    return room >= copies;
  });
}
