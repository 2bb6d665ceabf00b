import type { PlanSummary } from '../../domain/plan.ts';
import { replicasPerNode } from '../build-constraints.ts';
import { capacityLimits } from '../constraints/capacity.ts';
import { createDistinctNodes } from '../constraints/distinct-nodes.ts';
import { createSpread } from '../constraints/spread.ts';
import { createPlacementState, type PlacementState } from '../placement-state.ts';
import { peakBoundWithin } from './budget-bound.ts';
import { fewestMoves } from './moves-bound.ts';
import { peakBound } from './peak-bound.ts';
import type { QualityInput } from './quality-input.ts';
import { hotNodes, type Shedding } from './shedding.ts';

/** What says how good a plan is. */
export type PlanQuality = Pick<
  PlanSummary,
  'lowerBound' | 'lowerBoundWithinBudget' | 'lowerBoundBy' | 'gap' | 'movesLowerBound'
>;

/** Bounds and the distance to them. O(replicas × dimensions). */
export function planQuality(input: QualityInput): PlanQuality {
  const { problem } = input.after;
  const bound = peakBound(problem);
  const within = peakBoundWithin(input, bound);
  let peakToMean = 1;
  for (const [d, { peakToMean: reached }] of input.balance.entries()) {
    if (problem.dimensions[d].weight > 0) peakToMean = Math.max(peakToMean, reached);
  }
  return {
    lowerBound: bound.peakToMean,
    lowerBoundWithinBudget: within.peakToMean,
    lowerBoundBy: within.by,
    gap: Math.max(0, (peakToMean - within.peakToMean) / within.peakToMean),
    movesLowerBound: movesNeeded(input),
  };
}

/**
 * The fewest moves of any plan that does as well as this one: every weighted dimension's peak at most what it reached, no
 * node over a limit that it brought below, nothing left where it took everything away, and the same shards put right.
 */
function movesNeeded(input: QualityInput): number {
  const { after, violationsBefore } = input;
  const { problem } = after;
  if (input.moves === 0) return 0;
  const shedding = reached(input);
  const moves = fewestMoves(problem, shedding) + vacated(after);
  return violationsBefore === 0 ? moves : moves + shardsPutRight(after, shedding);
}

/**
 * Shards that broke spread or distinct nodes and do so no more, as far as none of their replicas is on a node whose moves
 * are counted already: each needs a relocation of its own.
 */
function shardsPutRight(after: PlacementState, shedding: Shedding): number {
  const { problem } = after;
  const { shards, shardOf, nodes } = problem;
  const broken = new Uint8Array(problem.shardCount);
  const mark = (state: PlacementState, value: 0 | 1): void => {
    const rules = problem.spreadLevels.map((level) => createSpread(state, level));
    for (const rule of [...rules, createDistinctNodes(state)]) {
      rule.offenders((replica) => {
        broken[shardOf[replica]] = value;
      });
    }
  };
  mark(createPlacementState(problem), 1);
  mark(after, 0);
  const { slots } = hotNodes(problem, shedding);
  for (let r = 0; r < problem.replicaCount; r++) {
    const node = shards.replicaNodes[r];
    if (slots[node] >= 0 || nodes.vacate[node] === 1) broken[shardOf[r]] = 0;
  }
  return broken.reduce((sum, each) => sum + each, 0);
}

/** What the plan reached, node by node. */
function reached({ after, balance, violationsBefore }: QualityInput): Shedding {
  const { problem } = after;
  const { width, nodeCount, nodes, initial } = problem;
  const { load } = initial;
  const ceilings = new Float64Array(nodeCount * width).fill(Number.POSITIVE_INFINITY);
  for (let node = 0; node < nodeCount; node++) {
    if (nodes.takes[node] === 0) continue;
    for (let d = 0; d < width; d++) {
      const at = node * width + d;
      if (problem.dimensions[d].weight > 0 && nodes.effective[at] > 0) {
        ceilings[at] = balance[d].peak * nodes.effective[at];
      }
    }
  }
  if (violationsBefore === 0) return { load, ceilings, leaving: null, forced: null };
  const limits = capacityLimits(after);
  for (let at = 0; at < ceilings.length; at++) {
    const isRelieved = load[at] > limits[at] && after.load[at] <= limits[at];
    if (isRelieved) ceilings[at] = Math.min(ceilings[at], limits[at]);
    // Nodes that must be vacated are counted by themselves.
    if (nodes.vacate[Math.trunc(at / width)] === 1) ceilings[at] = Number.POSITIVE_INFINITY;
  }
  return { load, ceilings, leaving: leavingByCount(after), forced: leavingByRule(after) };
}

/** Per node the replicas above the policy's number that are so no more. */
function leavingByCount(after: PlacementState): Int32Array | null {
  const limit = replicasPerNode(after);
  if (!Number.isFinite(limit)) return null;
  const { initial, nodes } = after.problem;
  const { vacate } = nodes;
  return initial.count.map((count, node) =>
    vacate[node] === 0 && count > limit && after.count[node] <= limit ? count - limit : 0,
  );
}

/** Replicas that stood where a label rule or a pin forbids them, and do so no more. */
function leavingByRule(after: PlacementState): Uint8Array | null {
  const { classes, shardOf, shards, replicaCount, nodes } = after.problem;
  if (classes.classes.length <= 1) return null;
  const forced = new Uint8Array(replicaCount);
  for (let r = 0; r < replicaCount; r++) {
    const { allowed } = classes.classes[classes.ofShard[shardOf[r]]];
    const from = shards.replicaNodes[r];
    if (allowed === null || nodes.vacate[from] === 1) continue;
    if (allowed[from] === 0 && allowed[after.nodeOf[r]] === 1) forced[r] = 1;
  }
  return forced;
}

/** Replicas that the plan took off nodes that must be vacated: each needs a move. */
function vacated(after: PlacementState): number {
  const { initial, nodes } = after.problem;
  const { vacate } = nodes;
  let replicas = 0;
  for (let node = 0; node < vacate.length; node++) {
    if (vacate[node] === 1) replicas += initial.count[node] - after.count[node];
  }
  return Math.max(0, replicas);
}
