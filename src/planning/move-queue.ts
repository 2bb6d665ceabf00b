import { createDenseLists } from './dense-lists.ts';
import type { MoveGates } from './move-gates.ts';
import type { PlacementState } from './placement-state.ts';
import { classOfMove, moveClasses, type PlannedMove } from './planned-move.ts';
import { createResourceRanks, type ResourceRanks } from './resource-ranks.ts';
import { resourcesPerMove, type WaveCaps } from './wave-caps.ts';

/** What became of a move that was tried: it joined the wave, a cap is used up, or a rule is in its way. */
export type Attempt = 'taken' | 'capped' | 'blocked';

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
  visit(attempt: (index: number) => Attempt): void;
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

/** log2 of the slots per move. */
const slotBits = Math.log2(resourcesPerMove);

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
  given: readonly PlannedMove[],
  gates: MoveGates,
  caps: WaveCaps,
): MoveQueue {
  const { problem, nodeOf } = state;
  const count = given.length;
  const { resourceCount } = caps;
  const { classOf, classCount } = denseClasses();
  const statusOf = new Uint8Array(count);
  // Resource per move and slot; lists per class and resource.
  const needs = new Int32Array(count * resourcesPerMove).fill(-1);
  const compared = new Int32Array(resourcesPerMove);
  const remaining = new Int32Array(resourceCount);
  const queues = createDenseLists(classCount * resourceCount, count * resourcesPerMove);
  const parkedLists = createDenseLists(problem.nodeCount, count);
  const parkedOrder = createDenseLists(1, count);
  let live = count;

  const ranks = begin();

  /** Queues what may go, and ranks the resources that are asked for, per class. */
  function begin(): ResourceRanks[] {
    for (let index = 0; index < count; index++) if (!gates.isClosedForEver(index)) register(index);
    const levels = resourceLevels();
    const highest = levels.reduce((most, level) => (level > most ? level : most), 1);
    const order = byUrgency(levels, highest);
    for (let at = 0; at < count; at++) if (gates.isOpen(order[at])) enqueue(order[at], false);
    return Array.from({ length: classCount }, (_, which) => {
      const rank = createResourceRanks(resourceCount, highest);
      for (let resource = 0; resource < resourceCount; resource++) {
        if (queues.first[which * resourceCount + resource] >= 0) rank.place(resource, levels[resource]);
      }
      return rank;
    });
  }

  /** Classes that occur, renumbered without gaps. */
  function denseClasses() {
    const occurs = new Int32Array(moveClasses);
    const classes = new Uint8Array(count);
    for (let index = 0; index < count; index++) {
      classes[index] = classOfMove(problem, given[index]);
      occurs[classes[index]] = 1;
    }
    let seen = 0;
    const dense = occurs.map((occurring) => (occurring === 1 ? seen++ : 0));
    for (let index = 0; index < count; index++) classes[index] = dense[classes[index]];
    return { classOf: classes, classCount: seen };
  }

  function destinationOf(index: number): number {
    const move = given[index];
    return move.kind === 'relocate' ? move.to : nodeOf[move.successor];
  }

  /** Counts the move among what its resources still have to do. */
  function register(index: number): void {
    const base = index * resourcesPerMove;
    caps.resourcesOf(nodeOf[given[index].replica], destinationOf(index), needs, base);
    for (let slot = base; slot < base + resourcesPerMove; slot++) {
      if (needs[slot] >= 0) remaining[needs[slot]] += 1;
    }
  }

  function unregister(index: number): void {
    const base = index * resourcesPerMove;
    for (let slot = base; slot < base + resourcesPerMove; slot++) {
      if (needs[slot] >= 0) remaining[needs[slot]] -= 1;
    }
  }

  function levelOf(resource: number): number {
    return Math.max(1, caps.wavesFor(resource, remaining[resource]));
  }

  function resourceLevels(): Int32Array {
    const levels = new Int32Array(resourceCount);
    for (let resource = 0; resource < resourceCount; resource++) levels[resource] = levelOf(resource);
    return levels;
  }

  /** Moves by the waves that their scarcest resource needs, most first, then as given: a counting sort. */
  function byUrgency(levels: Int32Array, highest: number): Int32Array {
    const levelOfMove = new Int32Array(count);
    const starts = new Int32Array(highest + 2);
    for (let index = 0; index < count; index++) {
      const base = index * resourcesPerMove;
      let most = 0;
      for (let slot = base; slot < base + resourcesPerMove; slot++) {
        if (needs[slot] >= 0 && levels[needs[slot]] > most) most = levels[needs[slot]];
      }
      levelOfMove[index] = most;
      starts[most] += 1;
    }
    for (let level = highest, sum = 0; level >= 0; level--) {
      const members = starts[level];
      starts[level] = sum;
      sum += members;
    }
    const order = new Int32Array(count);
    for (let index = 0; index < count; index++) order[starts[levelOfMove[index]]++] = index;
    return order;
  }

  function enqueue(index: number, isFirst: boolean): void {
    statusOf[index] = status.queued;
    const lists = classOf[index] * resourceCount;
    const base = index * resourcesPerMove;
    for (let slot = base; slot < base + resourcesPerMove; slot++) {
      const resource = needs[slot];
      if (resource < 0) continue;
      if (isFirst) queues.prepend(lists + resource, slot);
      else queues.append(lists + resource, slot);
    }
  }

  /** Puts a move at the head of its queues. */
  function requeue(index: number): void {
    enqueue(index, true);
    const base = index * resourcesPerMove;
    for (let slot = base; slot < base + resourcesPerMove; slot++) {
      if (needs[slot] >= 0) ranks[classOf[index]].raise(needs[slot], levelOf(needs[slot]));
    }
  }

  function dequeue(index: number): void {
    const base = index * resourcesPerMove;
    for (let slot = base; slot < base + resourcesPerMove; slot++) queues.remove(slot);
  }

  function park(index: number): void {
    dequeue(index);
    statusOf[index] = status.parked;
    parkedLists.append(destinationOf(index), index);
    parkedOrder.append(0, index);
  }

  function unpark(index: number): void {
    parkedLists.remove(index);
    parkedOrder.remove(index);
    requeue(index);
  }

  function take(index: number): void {
    dequeue(index);
    statusOf[index] = status.taken;
    unregister(index);
    live -= 1;
  }

  /** Queues a move anew where another of its shard has changed what it needs, or whether it may go. */
  function refresh(index: number): void {
    if (statusOf[index] === status.taken || gates.isClosedForEver(index)) return;
    if (statusOf[index] === status.queued && needsTheSame(index)) return;
    dequeue(index);
    parkedLists.remove(index);
    parkedOrder.remove(index);
    unregister(index);
    register(index);
    if (gates.isOpen(index)) requeue(index);
  }

  function needsTheSame(index: number): boolean {
    caps.resourcesOf(nodeOf[given[index].replica], destinationOf(index), compared, 0);
    return compared.every((resource, slot) => resource === needs[index * resourcesPerMove + slot]);
  }

  /** Looks that this wave has had, and moves that it has got. */
  let attempts = 0;
  let taken = 0;
  const isWorthMore = (): boolean =>
    !caps.isFull() && (taken === 0 || attempts < leastAttempts + attemptsPerMove * taken);

  function visitResource(list: number, resource: number, attempt: (index: number) => Attempt): void {
    let misses = leastMisses + 4 * caps.room(resource);
    let following = -1;
    for (let slot = queues.first[list]; slot >= 0 && misses > 0; slot = following) {
      if (caps.room(resource) <= 0 || !isWorthMore()) return;
      following = queues.next[slot];
      const index = slot >> slotBits;
      const result = attempt(index);
      attempts += 1;
      if (result === 'taken') {
        take(index);
        taken += 1;
      } else if (result === 'blocked') park(index);
      else misses -= 1;
    }
  }

  function visitClass(which: number, rank: ResourceRanks, attempt: (index: number) => Attempt): void {
    const lists = which * resourceCount;
    for (let level = rank.highest(); level > 0; level = rank.below(level)) {
      let following = -1;
      for (let resource = rank.first(level); resource >= 0; resource = following) {
        if (!isWorthMore()) return;
        following = rank.next(resource);
        // Ranks follow lazily: what others took from the resource lets it sink when its turn comes.
        if (queues.first[lists + resource] < 0) rank.remove(resource);
        else if (levelOf(resource) < level) rank.place(resource, levelOf(resource));
        else visitResource(lists + resource, resource, attempt);
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

function members(first: number, next: Int32Array): number[] {
  const found: number[] = [];
  for (let item = first; item >= 0; item = next[item]) found.push(item);
  return found;
}
