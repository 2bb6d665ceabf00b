import { createDenseLists } from './dense-lists.ts';
import { createLookAhead } from './look-ahead.ts';
import type { MoveGates } from './move-gates.ts';
import { createMoveLists } from './move-lists.ts';
import type { MoveTable } from './move-table.ts';
import type { PlacementState } from './placement-state.ts';
import { classOfMove, moveClasses, type PlannedMove } from './planned-move.ts';
import { createResourceRanks, type ResourceRanks } from './resource-ranks.ts';
import { maxResourcesPerMove, type WaveCaps } from './wave-caps.ts';

/** What became of a move that was tried: it joined the wave, a cap is used up, or a rule is in its way. */
export type Attempt = 'taken' | 'capped' | 'blocked';

/** Tries a move, which goes from node to node: most are refused by a cap, and nothing else of them has to be looked up then. */
export type TryMove = (index: number, from: number, to: number) => Attempt;

/**
 * The moves that wait. Each is queued at every resource that it needs; resources are visited from the one that needs
 * most waves down (list scheduling by the longest remaining work: Graham, "Bounds on multiprocessing timing anomalies";
 * for a bipartite multigraph, sources and destinations, the longest is also how many rounds suffice: König). A move that
 * a rule blocks is parked at its destination until something leaves there.
 */
export interface MoveQueue {
  isEmpty(): boolean;
  move(index: number): PlannedMove;
  /** Tries moves, those of the lower class first, until the wave is full or what is left is not worth the looks. */
  visit(attempt: TryMove): void;
  /** A wave has ended in which a move left `node`: tries again some of those that are parked there. */
  departed(node: number): void;
  /** The move's replica, or leadership of its shard, is elsewhere now: so may sources and destinations of others be. */
  moved(index: number): void;
  /** Tries again the `most` that have been parked longest; answers how many there were. */
  wake(most: number): number;
  /** The parked moves, those parked longest first; and those that want to go to a node. */
  parked(): number[];
  parkedAt(node: number): number[];
  /** Moves that have not been taken, in the order given. */
  rest(): PlannedMove[];
}

/** Parked moves that one departure wakes: it makes room for one or a few smaller ones. */
const wakesPerDeparture = 4;

/** Looks that a wave which has moves already is worth, and those for each of its moves. */
const leastAttempts = 2_048;
const attemptsPerMove = 8;

/** Moves in a resource's queue that may lack another resource before the next is visited, beside four for each free place. */
const leastMisses = 32;

const status = { waits: 0, queued: 1, parked: 2, taken: 3 } as const;

