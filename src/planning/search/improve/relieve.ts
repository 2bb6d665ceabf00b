import { restHeat } from '../shed-lines.ts';
import type { BestPlacement } from './best-placement.ts';
import { createChainStep } from './chain-step.ts';
import { createExchangeStep } from './exchange-step.ts';
import { createRelocationStep } from './relocation-step.ts';
import { isBetterStanding, standingOf } from './standing.ts';
import type { Walk } from './walk.ts';
import { isWarm, warmNodes } from './warm-nodes.ts';

/** Steps without an improvement after which a node is left alone. */
const maxFailures = 48;

/** Rounds over the warm nodes: one that found nothing may find something after others have cooled. */
const maxRounds = 8;

/**
 * Steps that begin at warm nodes, the hottest first, and that must make the energy smaller: what is left to do for
 * fleets too large to be annealed. Ends when a round has not made the fleet better lexicographically, and then leaves it
 * as it was before that round.
 *
 * @param beginHeat utilisation over the mean above which a node is warm
 * @param isSpent asked after every step
 */
export function relieve(walk: Walk, best: BestPlacement, beginHeat: number, isSpent: () => boolean): void {
  const { state, factors } = walk.engine;
  const { immobile, shardOf } = state.problem;
  // A node that gives at all gives until it may rest, so that the next swing of its load does not wake it again.
  const rest = restHeat(factors);
  const { first, next } = state;
  let residents: number[] = [];
  const draw = (): number => residents[walk.random.integer(residents.length)];
  walk.draw = draw;
  walk.temperature = 0;
  const steps = [createRelocationStep(walk), createExchangeStep(walk), createChainStep(walk, draw)];

  function listResidents(node: number): void {
    residents = [];
    for (let replica = first[node]; replica >= 0; replica = next[replica]) {
      if (immobile[shardOf[replica]] === 0) residents.push(replica);
    }
  }

  function cool(node: number): void {
    listResidents(node);
    for (let failures = 0, turn = 0; failures < maxFailures && !isSpent(); turn++) {
      if (residents.length === 0 || !isWarm(state, factors, node, rest)) return;
      if (steps[turn % steps.length]()) {
        failures = 0;
        listResidents(node);
      } else failures += 1;
    }
  }

  let before = standingOf(walk);
  for (let round = 0; round < maxRounds && !isSpent(); round++) {
    for (const node of warmNodes(state, factors, beginHeat)) cool(node);
    const after = standingOf(walk);
    if (!isBetterStanding(after, before)) break;
    before = after;
    best.keep();
  }
  best.restore();
  walk.level = before.energy;
}
