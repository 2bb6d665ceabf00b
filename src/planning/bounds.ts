import type { DimensionBalance } from '../domain/plan.ts';
import type { PlanningProblem } from './problem.ts';

/** Replicas up to which loads are sorted for the pigeonhole bound; beyond it the largest one alone must do. */
const maxSortedReplicas = 250_000;

/** Rows of equal height that the pigeonhole bound looks at. */
const maxPigeonholes = 4_096;

/**
 * No placement whatever has a smaller peak over mean in its worst weighted dimension. Per dimension the largest of:
 *
 * - water-filling: the level λ at which nodes filled to min(hard limit, λ × effective capacity) hold all load;
 * - the largest indivisible replica on the largest node;
 * - pigeonholes: of the k × nodes + 1 largest replicas some node has k + 1 (Coffman, Garey, Johnson, "Approximation
 *   algorithms for bin packing", the bound by counting items).
 *
 * Load on nodes that take nothing but need not be vacated may stay there: the level is taken for the load that must
 * lie on taking nodes, the mean for all that might.
 */
export function peakToMeanBound(problem: PlanningProblem): number {
  let bound = 1;
  for (let d = 0; d < problem.width; d++) {
    if (problem.dimensions[d].weight > 0) bound = Math.max(bound, dimensionBound(problem, d));
  }
  return bound;
}

/** (peak over mean − bound) / bound over the weighted dimensions; 0 when the bound is reached. */
export function gapTo(
  bound: number,
  balances: readonly DimensionBalance[],
  problem: PlanningProblem,
): number {
  let worst = 1;
  for (const [d, balance] of balances.entries()) {
    if (problem.dimensions[d].weight > 0) worst = Math.max(worst, balance.peakToMean);
  }
  return Math.max(0, (worst - bound) / bound);
}

function dimensionBound(problem: PlanningProblem, d: number): number {
  const { nodes, width, nodeCount, replicaCount, shards, loads } = problem;
  const takers: { readonly effective: number; readonly limit: number }[] = [];
  let capacity = 0;
  let largest = 0;
  for (let n = 0; n < nodeCount; n++) {
    const effective = nodes.effective[n * width + d];
    if (nodes.takes[n] === 0 || effective <= 0) continue;
    takers.push({ effective, limit: nodes.hardLimit[n * width + d] });
    capacity += effective;
    largest = Math.max(largest, effective);
  }
  let must = 0;
  let might = 0;
  const sizes = new Float64Array(replicaCount);
  for (let r = 0; r < replicaCount; r++) {
    const load = loads[r * width + d];
    const node = shards.replicaNodes[r];
    might += load;
    if (nodes.takes[node] === 0 && nodes.vacate[node] === 0) continue;
    must += load;
    sizes[r] = load;
  }
  const mean = might / capacity;
  if (takers.length === 0 || !(must > 0) || !Number.isFinite(mean) || mean <= 0) return 1;
  const level = waterLevel(takers, must);
  const indivisible = pigeonhole(sizes, takers.length) / largest;
  // Filling to a level is measured against the same load; an indivisible replica against the largest possible mean.
  return Math.max(1, (level * capacity) / must, indivisible / mean);
}

/** λ with Σ min(limit, λ × effective) = load; the plain mean when even full nodes cannot hold it. */
function waterLevel(takers: readonly { effective: number; limit: number }[], load: number): number {
  const sorted = [...takers].sort(
    (left, right) => left.limit / left.effective - right.limit / right.effective,
  );
  let open = sorted.reduce((sum, node) => sum + node.effective, 0);
  const whole = open;
  let rest = load;
  for (const node of sorted) {
    const level = rest / open;
    if (level <= node.limit / node.effective) return level;
    rest -= node.limit;
    open -= node.effective;
    if (!(open > 0)) break;
  }
  return load / whole;
}

/** The largest load that some node must carry, by counting replicas. */
function pigeonhole(sizes: Float64Array, nodeCount: number): number {
  if (sizes.length > maxSortedReplicas) return sizes.reduce((most, size) => (size > most ? size : most), 0);
  const sorted = sizes.slice().sort();
  const at = (rank: number): number => sorted[sorted.length - 1 - rank] ?? 0;
  let bound = at(0);
  for (let full = 1; full <= maxPigeonholes && full * nodeCount < sorted.length; full++) {
    bound = Math.max(bound, (full + 1) * at(full * nodeCount));
  }
  return bound;
}
