import type { RoadefModel } from '../../src/simulator/roadef-model.ts';

/** Weighted costs of the contest, section 1.3 of its problem definition. Exact: whole numbers below 2^53. */
export interface ContestCost {
  readonly load: number;
  readonly balance: number;
  readonly processMove: number;
  readonly serviceMove: number;
  readonly machineMove: number;
  readonly total: number;
  readonly movedProcesses: number;
}

/** The cost of a reassignment from scratch, from the contest's own numbers: independent of planner and terms. */
export function contestCost(model: RoadefModel, before: Int32Array, after: Int32Array): ContestCost {
  const use = model.machines.map(() => model.resources.map(() => 0));
  const movedOf = model.services.map(() => 0);
  let processMove = 0;
  let machineMove = 0;
  let movedProcesses = 0;
  for (const [p, process] of model.processes.entries()) {
    for (const [r, amount] of process.requirements.entries()) use[after[p]][r] += amount;
    if (after[p] === before[p]) continue;
    movedProcesses += 1;
    movedOf[process.service] += 1;
    processMove += process.moveCost;
    machineMove += model.machines[before[p]].moveCosts[after[p]];
  }
  let load = 0;
  let balance = 0;
  for (const [m, machine] of model.machines.entries()) {
    for (const [r, resource] of model.resources.entries()) {
      load += resource.weight * Math.max(0, use[m][r] - machine.safetyCapacity[r]);
    }
    for (const { first, second, target, weight } of model.balances) {
      const free = (r: number): number => machine.capacity[r] - use[m][r];
      balance += weight * Math.max(0, target * free(first) - free(second));
    }
  }
  const costs = {
    load,
    balance,
    processMove: model.weightProcessMove * processMove,
    serviceMove: model.weightServiceMove * Math.max(0, ...movedOf),
    machineMove: model.weightMachineMove * machineMove,
  };
  const total = costs.load + costs.balance + costs.processMove + costs.serviceMove + costs.machineMove;
  return { ...costs, total, movedProcesses };
}

/** No reassignment costs less: load and balance as if all machines were one (Gavranović and Buljubašić, 2014, section 2). */
export function contestLowerBound(model: RoadefModel): number {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const use = model.resources.map((_, r) => sum(model.processes.map((process) => process.requirements[r])));
  const safety = model.resources.map((_, r) =>
    sum(model.machines.map((machine) => machine.safetyCapacity[r])),
  );
  const free = model.resources.map((_, r) => sum(model.machines.map((each) => each.capacity[r])) - use[r]);
  const load = model.resources.map(({ weight }, r) => weight * Math.max(0, use[r] - safety[r]));
  const balance = model.balances.map(
    ({ first, second, target, weight }) => weight * Math.max(0, target * free[first] - free[second]),
  );
  return sum(load) + sum(balance);
}
