import type { Random } from '../../base/random.ts';
import { mayGive } from '../constraints/admission.ts';
import { replacesTerms } from '../extension.ts';
import { hasSeveralShapes } from '../node-kinds.ts';
import { hottest } from '../terms/peak.ts';
import type { ColdNodes } from './cold-nodes.ts';
import { lowerPeak } from './lower-peak.ts';
import { createNodeHeap, type NodeHeap } from './node-heap.ts';
import { nodeExcess, nodeHeat } from './node-heat.ts';
import { createRelocateFrom } from './relocate-from.ts';
import type { SearchEngine } from './search-engine.ts';
import { shed } from './shed.ts';
import { balanceLines, restHeat } from './shed-lines.ts';
import { shedPeak } from './shed-peak.ts';
import { createSwapFrom } from './swap-from.ts';
import { createTransferFrom } from './transfer-from.ts';

/** Nodes above target rank before all that are merely warmer than others. */
const excessRank = 1e6;

/** Slack for what sums of doubles lose. */
const rounding = 1e-9;

/** Passes over the nodes: a node without an improvement may have one after others have cooled. */
const maxPasses = 4;

/** Turns of bringing down the peak and descending, and the share of the candidates left that each descent may have. */
const maxTurns = 4;
const turnShare = 0.5;

/**
 * Descent: hot nodes shed what they carry above the line (`shed.ts`); what that leaves hot gives piece by piece, the
 * hottest node first: leadership (free), then replicas, then by swaps, until no hot node has an improvement that is
 * worth its price. Where others' terms stand in place of load, there is no line to shed down to.
 *
 * @param begin utilisation over the mean above which nodes begin to give (`unrest.ts`)
 */
export function descend(engine: SearchEngine, cold: ColdNodes, begin: number, random: Random): void {
  const { state, factors } = engine;
  const isOurs = !replacesTerms(state.problem);
  if (isOurs) {
    limitHeat(engine);
    const options = { heedsTarget: true, fillsUp: false, beginHeat: begin };
    shed(engine, balanceLines(state, factors, options), random);
    // What found no place below the line may still find one below the trigger; then what the targets stand in the way of.
    shed(engine, balanceLines(state, factors, { ...options, fillsUp: true }), random);
    shed(engine, balanceLines(state, factors, { ...options, heedsTarget: false, fillsUp: true }), random);
  }
  const options: NodeOptions = { share: 1, trades: isOurs && hasSeveralShapes(state.problem) };
  if (options.trades) descendInTurns(engine, cold, begin, random);
  descendByNode(engine, cold, begin, options);
  if (!isOurs) return;
  if (lowerPeak(engine, cold, begin, random)) {
    // What was moved for the peak's sake may have left a better balance to find, as the next plan would.
    limitHeat(engine);
    descendByNode(engine, cold, begin, options);
  }
  limitHeat(engine);
}

/** Nothing that only evens out may make a node hotter than the hottest one is, or than one that gives may stay. */
function limitHeat(engine: SearchEngine): void {
  const { state, factors } = engine;
  engine.limitHeat(Math.max(hottest(state, factors), restHeat(factors)));
}

/**
 * On nodes of several shapes, where the line is out of reach, the peak comes down and the nodes descend in turns: what the
 * one has evened out, the other has room for.
 */
function descendInTurns(engine: SearchEngine, cold: ColdNodes, begin: number, random: Random): void {
  for (let turn = 0; turn < maxTurns && shedPeak(engine, begin, random.fork(`peak ${turn}`)); turn++) {
    limitHeat(engine);
    descendByNode(engine, cold, begin, { share: turnShare, trades: true });
  }
}

interface NodeOptions {
  /** Of the candidates that are left. */
  readonly share: number;
  /** Whether nodes first trade with ones that are full in other dimensions: two moves, but the fewest candidates. */
  readonly trades: boolean;
}

function descendByNode(
  engine: SearchEngine,
  cold: ColdNodes,
  beginHeat: number,
  { share, trades }: NodeOptions,
): void {
  const { state, factors } = engine;
  const { maxEvaluations } = state.problem.request.policy.budget;
  const until = engine.evaluations + share * (maxEvaluations - engine.evaluations);
  const rest = beginHeat * (1 + rounding);
  const { nodeCount, nodes } = state.problem;
  const heap = createNodeHeap(nodeCount);
  const transferFrom = createTransferFrom(engine);
  const relocateFrom = createRelocateFrom(engine, cold);
  const swapFrom = createSwapFrom(engine, cold);

  function keyOf(node: number): number {
    const excess = nodeExcess(state, factors, node);
    return excess > 1e-9 ? excessRank * (1 + excess) : nodeHeat(state, factors, node);
  }

  function refresh(node: number): void {
    if (nodes.vacate[node] === 1 || !mayGive(state.problem, node)) return;
    const key = keyOf(node);
    if (key > rest) heap.set(node, key);
    else heap.remove(node);
  }

  /** Looking widely costs as much as many looks nearby: when those find nothing any more. Others' terms always have it. */
  let isWide = replacesTerms(state.problem);
  const touched = new Set<number>();
  const close = state.listen({
    settle(change) {
      touched.add(change.from);
      touched.add(change.to);
    },
  });

  /** Nodes that a failed attempt touched and left as they were must not come back into the heap. */
  function improve(node: number): boolean {
    touched.clear();
    const isBetter =
      transferFrom(node) ||
      (trades && swapFrom.trade(node)) ||
      relocateFrom(node, false) ||
      swapFrom.swap(node) ||
      (isWide && relocateFrom(node, true));
    if (!isBetter) return false;
    for (const other of touched) refresh(other);
    return true;
  }

  const mayGoOn = (): boolean => !engine.isSpent() && engine.evaluations < until;

  for (let pass = 0; pass < maxPasses && mayGoOn(); pass++) {
    const before = engine.budget.moves;
    for (let node = 0; node < nodeCount; node++) refresh(node);
    const improved = drainHeap(heap, improve, mayGoOn) || engine.budget.moves !== before;
    if (!improved && isWide) break;
    isWide ||= !improved;
  }
  close();
}

/** Works on the hottest node until it has no improvement left; each improvement makes the objective smaller. */
function drainHeap(heap: NodeHeap, improve: (node: number) => boolean, mayGoOn: () => boolean): boolean {
  let improved = false;
  for (let node = heap.peek(); node >= 0 && mayGoOn(); node = heap.peek()) {
    if (improve(node)) improved = true;
    else heap.remove(node);
  }
  return improved;
}
