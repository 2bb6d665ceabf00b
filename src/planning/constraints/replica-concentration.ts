import type { Constraint } from '../constraint.ts';
import type { PlacementState } from '../placement-state.ts';

/**
 * At most so many replicas of the namespace in one domain (a node, a zone). Subject: domain; amount: replicas too
 * many. O(1).
 *
 * @param domains domain per node; @param limit replicas; @param relative as for `createCapacity`
 */
export function createReplicaConcentration(
  state: PlacementState,
  name: string,
  domains: Int32Array,
  limit: number,
  relative: boolean,
): Constraint {
  const { problem } = state;
  const counts = new Int32Array(domains.reduce((most, domain) => Math.max(most, domain + 1), 1));
  for (let node = 0; node < problem.nodeCount; node++) counts[domains[node]] += state.count[node];
  const isPerNode = name === 'replicas per node';
  const ceilings = counts.map((count) => (relative ? Math.max(limit, count) : limit));
  return {
    name,
    obstacle: 'concentration',
    kind: 'count',
    delta(change) {
      if (change.kind !== 'relocate') return 0;
      const source = domains[change.from];
      const destination = domains[change.to];
      if (source === destination) return 0;
      if (counts[destination] + 1 > ceilings[destination]) return Number.POSITIVE_INFINITY;
      return (counts[destination] >= limit ? 1 : 0) - (counts[source] > limit ? 1 : 0);
    },
    refusal({ to }) {
      const { id, zone } = problem.request.snapshot.nodes[to];
      const place = isPerNode ? `node ${id}` : `zone ${zone}`;
      const observed = counts[domains[to]] + 1;
      const message = `${place} would hold ${observed} replicas of the namespace, above ${limit}`;
      return { subject: place.replace(' ', '/'), observed, limit, message };
    },
    hold(change) {
      if (change.kind !== 'relocate') return;
      if (domains[change.from] !== domains[change.to]) counts[domains[change.to]] += 1;
    },
    settle(change) {
      if (change.kind !== 'relocate') return;
      if (domains[change.from] !== domains[change.to]) counts[domains[change.from]] -= 1;
    },
    measure() {
      let amount = 0;
      let subjects = 0;
      for (const count of counts) {
        if (count <= limit) continue;
        amount += count - limit;
        subjects += 1;
      }
      return { amount, subjects };
    },
    offenders(visit) {
      for (let node = 0; node < problem.nodeCount; node++) {
        if (counts[domains[node]] <= limit) continue;
        const replicas: number[] = [];
        for (let r = state.first[node]; r >= 0; r = state.next[r]) replicas.push(r);
        for (const replica of replicas) {
          visit(replica);
          if (counts[domains[node]] <= limit) break;
        }
      }
    },
  };
}
