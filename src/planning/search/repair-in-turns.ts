import type { Random } from '../../base/random.ts';
import { hasSeveralShapes } from '../node-kinds.ts';
import type { ColdNodes } from './cold-nodes.ts';
import { repair } from './repair.ts';
import type { SearchEngine } from './search-engine.ts';
import { tradeAll } from './trade-all.ts';

/** Turns of trading and repairing, and the share of the candidates left that each trading may have. */
const maxTurns = 4;
const tradeShare = 0.3;

/** Share of the budget that repair may waste in a turn: what is in vain now may have a place in the next one. */
const vainShare = 0.01;

/**
 * Repairs; answers whether it left something to repair. On nodes of several shapes that carry more than they may, room is in
 * one dimension here and in another there, where nothing fits: there nodes trade first, and in turns with repair.
 */
export function repairInTurns(engine: SearchEngine, cold: ColdNodes, random: Random): boolean {
  let isStranded = false;
  for (let turn = 0; turn < maxTurns && !engine.isSpent(); turn++) {
    const trades = isOverloaded(engine) && hasSeveralShapes(engine.state.problem);
    if (trades) tradeAll(engine, cold, tradeShare);
    const vain = trades ? vainShare : undefined;
    isStranded = repair(engine, cold, turn === 0 ? random : random.fork(`turn ${turn}`), vain);
    if (!trades || !isStranded) break;
  }
  return isStranded;
}

function isOverloaded({ constraints }: SearchEngine): boolean {
  return constraints.some(({ kind, measure }) => kind === 'load' && measure().subjects > 0);
}
