import type { Random } from '../../base/random.ts';
import { createChange } from '../change.ts';
import type { ColdNodes } from './cold-nodes.ts';
import { createOverload } from './overload.ts';
import { peakFloor } from './peak-floor.ts';
import { negligible, type SearchEngine } from './search-engine.ts';
import { createTabuRounds, type Step } from './tabu-round.ts';

/** Each ceiling is this share below the best peak: finer steps would be spent on what nobody notices. */
const ceilingStep = 0.0025;

/** Candidates in all, and without a better peak before the search gives up. */
const maxEvaluations = 2_000_000;
const maxStalled = 300_000;

/** What a round that finds nothing allowed counts as, so that a fleet in which nothing may move is soon left alone. */
const emptyRoundEvaluations = 10_000;

/** A lower peak is only worth moves when it is lower by this share of the tolerance: so the next plan finds nothing to do. */
const leastDropShare = 0.5;

/**
 * Drives the peak down where the descent is stuck above the line, since replicas are indivisible: tabu search (Glover,
 * "Tabu search, part I", 1989) under a ceiling below the best peak so far. When no node is above the ceiling, that
 * placement is the best and the ceiling is lowered (as for bin packing: Alvim, Ribeiro, Glover, Aloise, "A hybrid
 * improvement heuristic for the one-dimensional bin packing problem", 2004). Every step keeps all rules, and no load above
 * target is added. Ends in the best placement found, or where it began when that is not worth its moves; answers whether
 * it lowered the peak.
 */
export function lowerPeak(engine: SearchEngine, cold: ColdNodes, beginHeat: number, random: Random): boolean {
  const { state, factors } = engine;
  const overload = createOverload(state, factors);
  const floor = peakFloor(engine);
  const peakBefore = overload.peak();
  if (peakBefore <= Math.max(beginHeat, floor) * (1 + negligible)) return false;
  const movesBefore = engine.budget.moves;
  const rounds = createTabuRounds(engine, cold, overload, random);
  const change = createChange();
  const journal: Step[] = [];
  const start = engine.evaluations;
  let best = peakBefore;
  let bestLength = 0;
  let foundAt = start;

  function undoTo(length: number): void {
    for (const { replica, from } of journal.splice(length).reverse())
      engine.apply(state.relocation(change, replica, from));
  }

  function mayGoOn(): boolean {
    if (engine.isSpent() || best <= floor * (1 + negligible)) return false;
    return engine.evaluations - start < maxEvaluations && engine.evaluations - foundAt < maxStalled;
  }

  overload.setCeiling(Math.max(floor, best * (1 - ceilingStep)));
  while (mayGoOn()) {
    const steps = rounds.advance();
    journal.push(...steps);
    if (steps.length === 0) engine.spend(emptyRoundEvaluations);
    if (overload.over().length > 0) continue;
    best = overload.peak();
    bestLength = journal.length;
    foundAt = engine.evaluations;
    overload.setCeiling(Math.max(floor, best * (1 - ceilingStep)));
  }
  undoTo(bestLength);
  const drop = peakBefore - best;
  const moves = engine.budget.moves - movesBefore;
  const { minGainPerPrice, pricePerMove } = state.problem.request.policy.benefit;
  const isWorth =
    drop >= factors.tolerance * leastDropShare && drop >= minGainPerPrice * pricePerMove * moves;
  if (!isWorth) undoTo(0);
  return isWorth && drop > 0;
}
