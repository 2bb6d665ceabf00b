import type { PlacementState } from '../../src/planning/placement-state.ts';
import type { ObjectiveTerm } from '../../src/planning/term.ts';
import type { ContestInstance } from './contest-instance.ts';

/** Weighted process and machine move costs: what it costs that a process is not where it was. */
export function createMoveCosts({ model, processOf }: ContestInstance, state: PlacementState): ObjectiveTerm {
  const { nodeOf, problem } = state;
  const { nodeCount, replicaCount } = problem;
  const origins = problem.shards.replicaNodes;
  const ofProcess = Float64Array.from(
    processOf,
    (process) => model.weightProcessMove * model.processes[process].moveCost,
  );
  const between = Float64Array.from(model.machines.flatMap((machine) => machine.moveCosts));

  function cost(replica: number, node: number): number {
    const origin = origins[replica];
    if (node === origin) return 0;
    return ofProcess[replica] + model.weightMachineMove * between[origin * nodeCount + node];
  }

  return {
    name: 'process and machine move costs',
    level: 'excess',
    delta({ kind, replica, partner, from, to }) {
      if (kind === 'transfer') return 0;
      const own = cost(replica, to) - cost(replica, from);
      return kind === 'swap' ? own + cost(partner, from) - cost(partner, to) : own;
    },
    value() {
      let total = 0;
      for (let replica = 0; replica < replicaCount; replica++) total += cost(replica, nodeOf[replica]);
      return total;
    },
  };
}
