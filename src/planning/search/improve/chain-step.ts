import { createChange } from '../../change.ts';
import { homeShare } from './relocation-step.ts';
import { isAccepted, take, type Walk } from './walk.ts';

/** Replicas that may be pushed out for one that comes in. */
const maxEvicted = 10;

/** Destinations that admit an evicted replica before the best of them is taken; and nodes that are asked at most. */
const destinations = 12;
const maxAsked = 256;

/**
 * An ejection chain (Glover): a replica goes to a random node whether it fits or not, and what is then too much there
 * leaves for other nodes, each to the best of a few. The chain is accepted or undone as a whole. The winner of the ROADEF/EURO challenge 2012 calls it "big process rearrangement" (Gavranović and
 * Buljubašić, "An efficient local search with noising strategy for Google Machine Reassignment problem", 2014).
 *
 * @param draw the replica that a chain begins with
 */
export function createChainStep(walk: Walk, draw: () => number): () => boolean {
  const { energy, gate, random } = walk;
  const { state } = walk.engine;
  const { nodeOf } = state;
  const { nodes } = walk.space;
  const origins = state.problem.shards.replicaNodes;
  const overflow = createOverflow(walk);
  const change = createChange();
  const step = createChange();
  const movedReplicas = new Int32Array(maxEvicted + 1);
  const movedFrom = new Int32Array(maxEvicted + 1);
  let moved = 0;

  function move(replica: number, to: number): void {
    const delta = energy.delta(state.relocation(step, replica, to));
    movedReplicas[moved] = replica;
    movedFrom[moved] = step.from;
    moved += 1;
    take(walk, step, delta);
  }

  function undo(level: number): void {
    while (moved > 0) {
      moved -= 1;
      state.apply(state.relocation(step, movedReplicas[moved], movedFrom[moved]));
    }
    walk.level = level;
  }

  /** The best of the first few nodes that admit the replica, its home and others from anywhere on; -1 when none does. */
  function destinationOf(replica: number): number {
    const asked = Math.min(nodes.length, maxAsked);
    let at = random.integer(nodes.length);
    let best = Number.POSITIVE_INFINITY;
    let chosen = -1;
    for (
      let i = 0, found = 0;
      i < asked && found < destinations;
      i++, at = at + 1 === nodes.length ? 0 : at + 1
    ) {
      const to = i === 0 ? origins[replica] : nodes[at];
      if (to === nodeOf[replica] || !gate.admits(state.relocation(change, replica, to))) continue;
      found += 1;
      const delta = energy.delta(change);
      if (delta >= best) continue;
      best = delta;
      chosen = to;
    }
    walk.looked += asked;
    return chosen;
  }

  /** Whether the node holds the newcomer by every rule: asked with it back where it came from. */
  function holds(replica: number, from: number, to: number): boolean {
    state.apply(state.relocation(step, replica, from));
    const admitted = gate.admits(state.relocation(step, replica, to));
    state.apply(step);
    return admitted;
  }

  return () => {
    walk.looked += 1;
    const replica = draw();
    const from = nodeOf[replica];
    const to = random.next() < homeShare ? origins[replica] : nodes[random.integer(nodes.length)];
    if (to === from || !gate.admitsButLoad(state.relocation(step, replica, to))) return false;
    const level = walk.level;
    moved = 0;
    move(replica, to);
    while (moved <= maxEvicted) {
      const victim = overflow.victim(to, replica);
      if (victim < 0) break;
      const destination = destinationOf(victim);
      if (destination < 0) break;
      move(victim, destination);
    }
    if (!overflow.isOver(to) && isAccepted(walk, walk.level - level) && holds(replica, from, to)) return true;
    undo(level);
    return false;
  };
}

/** What a node carries beyond the walk's ceilings, held load included, and who should leave for it. */
interface Overflow {
  isOver(node: number): boolean;
  /** A replica whose leaving takes much of it for its size, with some chance; -1 when nothing is over or nobody helps. */
  victim(node: number, newcomer: number): number;
}

function createOverflow({ engine, space, random, ceilings }: Walk): Overflow {
  const { state } = engine;
  const { problem, load, ghost, first, next, rowOf } = state;
  const { width, totals, loads, dimensions, shardOf, immobile } = problem;
  const origins = problem.shards.replicaNodes;
  const isHeld = dimensions.map((dimension) => ghost !== null && dimension.transient);
  const excess = new Float64Array(width);

  function measure(node: number): boolean {
    let isOver = false;
    for (let d = 0, at = node * width; d < width; d++, at++) {
      const above = load[at] + (ghost === null ? 0 : ghost[at]) - ceilings[at];
      excess[d] = above > 0 ? above : 0;
      if (above > 0) isOver = true;
    }
    return isOver;
  }

  /** Shares of the fleet's load that the node would be relieved of, of what is too much there. */
  function relief(replica: number, node: number): number {
    const isHome = origins[replica] === node;
    const row = rowOf(replica) * width;
    let total = 0;
    for (let d = 0; d < width; d++) {
      if (excess[d] === 0 || (isHome && isHeld[d])) continue;
      total += Math.min(excess[d], loads[row + d]) / totals[d];
    }
    return total;
  }

  return {
    isOver: measure,
    victim(node, newcomer) {
      if (!measure(node)) return -1;
      let best = 0;
      let chosen = -1;
      for (let replica = first[node]; replica >= 0; replica = next[replica]) {
        if (replica === newcomer || immobile[shardOf[replica]] !== 0) continue;
        const relieved = relief(replica, node);
        if (relieved === 0) continue;
        // Random weights: the same newcomer on the same node should not always push out the same ones.
        const worth = (relieved / space.sizes[replica]) * (0.3 + random.next());
        if (worth <= best) continue;
        best = worth;
        chosen = replica;
      }
      return chosen;
    },
  };
}
