import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRandom, type Random } from '../../src/base/random.ts';
import { createChange } from '../../src/planning/change.ts';
import { afterMoves, placementOf, violationsOf } from '../../src/planning/check-placement.ts';
import { computePlan } from '../../src/planning/compute-plan.ts';
import { buildLoadFactors } from '../../src/planning/load-factors.ts';
import { createPlacementState } from '../../src/planning/placement-state.ts';
import { buildProblem } from '../../src/planning/problem.ts';
import type { ObjectiveTerm } from '../../src/planning/term.ts';
import type { RoadefModel } from '../../src/simulator/roadef-model.ts';
import { contestCost, contestLowerBound } from './contest-cost.ts';
import { assignmentOf, type ContestInstance, contestInstance } from './contest-instance.ts';
import { contestTerms } from './contest-terms.ts';
import { readContestFiles, solve } from './solve.ts';

/** Folder with the contest's `model_NAME.txt` and `assignment_NAME.txt`; without it only small instances are tested. */
const data = process.env.ROADEF_DATA ?? '';

function randomModel(random: Random): { readonly model: RoadefModel; readonly assignment: Int32Array } {
  const some = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);
  const resources = 1 + random.integer(3);
  const machines = 2 + random.integer(5);
  const services = 1 + random.integer(6);
  // One process more than services at most per machine: a service never has more processes than there are machines.
  const processes = services + random.integer(machines);
  const model: RoadefModel = {
    resources: some(resources, () => ({ transient: random.next() < 0.4, weight: random.integer(20) })),
    machines: some(machines, () => ({
      neighborhood: random.integer(2),
      location: random.integer(3),
      capacity: some(resources, () => 100 + random.integer(100)),
      safetyCapacity: some(resources, () => random.integer(60)),
      moveCosts: some(machines, () => random.integer(5)),
    })),
    services: some(services, () => ({ spreadMin: 1, dependsOn: [] })),
    processes: Array.from({ length: processes }, (_, p) => ({
      service: p < services ? p : random.integer(services),
      requirements: some(resources, () => random.integer(20)),
      moveCost: random.integer(10),
    })),
    balances: some(random.integer(3), () => ({
      first: random.integer(resources),
      second: random.integer(resources),
      target: 1 + random.integer(3),
      weight: random.integer(10),
    })),
    weightProcessMove: random.integer(3),
    weightServiceMove: random.integer(20),
    weightMachineMove: random.integer(5),
  };
  return { model, assignment: distinctMachines(model, random) };
}

/** Processes of one service on machines of their own: from a random one on, one after the other. */
function distinctMachines({ services, processes, machines }: RoadefModel, random: Random): Int32Array {
  const next = services.map(() => random.integer(machines.length));
  return Int32Array.from(processes, ({ service }) => next[service]++ % machines.length);
}

function stateOf(instance: ContestInstance) {
  const problem = buildProblem(instance.request, [contestTerms(instance)]);
  if (!problem.ok) throw new Error(problem.error.map((each) => each.message).join('; '));
  const state = createPlacementState(problem.value);
  const terms = contestTerms(instance).terms?.(state, buildLoadFactors(problem.value)) ?? [];
  for (const term of terms) state.listen(term);
  return { state, terms };
}

const sumOf = (terms: readonly ObjectiveTerm[]): number => terms.reduce((sum, term) => sum + term.value(), 0);

function overInstances(check: (instance: ContestInstance, random: Random) => void): void {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
      const random = createRandom(seed);
      const { model, assignment } = randomModel(random);
      check(contestInstance(model, assignment, seed, 20_000), random);
    }),
    { numRuns: 100 },
  );
}

describe("the contest's costs as terms", () => {
  test('add up to the cost, recomputed from scratch, and so do the changes of relocations', () => {
    overInstances((instance, random) => {
      const { state, terms } = stateOf(instance);
      const change = createChange();
      const costNow = (): number =>
        contestCost(instance.model, instance.assignment, assignmentOf(instance, state.nodeOf)).total;
      expect(sumOf(terms)).toBe(costNow());
      for (let i = 0; i < 30; i++) {
        const replica = random.integer(state.nodeOf.length);
        const to = random.integer(state.problem.nodeCount);
        if (to === state.nodeOf[replica]) continue;
        const before = costNow();
        const delta = terms.reduce((sum, term) => sum + term.delta(state.relocation(change, replica, to)), 0);
        state.apply(change);
        expect(delta).toBe(costNow() - before);
      }
      expect(sumOf(terms)).toBe(costNow());
    });
  });

  test('an exchange changes them by what its two halves change', () => {
    overInstances((instance, random) => {
      const { state, terms } = stateOf(instance);
      const { width, loads } = state.problem;
      const step = createChange();
      for (let i = 0; i < 30; i++) {
        const replica = random.integer(state.nodeOf.length);
        const partner = random.integer(state.nodeOf.length);
        const from = state.nodeOf[replica];
        const to = state.nodeOf[partner];
        if (from === to) continue;
        const difference = new Float64Array(width);
        for (let d = 0; d < width; d++)
          difference[d] = loads[replica * width + d] - loads[partner * width + d];
        const exchange = { kind: 'swap' as const, replica, partner, from, to, loads: difference, offset: 0 };
        const delta = terms.reduce((sum, term) => sum + term.delta(exchange), 0);
        const before = sumOf(terms);
        state.apply(state.relocation(step, replica, to));
        state.apply(state.relocation(step, partner, from));
        expect(delta).toBe(sumOf(terms) - before);
      }
    });
  });

  test('no reassignment costs less than the bound', () => {
    overInstances(({ model, assignment }) => {
      expect(contestLowerBound(model)).toBeLessThanOrEqual(contestCost(model, assignment, assignment).total);
    });
  });

  test('a solution costs no more than the beginning, and keeps what held', () => {
    overInstances((instance) => {
      const { model, assignment } = instance;
      const solved = solve({ model, assignment }, { seed: 1, maxEvaluations: 20_000 });
      const moved = placementOf(instance.request);
      const held = violationsOf(instance.request, moved).size === 0;
      // Where a rule is broken at the beginning, mending it may cost something.
      if (!held) return;
      expect(contestCost(model, assignment, solved.assignment).total).toBeLessThanOrEqual(
        contestCost(model, assignment, assignment).total,
      );
      const keys = [...moved.values()];
      const nodeOf = new Map(
        Array.from(instance.processOf, (process, replica) => [keys[replica], solved.assignment[process]]),
      );
      for (const [replica, machine] of nodeOf) {
        const node = instance.request.snapshot.nodes[machine].id;
        if (node === replica.node) continue;
        replica.left = [replica.node];
        replica.node = node;
      }
      expect([...violationsOf(instance.request, moved)]).toEqual([]);
    });
  });
});

describe.skipIf(data === '')('an instance of the contest', () => {
  test.each(['a1_4', 'a1_5'])('%s is improved without breaking a rule, transient ones included', (name) => {
    const { model, assignment } = readContestFiles(data, name);
    const instance = contestInstance(model, assignment, 1, 500_000);
    const planned = computePlan(instance.request, { shouldStop: () => false }, [contestTerms(instance)]);
    if (!planned.ok) throw new Error('no plan');
    const { moves, summary } = planned.value;
    expect(summary.objectiveAfter[2]).toBeLessThan(summary.objectiveBefore[2]);
    expect([...violationsOf(instance.request, afterMoves(placementOf(instance.request), moves))]).toEqual([]);
  });
});
