import { isIndispensable, lostNodes } from './constraints/healthy-replicas.ts';
import type { PlannedMove } from './planned-move.ts';
import type { PlanningProblem } from './problem.ts';

/** Which moves wait for others of their shard, whatever room there is. */
export interface MoveGates {
  /** First move of the same shard per move, for shards with several moves; -1 for a move that is alone. */
  readonly groupOf: Int32Array;
  isOpen(index: number): boolean;
  /** Whether no move of these will ever open it. */
  isClosedForEver(index: number): boolean;
  /** A move has ended: opens those that waited for it. Nothing but the gates changes. */
  end(index: number): void;
  /** The next move of the same shard, as they were given; -1 after the last. */
  next(index: number): number;
}

const gate = { open: 0, waits: 1, never: 2 } as const;

/** @param keepsOrder whether the moves of a shard keep the order in which they are given */
export function createMoveGates(
  problem: PlanningProblem,
  moves: readonly PlannedMove[],
  keepsOrder: boolean,
): MoveGates {
  const { groupOf, next } = groupByShard(problem, moves);
  const gates = new Uint8Array(moves.length);
  const opensAfter = keepsOrder ? inOrder() : afterRestoring(problem, moves, gates, groupOf, next);

  function inOrder(): (index: number) => void {
    for (let index = 0; index < next.length; index++) if (next[index] >= 0) gates[next[index]] = gate.waits;
    return (index) => {
      if (next[index] >= 0) gates[next[index]] = gate.open;
    };
  }

  return {
    groupOf,
    isOpen: (index) => gates[index] === gate.open,
    isClosedForEver: (index) => gates[index] === gate.never,
    end: opensAfter,
    next: (index) => next[index],
  };
}

function groupByShard(problem: PlanningProblem, moves: readonly PlannedMove[]) {
  const first = new Int32Array(problem.shardCount).fill(-1);
  const next = new Int32Array(moves.length);
  for (let index = moves.length - 1; index >= 0; index--) {
    const shard = problem.shardOf[moves[index].replica];
    next[index] = first[shard];
    first[shard] = index;
  }
  const groupOf = new Int32Array(moves.length).fill(-1);
  for (let index = 0; index < moves.length; index++) {
    if (groupOf[index] >= 0 || next[index] < 0) continue;
    for (let member = index; member >= 0; member = next[member]) groupOf[member] = index;
  }
  return { groupOf, next };
}

/**
 * Other replicas of a shard move only after what it lost has been restored: until then they are what it lives on and
 * what is copied from. Where that is not restored by these moves, a replica that the shard cannot do without stays.
 */
function afterRestoring(
  problem: PlanningProblem,
  moves: readonly PlannedMove[],
  gates: Uint8Array,
  groupOf: Int32Array,
  next: Int32Array,
): (index: number) => void {
  const lost = lostNodes(problem);
  if (!lost.includes(1)) return () => {};
  const { replicaNodes } = problem.shards;
  const isRestoring = ({ kind, replica }: PlannedMove): boolean =>
    kind === 'relocate' && lost[replicaNodes[replica]] === 1;
  // Per group the moves that restore and have not ended.
  const toRestore = new Int32Array(moves.length);
  for (let index = 0; index < moves.length; index++) {
    if (groupOf[index] >= 0 && isRestoring(moves[index])) toRestore[groupOf[index]] += 1;
  }
  for (let index = 0; index < moves.length; index++) {
    const move = moves[index];
    if (move.kind !== 'relocate' || isRestoring(move)) continue;
    if (groupOf[index] >= 0 && toRestore[groupOf[index]] > 0) gates[index] = gate.waits;
    else if (isIndispensable(problem, problem.shardOf[move.replica], lost)) gates[index] = gate.never;
  }
  const restored = new Uint8Array(moves.length);
  return (index) => {
    const group = groupOf[index];
    if (group < 0 || restored[index] === 1 || !isRestoring(moves[index])) return;
    restored[index] = 1;
    toRestore[group] -= 1;
    if (toRestore[group] > 0) return;
    for (let member = group; member >= 0; member = next[member]) gates[member] = gate.open;
  };
}
