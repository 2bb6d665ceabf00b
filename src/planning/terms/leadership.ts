import type { Change } from '../change.ts';
import type { LoadFactors } from '../load-factors.ts';
import type { PlacementState } from '../placement-state.ts';
import type { PlanningProblem } from '../problem.ts';
import type { ObjectiveTerm } from '../term.ts';

/**
 * Leadership balance: weight × the sum over nodes of (leaders above the fair share / mean leaders per node)². Leaders
 * are whole, so a node may lead its fair share rounded up. Squares make the busiest node the dearest, as in the balance
 * of loads; a hinge costs nothing where nobody leads too much, so that a fleet that is even stays as it is. O(1).
 */
export function createLeadership(state: PlacementState, factors: LoadFactors): ObjectiveTerm {
  const { problem } = state;
  const leaders = leadersPerNode(state);
  const allowed = allowedLeaders(problem, factors);
  const total = leaders.reduce((sum, count) => sum + count, 0);
  const mean = total / Math.max(1, allowed.length);
  const perSquare = total > 0 ? problem.request.policy.benefit.leadershipWeight / (mean * mean) : 0;

  const cost = (node: number, count: number): number => {
    const above = count - allowed[node];
    return above > 0 ? perSquare * above * above : 0;
  };

  /** Leaders that the change takes from one node to the other. */
  function shifted({ kind, replica, partner }: Change): number {
    if (kind === 'transfer') return 1;
    return state.leads[replica] - (kind === 'swap' ? state.leads[partner] : 0);
  }

  /** Whose leadership a running change carries; a transfer has changed hands by the time that it is settled. */
  const carries = (change: Change): boolean =>
    change.kind === 'transfer' || state.leads[change.replica] === 1;

  return {
    name: 'leadership balance',
    level: 'balance',
    delta(change) {
      const moved = shifted(change);
      if (moved === 0) return 0;
      const { from, to } = change;
      return (
        cost(from, leaders[from] - moved) -
        cost(from, leaders[from]) +
        cost(to, leaders[to] + moved) -
        cost(to, leaders[to])
      );
    },
    hold(change) {
      if (carries(change)) leaders[change.to] += 1;
    },
    settle(change) {
      if (carries(change)) leaders[change.from] -= 1;
    },
    value: () => leaders.reduce((sum, count, node) => sum + cost(node, count), 0),
  };
}

/** Leaders on each node now. */
export function leadersPerNode(state: PlacementState): Int32Array {
  const leaders = new Int32Array(state.problem.nodeCount);
  for (let r = 0; r < state.leads.length; r++) if (state.leads[r] === 1) leaders[state.nodeOf[r]] += 1;
  return leaders;
}

/**
 * Leaders that each node may have: its share of effective capacity (over the weighted dimensions) of all leaders,
 * rounded up; none where every replica must leave.
 */
export function allowedLeaders(problem: PlanningProblem, factors: LoadFactors): Int32Array {
  const known = allowedOf.get(problem);
  if (known) return known;
  const allowed = shareOut(problem, factors);
  allowedOf.set(problem, allowed);
  return allowed;
}

/** Asked for anew with every state and every reason, but the same for all of a problem. */
const allowedOf = new WeakMap<PlanningProblem, Int32Array>();

function shareOut(problem: PlanningProblem, factors: LoadFactors): Int32Array {
  const { nodeCount, width, nodes, shards } = problem;
  const total = shards.replicaLeads.reduce((sum, leads) => sum + leads, 0);
  const shares = new Float64Array(nodeCount);
  const sum = new Float64Array(width);
  const stays = (node: number): boolean => nodes.vacate[node] === 0;
  for (let n = 0; n < nodeCount; n++) {
    if (stays(n)) for (let d = 0; d < width; d++) sum[d] += nodes.effective[n * width + d];
  }
  let weighed = 0;
  for (let d = 0; d < width; d++) {
    if (factors.weights[d] === 0 || !(sum[d] > 0)) continue;
    weighed += factors.weights[d];
    for (let n = 0; n < nodeCount; n++) {
      if (stays(n)) shares[n] += (factors.weights[d] * nodes.effective[n * width + d]) / sum[d];
    }
  }
  if (weighed === 0) shares.fill(1 / Math.max(1, nodeCount));
  // Shares such as 0.1 × 30 that doubles make 3.0000000000000004 are not rounded up to 4.
  return Int32Array.from(shares, (share, n) =>
    stays(n) ? Math.ceil((share / (weighed || 1)) * total * (1 - 1e-12)) : 0,
  );
}
