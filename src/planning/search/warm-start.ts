import type { RequestedMove } from '../../domain/planning.ts';
import { createChange } from '../change.ts';
import { nodeHeat } from './node-heat.ts';
import { negligible, type SearchEngine } from './search-engine.ts';
import { beginHeat } from './unrest.ts';

/**
 * Begins with what an earlier plan had in mind: each of its moves that the rules still let, and that is still worth its
 * price on the loads of now, is made as that plan had it, so that two plans about one state of things agree. What exists no
 * longer is passed over. A node that would not begin to give by itself gives nothing for the sake of an old plan. O(shards)
 * for the names, then O(moves). Answers how many moves were taken over.
 */
export function warmStart(engine: SearchEngine): number {
  const { state, factors, deltas } = engine;
  const { problem } = state;
  const moves = problem.request.warmStart ?? [];
  if (moves.length === 0) return 0;
  const find = createFinder(engine);
  const begin = beginHeat(state, factors);
  const change = createChange();
  const scratch = new Float64Array(problem.width);

  function accepts(): boolean {
    engine.score(change);
    if (!engine.admits(change) || !engine.isWorthwhile(change)) return false;
    const repairs = deltas.violations < -negligible || deltas.vacate < 0 || deltas.excess < -negligible;
    if (!repairs && nodeHeat(state, factors, change.from) <= begin) return false;
    engine.apply(change);
    return true;
  }

  let taken = 0;
  for (const move of moves) {
    if (engine.isSpent()) break;
    const found = find(move);
    if (found === null) continue;
    const { replica, successor, node } = found;
    if (move.kind === 'relocate') state.relocation(change, replica, node);
    else state.transfer(change, replica, successor, scratch);
    if (accepts()) taken += 1;
  }
  return taken;
}

interface FoundMove {
  readonly replica: number;
  readonly successor: number;
  readonly node: number;
}

/** Finds a move's replicas and node in the fleet of now; null where it no longer makes sense. */
function createFinder(engine: SearchEngine): (move: RequestedMove) => FoundMove | null {
  const { state } = engine;
  const { shards, request } = state.problem;
  const nodes = new Map(request.snapshot.nodes.map((node, index) => [node.id, index]));
  const indices = new Map(shards.ids.map((id, index) => [id, index]));

  function replicaOf(shard: number, number: number): number {
    for (let r = shards.replicaOffsets[shard]; r < shards.replicaOffsets[shard + 1]; r++) {
      if (shards.replicaNumbers[r] === number) return r;
    }
    return -1;
  }

  return (move) => {
    const shard = indices.get(move.shard);
    if (shard === undefined) return null;
    const replica = replicaOf(shard, move.replica);
    if (replica < 0) return null;
    if (move.kind === 'relocate') {
      const node = nodes.get(move.destination);
      return node === undefined || node === state.nodeOf[replica]
        ? null
        : { replica, successor: replica, node };
    }
    const successor = replicaOf(shard, move.successor);
    if (successor < 0 || successor === replica || state.leads[replica] === 0) return null;
    return { replica, successor, node: state.nodeOf[successor] };
  };
}
