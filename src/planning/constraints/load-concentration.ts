import type { Constraint } from '../constraint.ts';
import type { PlacementState } from '../placement-state.ts';
import { rounded } from '../rounded.ts';
import { excessScale } from './excess-scale.ts';

const roundingShare = 1e-12;

/**
 * At most a share of the namespace's load, in each dimension, in one domain (a zone). Subject: domain and dimension;
 * amount: the excess relative to what `excessScale` says. O(dimensions).
 *
 * @param relative as for `createCapacity`
 */
export function createLoadConcentration(
  state: PlacementState,
  domains: Int32Array,
  share: number,
  relative: boolean,
): Constraint {
  const { problem } = state;
  const { width } = problem;
  const domainCount = domains.reduce((most, domain) => Math.max(most, domain + 1), 1);
  const load = new Float64Array(domainCount * width);
  for (let node = 0; node < problem.nodeCount; node++) {
    for (let d = 0; d < width; d++) load[domains[node] * width + d] += state.load[node * width + d];
  }
  const limits = load.map((_, at) => share * problem.totals[at % width]);
  const ceilings = relative ? limits.map((limit, at) => Math.max(limit, load[at])) : limits;

  function over(at: number, used: number): number {
    const limit = limits[at];
    if (used <= limit * (1 + roundingShare)) return 0;
    return (used - limit) / excessScale(limit, problem.totals[at % width] / domainCount);
  }

  return {
    name: 'share of load per zone',
    obstacle: 'concentration',
    kind: 'load',
    delta(change) {
      const source = domains[change.from];
      const destination = domains[change.to];
      if (source === destination) return 0;
      let total = 0;
      for (let d = 0; d < width; d++) {
        const amount = change.loads[change.offset + d];
        if (amount === 0) continue;
        const gains = (amount > 0 ? destination : source) * width + d;
        const loses = (amount > 0 ? source : destination) * width + d;
        const size = Math.abs(amount);
        if (load[gains] + size > ceilings[gains] * (1 + roundingShare)) return Number.POSITIVE_INFINITY;
        total += over(gains, load[gains] + size) - over(gains, load[gains]);
        total += over(loses, load[loses] - size) - over(loses, load[loses]);
      }
      return total;
    },
    refusal(change) {
      for (let d = 0; d < width; d++) {
        const amount = change.loads[change.offset + d];
        const gains = amount > 0 ? change.to : change.from;
        const at = domains[gains] * width + d;
        const observed = load[at] + Math.abs(amount);
        if (amount === 0 || observed <= ceilings[at] * (1 + roundingShare)) continue;
        const { zone } = problem.request.snapshot.nodes[gains];
        const { name } = problem.dimensions[d];
        const message = `zone ${zone} would carry ${rounded(observed)} ${name}, above its share of ${rounded(limits[at])}`;
        return { subject: `zone/${zone}`, dimension: name, observed, limit: limits[at], message };
      }
      const { zone } = problem.request.snapshot.nodes[change.to];
      return { subject: `zone/${zone}`, message: `zone ${zone} has no room` };
    },
    hold(change) {
      const source = domains[change.from];
      const destination = domains[change.to];
      if (source === destination) return;
      for (let d = 0; d < width; d++) {
        const amount = change.loads[change.offset + d];
        if (amount > 0) load[destination * width + d] += amount;
        else load[source * width + d] -= amount;
      }
    },
    settle(change) {
      const source = domains[change.from];
      const destination = domains[change.to];
      if (source === destination) return;
      for (let d = 0; d < width; d++) {
        const amount = change.loads[change.offset + d];
        if (amount > 0) load[source * width + d] -= amount;
        else load[destination * width + d] += amount;
      }
    },
    measure() {
      let amount = 0;
      let subjects = 0;
      for (let at = 0; at < load.length; at++) {
        const excess = over(at, load[at]);
        if (excess === 0) continue;
        amount += excess;
        subjects += 1;
      }
      return { amount, subjects };
    },
    offenders(visit) {
      for (let node = 0; node < problem.nodeCount; node++) {
        const base = domains[node] * width;
        const isOver = (): boolean => problem.dimensions.some((_, d) => over(base + d, load[base + d]) > 0);
        if (!isOver()) continue;
        const replicas: number[] = [];
        for (let r = state.first[node]; r >= 0; r = state.next[r]) replicas.push(r);
        for (const replica of replicas) {
          visit(replica);
          if (!isOver()) break;
        }
      }
    },
  };
}