/** @param given in order of priority: classes first */
export function createMoveQueue(
  state: PlacementState,
  { given, table }: { readonly given: readonly PlannedMove[]; readonly table: MoveTable },
  gates: MoveGates,
  caps: WaveCaps,
): MoveQueue {
  const { problem, nodeOf } = state;
  const count = given.length;
  const { resourceCount } = caps;
  const { classOf, classCount } = denseClasses(state, given);
  const statusOf = new Uint8Array(count);
  // Source and destination per move, as they were registered, beside each other: moves are looked at all over memory.
  const endsOf = new Int32Array(2 * count);
  const needs = new Int32Array(maxResourcesPerMove);
  const remaining = new Int32Array(resourceCount);
  const parkedLists = createDenseLists(problem.nodeCount, count);
  const parkedOrder = createDenseLists(1, count);
  let live = count;

  for (let index = 0; index < count; index++) if (!gates.isClosedForEver(index)) register(index);
  const levels = resourceLevels();
  const highest = levels.reduce((most, level) => (level > most ? level : most), 1);
  const lists = createMoveLists(classCount * resourceCount, openByUrgency(), listsOf);
  const ranks = Array.from({ length: classCount }, (_, which) => rankResources(which));

  /** Counts the move among what its resources still have to do. */
  function register(index: number): void {
    endsOf[2 * index] = nodeOf[table.replicaOf(index)];
    endsOf[2 * index + 1] = table.destinationOf(index);
    const used = caps.resourcesOf(endsOf[2 * index], endsOf[2 * index + 1], needs);
    for (let at = 0; at < used; at++) remaining[needs[at]] += 1;
  }

  function unregister(index: number): void {
    const used = caps.resourcesOf(endsOf[2 * index], endsOf[2 * index + 1], needs);
    for (let at = 0; at < used; at++) remaining[needs[at]] -= 1;
  }

  function levelOf(resource: number): number {
    return Math.max(1, caps.wavesFor(resource, remaining[resource]));
  }

  function resourceLevels(): Int32Array {
    const found = new Int32Array(resourceCount);
    for (let resource = 0; resource < resourceCount; resource++) found[resource] = levelOf(resource);
    return found;
  }

  /** Moves that may go, by the waves that their scarcest resource needs, most first, then as given: a counting sort. */
  function openByUrgency(): Int32Array {
    const levelOfMove = new Int32Array(count);
    const starts = new Int32Array(highest + 1);
    let open = 0;
    for (let index = 0; index < count; index++) {
      if (!gates.isOpen(index)) continue;
      statusOf[index] = status.queued;
      open += 1;
      let most = 1;
      const used = caps.resourcesOf(endsOf[2 * index], endsOf[2 * index + 1], needs);
      for (let at = 0; at < used; at++) if (levels[needs[at]] > most) most = levels[needs[at]];
      levelOfMove[index] = most;
      starts[most] += 1;
    }
    for (let level = highest, sum = 0; level >= 0; level--) {
      const members = starts[level];
      starts[level] = sum;
      sum += members;
    }
    const order = new Int32Array(open);
    for (let index = 0; index < count; index++) {
      if (levelOfMove[index] > 0) order[starts[levelOfMove[index]]++] = index;
    }
    return order;
  }

  /** Writes the lists that a move is in, one per resource within its class; answers how many. */
  function listsOf(index: number, into: Int32Array): number {
    const used = caps.resourcesOf(endsOf[2 * index], endsOf[2 * index + 1], into);
    for (let at = 0; at < used; at++) into[at] += classOf[index] * resourceCount;
    return used;
  }

  function rankResources(which: number): ResourceRanks {
    const rank = createResourceRanks(resourceCount, highest);
    for (let resource = 0; resource < resourceCount; resource++) {
      if (!lists.isEmpty(which * resourceCount + resource)) rank.place(resource, levels[resource]);
    }
    return rank;
  }

  /** Puts a move among the first of its queues. */
  function requeue(index: number): void {
    statusOf[index] = status.queued;
    const used = listsOf(index, needs);
    const base = classOf[index] * resourceCount;
    for (let at = 0; at < used; at++) {
      lists.add(needs[at], index);
      ranks[classOf[index]].raise(needs[at] - base, levelOf(needs[at] - base));
    }
  }

  function park(index: number): void {
    statusOf[index] = status.parked;
    parkedLists.append(endsOf[2 * index + 1], index);
    parkedOrder.append(0, index);
  }

  function unpark(index: number): void {
    parkedLists.remove(index);
    parkedOrder.remove(index);
    requeue(index);
  }

  /** Queues a move anew where another of its shard has changed what it needs, or whether it may go. */
  function refresh(index: number): void {
    if (statusOf[index] === status.taken || gates.isClosedForEver(index)) return;
    const isTheSame =
      endsOf[2 * index] === nodeOf[table.replicaOf(index)] &&
      endsOf[2 * index + 1] === table.destinationOf(index);
    if (statusOf[index] === status.queued && isTheSame) return;
    parkedLists.remove(index);
    parkedOrder.remove(index);
    unregister(index);
    register(index);
    if (gates.isOpen(index)) requeue(index);
  }

  /** Looks that this wave has had, and moves that it has got. */
  let attempts = 0;
  let taken = 0;
  const isWorthMore = (): boolean =>
    !caps.isFull() && (taken === 0 || attempts < leastAttempts + attemptsPerMove * taken);

  const isNext = (index: number): boolean =>
    statusOf[index] === status.queued && caps.lets(endsOf[2 * index], endsOf[2 * index + 1]);
  const lookAhead = createLookAhead(state, table, isNext, () => caps.room(visited));
  let visited = 0;

  function visitResource(list: number, resource: number, attempt: TryMove): void {
    visited = resource;
    let misses = leastMisses + 4 * caps.room(resource);
    lists.scan(
      list,
      (index) => {
        if (misses <= 0 || caps.room(resource) <= 0 || !isWorthMore()) return 'stop';
        // Lists are cleared lazily: it may have gone by another resource's list, or be parked.
        if (statusOf[index] !== status.queued) return 'remove';
        const result = attempt(index, endsOf[2 * index], endsOf[2 * index + 1]);
        attempts += 1;
        if (result === 'capped') {
          misses -= 1;
          return 'keep';
        }
        if (result === 'blocked') {
          park(index);
        } else {
          statusOf[index] = status.taken;
          unregister(index);
          live -= 1;
          taken += 1;
        }
        return 'remove';
      },
      lookAhead,
    );
  }

  function visitClass(which: number, rank: ResourceRanks, attempt: TryMove): void {
    const first = which * resourceCount;
    for (let level = rank.highest(); level > 0; level = rank.below(level)) {
      let following = -1;
      for (let resource = rank.first(level); resource >= 0; resource = following) {
        if (!isWorthMore()) return;
        following = rank.next(resource);
        // Ranks follow lazily: what others took from the resource lets it sink when its turn comes.
        if (lists.isEmpty(first + resource)) rank.remove(resource);
        else if (levelOf(resource) < level) rank.place(resource, levelOf(resource));
        else visitResource(first + resource, resource, attempt);
      }
    }
  }

  return {
    isEmpty: () => live === 0,
    move: (index) => given[index],
    visit(attempt) {
      attempts = 0;
      taken = 0;
      for (let which = 0; which < classCount; which++) visitClass(which, ranks[which], attempt);
    },
    departed(node) {
      for (let woken = 0; woken < wakesPerDeparture && parkedLists.first[node] >= 0; woken++) {
        unpark(parkedLists.first[node]);
      }
    },
    moved(index) {
      const group = gates.groupOf[index];
      for (let other = group < 0 ? index : group; other >= 0; other = gates.next(other)) refresh(other);
    },
    wake(most) {
      let woken = 0;
      for (; woken < most && parkedOrder.first[0] >= 0; woken++) unpark(parkedOrder.first[0]);
      return woken;
    },
    parked: () => members(parkedOrder.first[0], parkedOrder.next),
    parkedAt: (node) => members(parkedLists.first[node], parkedLists.next),
    rest: () => given.filter((_, index) => statusOf[index] !== status.taken),
  };
}

/** Classes that occur among the moves, renumbered without gaps. */
function denseClasses(state: PlacementState, given: readonly PlannedMove[]) {
  const occurs = new Int32Array(moveClasses);
  const classOf = new Uint8Array(given.length);
  for (let index = 0; index < given.length; index++) {
    classOf[index] = classOfMove(state.problem, given[index]);
    occurs[classOf[index]] = 1;
  }
  let classCount = 0;
  const dense = occurs.map((occurring) => (occurring === 1 ? classCount++ : 0));
  for (let index = 0; index < given.length; index++) classOf[index] = dense[classOf[index]];
  return { classOf, classCount };
}

function members(first: number, next: Int32Array): number[] {
  const found: number[] = [];
  for (let item = first; item >= 0; item = next[item]) found.push(item);
  return found;
}
