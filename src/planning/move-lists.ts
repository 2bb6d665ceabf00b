import { maxResourcesPerMove } from './wave-caps.ts';

/** What a scan does with an entry: takes it out of the list, leaves it, or ends before it. */
export type Scanned = 'remove' | 'keep' | 'stop';

/**
 * Many lists of move indices, each a stretch of one array that is read from its beginning; what is added later comes
 * before it. An entry stays until a scan removes it, so that a move in several lists is taken out of each when it is met
 * there: the reader tells stale entries by the move's own state.
 */
export interface MoveLists {
  isEmpty(list: number): boolean;
  /** Puts a move before what the list began with, after what was added before. */
  add(list: number, index: number): void;
  scan(list: number, visit: (index: number) => Scanned, ahead: LookAhead): void;
}

/** Told of the entries from `at` on that a scan has come to, up to `end`; answers up to where it has looked, at least one on. */
export type LookAhead = (entries: Int32Array, at: number, end: number) => number;

/**
 * @param order moves in the order in which they go into their lists
 * @param listsOf writes the lists of a move, at most `maxResourcesPerMove`, and answers how many
 */
export function createMoveLists(
  listCount: number,
  order: Int32Array,
  listsOf: (index: number, into: Int32Array) => number,
): MoveLists {
  const into = new Int32Array(maxResourcesPerMove);
  const ends = new Int32Array(listCount);
  let total = 0;
  for (let at = 0; at < order.length; at++) {
    const used = listsOf(order[at], into);
    for (let k = 0; k < used; k++) ends[into[k]] += 1;
    total += used;
  }
  const heads = new Int32Array(listCount);
  for (let list = 0, sum = 0; list < listCount; list++) {
    heads[list] = sum;
    sum += ends[list];
    ends[list] = heads[list];
  }
  const entries = new Int32Array(total);
  for (let at = 0; at < order.length; at++) {
    const used = listsOf(order[at], into);
    for (let k = 0; k < used; k++) entries[ends[into[k]]++] = order[at];
  }
  const added = new Map<number, number[]>();
  const kept: number[] = [];

  /** Answers whether the scan goes on with the list proper. */
  function scanAdded(list: number, moves: number[], visit: (index: number) => Scanned): boolean {
    added.delete(list);
    let at = 0;
    const left: number[] = [];
    let stopped = false;
    for (; at < moves.length && !stopped; at++) {
      const result = visit(moves[at]);
      stopped = result === 'stop';
      if (result !== 'remove') left.push(moves[at]);
    }
    for (; at < moves.length; at++) left.push(moves[at]);
    if (left.length > 0) added.set(list, left);
    return !stopped;
  }

  return {
    isEmpty: (list) => heads[list] >= ends[list] && !added.has(list),
    add(list, index) {
      const moves = added.get(list);
      if (moves) moves.push(index);
      else added.set(list, [index]);
    },
    scan(list, visit, ahead) {
      const moves = added.size > 0 ? added.get(list) : undefined;
      if (moves && !scanAdded(list, moves, visit)) return;
      kept.length = 0;
      let at = heads[list];
      let looked = at;
      for (const end = ends[list]; at < end; at++) {
        if (at === looked) looked = ahead(entries, at, end);
        const result = visit(entries[at]);
        if (result === 'stop') break;
        if (result === 'keep') kept.push(entries[at]);
      }
      // What is kept moves up to where reading ended, so that the list stays one stretch.
      for (let k = kept.length - 1; k >= 0; k--) entries[--at] = kept[k];
      heads[list] = at;
    },
  };
}
