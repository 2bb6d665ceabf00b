import type { Constraint } from '../constraint.ts';
import type { PlacementState } from '../placement-state.ts';

/** Label rules and pins `only` and `never`. Subject: replica; amount: 1 on a node that its rules forbid. */
export function createAllowedNodes(state: PlacementState): Constraint {
  const { problem, nodeOf } = state;
  const { ofShard, classes } = problem.classes;
  const hasPin = classes.some((entry) => entry.allowed !== null && !entry.hasLabel);

  function isAllowed(replica: number, node: number): boolean {
    const allowed = classes[ofShard[problem.shardOf[replica]]].allowed;
    return allowed === null || allowed[node] === 1;
  }

  return {
    name: 'label rules and pins',
    obstacle: hasPin ? 'pin' : 'label',
    kind: 'identity',
    isAboutShards: true,
    delta(change) {
      if (change.kind !== 'relocate') return 0;
      if (!isAllowed(change.replica, change.to)) return Number.POSITIVE_INFINITY;
      return isAllowed(change.replica, change.from) ? 0 : -1;
    },
    refusal({ replica, to }) {
      const { id } = problem.request.snapshot.nodes[to];
      const { rules, hasLabel } = classes[ofShard[problem.shardOf[replica]]];
      const message = `node ${id} is excluded by ${rules.join(' and ')}`;
      return { obstacle: hasLabel ? 'label' : 'pin', subject: `node/${id}`, message };
    },
    measure() {
      let amount = 0;
      this.offenders(() => {
        amount += 1;
      });
      return { amount, subjects: amount };
    },
    offenders(visit) {
      for (let r = 0; r < problem.replicaCount; r++) if (!isAllowed(r, nodeOf[r])) visit(r);
    },
  };
}
