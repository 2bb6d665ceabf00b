import type { DestinationSurvey, PlacementOption, RefusalCount } from '../../domain/explanation.ts';
import { type Change, createChange } from '../change.ts';
import { negligible, type SearchEngine } from '../search/search-engine.ts';
import { compareWeighed, refusalsOf, type Weighed, weigh } from './weigh-change.ts';

/** A destination with what it would be worth, before it is told. */
interface Candidate {
  readonly node: number;
  readonly weighed: Weighed;
}

/** What every other node says to a replica, with the candidates that decide why it stays. */
export interface Survey {
  readonly told: DestinationSurvey;
  /** The best by objective whatever the rules say, and the best among those allowed; undefined where there is none. */
  readonly best: Option | undefined;
  readonly bestAllowed: Option | undefined;
  /** The best that the rules allow and the budget does not. */
  readonly bestUnaffordable: Option | undefined;
  /** Whether any destination would lessen a violation or vacate a node: the replica ought not to be where it is. */
  readonly mustGo: boolean;
}

export interface Option {
  readonly weighed: Weighed;
  readonly told: PlacementOption;
}

/** Asks all nodes but the one that the replica is on; O(nodes × dimensions). Ties go to the first node. */
export function surveyDestinations(engine: SearchEngine, replica: number, limit: number): Survey {
  const { state } = engine;
  const { problem } = state;
  const change = createChange();
  const home = problem.shards.replicaNodes[replica];
  const here = state.nodeOf[replica];
  const candidates: Candidate[] = [];
  for (let node = 0; node < problem.nodeCount; node++) {
    if (node === here) continue;
    candidates.push({ node, weighed: weigh(engine, state.relocation(change, replica, node)) });
  }
  const refusals = countRefusals(candidates);
  const better = candidates.filter(({ weighed }) => weighed.isBetter).length;
  const allowed = candidates.filter(({ weighed }) => weighed.refusedBy === null).length;
  const asked = candidates.length;
  candidates.sort((left, right) => compareWeighed(left.weighed, right.weighed) || left.node - right.node);
  const first = (wanted: (weighed: Weighed) => boolean): Candidate | undefined =>
    candidates.find(({ weighed }) => wanted(weighed));
  const best = candidates[0];
  const bestAllowed = first(({ refusedBy }) => refusedBy === null);
  const bestUnaffordable = first(({ refusedBy }) => refusedBy?.code.startsWith('budget') === true);
  const homeward = candidates.find(({ node }) => node === home);
  const told = new Map<Candidate, Option>();
  const named = [...candidates.slice(0, limit), bestAllowed, bestUnaffordable, homeward];
  for (const candidate of candidates) {
    if (!named.includes(candidate)) continue;
    state.relocation(change, replica, candidate.node);
    told.set(candidate, { weighed: candidate.weighed, told: optionOf(engine, change, candidate.weighed) });
  }
  const optionFor = (candidate: Candidate | undefined): Option | undefined =>
    candidate && told.get(candidate);
  return {
    told: { asked, allowed, better, refusals, options: [...told.values()].map((option) => option.told) },
    best: optionFor(best),
    bestAllowed: optionFor(bestAllowed),
    bestUnaffordable: optionFor(bestUnaffordable),
    mustGo: candidates.some(
      ({ weighed }) => weighed.deltas.violations < -negligible || weighed.deltas.vacate < 0,
    ),
  };
}

/** @param change as it was weighed */
export function optionOf(engine: SearchEngine, change: Change, weighed: Weighed): PlacementOption {
  const { problem } = engine.state;
  const mover = change.kind === 'transfer' ? change.partner : change.replica;
  const isHome =
    change.kind === 'transfer'
      ? problem.shards.replicaLeads[mover] === 1
      : problem.shards.replicaNodes[mover] === change.to;
  return {
    replica: problem.shards.replicaNumbers[mover],
    node: problem.request.snapshot.nodes[change.to].id,
    isHome,
    gain: weighed.gain,
    price: weighed.price,
    refusals: refusalsOf(engine, change),
  };
}

function countRefusals(candidates: readonly Candidate[]): readonly RefusalCount[] {
  const counts = new Map<string, RefusalCount>();
  for (const { weighed } of candidates) {
    if (weighed.refusedBy === null) continue;
    const { rule, code } = weighed.refusedBy;
    const key = `${rule}/${code}`;
    counts.set(key, { rule, code, nodes: (counts.get(key)?.nodes ?? 0) + 1 });
  }
  return [...counts.values()].sort((left, right) => right.nodes - left.nodes);
}
