import type { LowerBoundKind } from '../../domain/plan.ts';
import type { PlanningProblem } from '../problem.ts';
import { countingBound } from './counting-bound.ts';
import { type DomainShare, domainShares } from './domain-shares.ts';
import { jointBound } from './joint-bound.ts';
import { fixedLoad, type PlacedLoad, placedLoad } from './load-facts.ts';
import { waterLevel } from './water-level.ts';

/** No plan, however many moves it has, ends with a smaller peak over mean in its worst weighted dimension. */
export interface PeakBound {
  readonly peakToMean: number;
  /** What stands in the way. */
  readonly by: LowerBoundKind;
}

/** Placement classes whose own nodes are filled up; those with the most load are looked at. */
const maxClasses = 16;

/**
 * The largest, over the weighted dimensions, of
 *
 * - **waterFilling**: the level λ at which nodes filled to min(hard limit, share of the load, λ × effective capacity) hold
 *   the load: all of it on all nodes, where a node holds at most one replica of a shard, and a zone (rack, region) at most
 *   what spread lets it; and the load of shards with label rules or pins on the nodes that those allow;
 * - **largestReplica**: an indivisible replica on the largest node that may hold it;
 * - **counting**: so many large replicas find so many nodes (`countingBound`);
 * - **nodeShapes**: nodes of several shapes, on which no placement is as even in all dimensions at once (`jointBound`);
 * - **immovable**: what carries load that nothing can move now: paused, pinned and cooling shards, cooling nodes.
 *
 * Rules that even full nodes cannot keep are left out: then the plan breaks them as well. Load on nodes that take nothing
 * but need not be vacated may stay there: levels are taken for the load that must lie on taking nodes, and set against a
 * mean over all load that might. O(replicas × dimensions + nodes × classes).
 */
export function peakBound(problem: PlanningProblem): PeakBound {
  const shares = domainShares(problem);
  const fixed = fixedLoad(problem);
  let bound: PeakBound = { peakToMean: 1, by: 'waterFilling' };
  for (let d = 0; d < problem.width; d++) {
    if (problem.dimensions[d].weight > 0) bound = boundDimension(problem, shares, fixed, d, bound);
  }
  const joint = jointBound(problem);
  return joint > bound.peakToMean * (1 + 1e-9) ? { peakToMean: joint, by: 'nodeShapes' } : bound;
}

/** Nodes that take replicas and can carry load in a dimension. */
interface Takers {
  readonly nodes: Int32Array;
  readonly effective: Float64Array;
  readonly limits: Float64Array;
}

function boundDimension(
  problem: PlanningProblem,
  shares: readonly DomainShare[],
  fixed: Float64Array | null,
  d: number,
  known: PeakBound,
): PeakBound {
  const { width, totals, loads } = problem;
  const takers = takersOf(problem, d);
  const capacity = takers.effective.reduce((sum, effective) => sum + effective, 0);
  const mean = totals[d] / capacity;
  const placed = placedLoad(problem, d);
  if (!(placed.must > 0) || !Number.isFinite(mean) || !(mean > 0)) return known;
  let bound = known;
  const raise = (peakToMean: number, by: LowerBoundKind): void => {
    // Rounding decides nothing, and a level that is never reached says nothing.
    if (Number.isFinite(peakToMean) && peakToMean > bound.peakToMean * (1 + 1e-12))
      bound = { peakToMean, by };
  };
  raise((fleetLevel(takers, shares, d, placed.must) * capacity) / placed.must, 'waterFilling');
  boundClasses(problem, placed, takers, mean, raise);
  if (fixed !== null) {
    for (const [i, node] of takers.nodes.entries()) {
      raise(fixed[node * width + d] / takers.effective[i] / mean, 'immovable');
    }
  }
  // Counted only where every replica must be placed: elsewhere some may stay outside.
  if (placed.must < totals[d] * (1 - 1e-9)) return bound;
  const most = placed.largestOfClass.reduce((largest, size) => Math.max(largest, size), 0);
  const counted = countingBound({ loads, width, d, most }, takers.effective, bound.peakToMean * mean);
  raise(counted / mean, 'counting');
  return bound;
}

function takersOf({ nodes, width, nodeCount, totals, request }: PlanningProblem, d: number): Takers {
  const share = request.policy.placement.maxShareOfLoadPerNode;
  const most = share < 1 ? share * totals[d] : Number.POSITIVE_INFINITY;
  const taking = new Int32Array(nodeCount);
  const effective = new Float64Array(nodeCount);
  const limits = new Float64Array(nodeCount);
  let count = 0;
  for (let node = 0; node < nodeCount; node++) {
    const at = node * width + d;
    if (nodes.takes[node] === 0 || nodes.effective[at] <= 0) continue;
    taking[count] = node;
    effective[count] = nodes.effective[at];
    limits[count] = Math.min(nodes.hardLimit[at], most);
    count += 1;
  }
  return {
    nodes: taking.subarray(0, count),
    effective: effective.subarray(0, count),
    limits: limits.subarray(0, count),
  };
}

/** The level for all load: without domains, and under what each of the levels lets its domains hold. */
function fleetLevel(
  { nodes, effective: slopes, limits }: Takers,
  shares: readonly DomainShare[],
  d: number,
  load: number,
): number {
  const anywhere = new Int32Array(nodes.length);
  let best = waterLevel({ slopes, limits, domains: anywhere, domainLimit: Number.POSITIVE_INFINITY }, load);
  for (const { ofNode, limit } of shares) {
    const domainLimit = limit(d, best);
    if (domainLimit === Number.POSITIVE_INFINITY) continue;
    const level = waterLevel(
      { slopes, limits, domains: nodes.map((node) => ofNode[node]), domainLimit },
      load,
    );
    // Rules that even full nodes cannot keep are left out.
    if (Number.isFinite(level) && !(level <= best)) best = level;
  }
  return best;
}

/** Load and largest replica of each placement class against the nodes that it allows. */
function boundClasses(
  problem: PlanningProblem,
  placed: PlacedLoad,
  takers: Takers,
  mean: number,
  raise: (peakToMean: number, by: LowerBoundKind) => void,
): void {
  const { classes } = problem.classes;
  for (const [index, { allowed }] of classes.entries()) {
    let roomiest = 0;
    for (let i = 0; i < takers.nodes.length; i++) {
      if (allowed === null || allowed[takers.nodes[i]] === 1) {
        roomiest = Math.max(roomiest, takers.effective[i]);
      }
    }
    if (roomiest > 0) raise(placed.largestOfClass[index] / roomiest / mean, 'largestReplica');
  }
  const restricted = classes
    .map((entry, index) => ({ allowed: entry.allowed, load: placed.mustOfClass[index], index }))
    .filter((entry) => entry.allowed !== null && entry.load > 0)
    .sort((left, right) => right.load - left.load || left.index - right.index)
    .slice(0, maxClasses);
  for (const { allowed: outer } of restricted) {
    const inside = Int32Array.from(takers.nodes.keys()).filter((i) => outer?.[takers.nodes[i]] === 1);
    const within = restricted.filter(({ allowed }) =>
      takers.nodes.every((node) => allowed?.[node] !== 1 || outer?.[node] === 1),
    );
    const basin = {
      slopes: Float64Array.from(inside, (i) => takers.effective[i]),
      limits: Float64Array.from(inside, (i) => takers.limits[i]),
      domains: new Int32Array(inside.length),
      domainLimit: Number.POSITIVE_INFINITY,
    };
    const load = within.reduce((sum, entry) => sum + entry.load, 0);
    raise(waterLevel(basin, load) / mean, 'waterFilling');
  }
}
