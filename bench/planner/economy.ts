import { createRandom, type Random } from '../../src/base/random.ts';
import type { Move } from '../../src/domain/move.ts';
import type { PlanningRequest } from '../../src/domain/planning.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { applyMoves } from './apply-moves.ts';
import type { Line } from './bench-line.ts';
import { converge } from './converge.ts';
import type { FleetShape } from './generate-fleet.ts';
import { planFigures, timePlan, warmUp, worstPeakToMean } from './measure-plan.ts';
import { peakRssBytes } from './peak-memory.ts';
import { usualRequest } from './usual-fleet.ts';

/** Deviation of a load from its mean, drawn anew for each replica and dimension in every round. */
const noise = 0.05;

/** A round is a minute: the cooldown of a shard is ten of them in the default policy. */
const roundMs = 60_000;

/**
 * Whether a balanced fleet is left alone. First the fleet is planned until it is at rest: the plan after the first one
 * should be empty. Then loads are noisy around what they were, and every plan is carried out, however small its gain:
 * no trigger and no guardrail holds it back, as they would in the service. Only the shards' cooldown does.
 */
export function moveEconomy(shape: FleetShape, rounds: number, progress: (text: string) => void): Line {
  progress('balances the fleet');
  warmUp();
  const request = usualRequest(shape);
  const rest = converge(request);
  const random = createRandom(`${shape.seed}/noise`);
  const history = createHistory(request.policy.cooldown.shardMs / roundMs);
  const found = noisyRounds({ ...request, snapshot: rest.fleet }, rounds, random, history, progress);
  const shards = request.snapshot.shards.ids.length;
  return {
    ...{ replicas: shape.replicas, nodes: shape.nodes, dimensions: shape.dimensions.length },
    ...{ shards, rounds, noise },
    millis: found.millis,
    cpuMillis: found.cpuMillis,
    peakRssBytes: peakRssBytes(),
    ...{ peakToMeanBefore: found.worstBefore, peakToMean: found.worstPeakToMean, gap: found.worstGap },
    ...{ moves: found.moves, movesLowerBound: found.bound, waves: found.waves },
    evaluations: found.evaluations,
    firstPlanMoves: rest.moves[0] ?? 0,
    secondPlanMoves: rest.moves[1] ?? 0,
    plansUntilRest: rest.moves.length,
    shareOfShards: found.moves / shards,
    backWithinCooldown: found.backWithinCooldown,
    backLater: found.backLater,
  };
}

function noisyRounds(
  request: PlanningRequest,
  rounds: number,
  random: Random,
  history: History,
  progress: (text: string) => void,
) {
  /** Sums over the rounds, and the worst of any; going back is within the cooldown, or later. */
  const found = {
    ...{ moves: 0, bound: 0, backWithinCooldown: 0, backLater: 0, waves: 0, evaluations: 0, millis: 0 },
    ...{ cpuMillis: 0, worstPeakToMean: 1, worstBefore: 1, worstGap: 0 },
  };
  let fleet = request.snapshot;
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}, ${found.moves} moves so far`);
    const asked = {
      ...request,
      snapshot: withNoise(fleet, random),
      frozenShards: history.cooling(fleet, round),
    };
    const { result, millis, cpuMillis } = timePlan(asked);
    const { moves, summary } = result;
    found.millis += millis;
    found.cpuMillis += cpuMillis;
    found.moves += moves.length;
    found.bound += planFigures(asked, summary).movesLowerBound;
    found.waves += summary.waves;
    found.evaluations += summary.evaluations;
    found.worstBefore = Math.max(found.worstBefore, worstPeakToMean(asked, summary.before));
    found.worstPeakToMean = Math.max(found.worstPeakToMean, worstPeakToMean(asked, summary.after));
    found.worstGap = Math.max(found.worstGap, summary.gap);
    const back = history.record(moves, round);
    found.backWithinCooldown += back.withinCooldown;
    found.backLater += back.later;
    fleet = applyMoves(fleet, moves);
  }
  return found;
}

/** Loads around those of the fleet. */
function withNoise(fleet: Snapshot, random: Random): Snapshot {
  const replicaLoads = fleet.shards.replicaLoads.map((load) => load * Math.max(0, random.normal(1, noise)));
  return { ...fleet, shards: { ...fleet.shards, replicaLoads } };
}

interface History {
  /** Indices of shards that moved less than a cooldown ago. */
  cooling(fleet: Snapshot, round: number): Int32Array;
  /** Counts moves of a replica to a node that it left in an earlier round. */
  record(moves: readonly Move[], round: number): { readonly withinCooldown: number; readonly later: number };
}

function createHistory(cooldownRounds: number): History {
  const movedAt = new Map<string, number>();
  /** Round in which a replica left a node. */
  const leftAt = new Map<string, number>();
  return {
    cooling(fleet, round) {
      const frozen: number[] = [];
      for (const [s, id] of fleet.shards.ids.entries()) {
        const moved = movedAt.get(id);
        if (moved !== undefined && round - moved < cooldownRounds) frozen.push(s);
      }
      return Int32Array.from(frozen);
    },
    record(moves, round) {
      let withinCooldown = 0;
      let later = 0;
      for (const move of moves) {
        movedAt.set(move.shard, round);
        if (move.kind !== 'relocate') continue;
        const left = leftAt.get(`${move.shard}/${move.replica}/${move.destination}`);
        if (left !== undefined && left < round) {
          if (round - left < cooldownRounds) withinCooldown += 1;
          else later += 1;
        }
      }
      for (const move of moves)
        if (move.kind === 'relocate') leftAt.set(`${move.shard}/${move.replica}/${move.source}`, round);
      return { withinCooldown, later };
    },
  };
}
