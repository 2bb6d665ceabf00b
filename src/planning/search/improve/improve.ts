import type { Random } from '../../../base/random.ts';
import { replacesTerms } from '../../extension.ts';
import type { SearchEngine } from '../search-engine.ts';
import { anneal } from './anneal.ts';
import { createBestPlacement } from './best-placement.ts';
import { createPace, type Pace } from './pace.ts';
import { relieve } from './relieve.ts';
import { reopenWarm } from './reopen.ts';
import { isBetterStanding, standingOf } from './standing.ts';
import { sampleTemperatures } from './temperature.ts';
import { createWalk, type Walk } from './walk.ts';
import { warmNodes } from './warm-nodes.ts';

export interface ImproveOptions {
  readonly random: Random;
  /** Utilisation over the mean above which a node is warm: where nodes began to give in this plan. */
  readonly beginHeat: number;
  /** Share of the wall clock's budget that is used, 0 to 1, where the search is paced by it; else evaluations pace it. */
  readonly elapsedShare?: () => number;
}

/** Candidates per replica with which annealing finds what there is to find: with fewer it would only disturb the fleet. */
const candidatesPerReplica = 1_000;

/** Nodes up to which the peak of a candidate may be found by looking at all of them. */
const maxAnnealedNodes = 256;

/** Whether a fleet of so many nodes and so many replicas that may move is annealed when there is so much budget left. */
export function isAnnealed(nodes: number, replicas: number, evaluations: number): boolean {
  return nodes <= maxAnnealedNodes && candidatesPerReplica * replicas <= evaluations;
}

/**
 * Uses what is left of the budget where something is left to improve: an extension's terms stand in place of the
 * planner's own, or a node is warm. Small fleets are annealed, large ones relieved node by node. Never leaves the state
 * worse than it found it, and leaves a balanced fleet alone.
 */
export function improve(engine: SearchEngine, { random, beginHeat, elapsedShare }: ImproveOptions): void {
  const { state, factors } = engine;
  if (engine.isSpent()) return;
  const isOurs = !replacesTerms(state.problem);
  if (isOurs && warmNodes(state, factors, beginHeat).length === 0) return;
  const walk = createWalk(engine, random);
  // Steps draw from both: where nothing may move, or no node takes anything, there is nothing to draw.
  if (walk.space.replicas.length === 0 || walk.space.nodes.length === 0) return;
  if (!isOurs) {
    annealWithin(walk, createPace(walk, remaining(engine), elapsedShare));
    return;
  }
  const wanted = candidatesPerReplica * walk.space.replicas.length;
  if (isAnnealed(state.problem.nodeCount, walk.space.replicas.length, remaining(engine))) {
    const pace = createPace(walk, wanted, elapsedShare);
    keepIfBetter(walk, () => annealWithin(walk, pace));
  }
  const pace = createPace(walk, remaining(engine), undefined);
  const isSpent = (): boolean => pace.used() >= 1;
  const best = createBestPlacement(state);
  relieve(walk, best, beginHeat, isSpent);
  keepIfBetter(walk, () => reopenWarm(walk, best, beginHeat, isSpent));
}

function remaining({ state, evaluations }: SearchEngine): number {
  return state.problem.request.policy.budget.maxEvaluations - evaluations;
}

function annealWithin(walk: Walk, pace: Pace): void {
  const best = createBestPlacement(walk.engine.state);
  const range = sampleTemperatures(walk);
  if (range !== null) anneal(walk, best, range, pace);
}

/** For what weighs levels against each other: what it found counts only when it is better level by level. */
function keepIfBetter(walk: Walk, search: () => void): void {
  const before = standingOf(walk);
  const start = createBestPlacement(walk.engine.state);
  search();
  if (isBetterStanding(standingOf(walk), before)) return;
  start.restore();
  walk.level = before.energy;
}
