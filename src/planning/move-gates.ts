import { isHealthy } from '../domain/node.ts';
import type { PlannedMove } from './planned-move.ts';
import type { PlanningProblem } from './problem.ts';

/** Which moves wait for others of their shard, whatever room there is. */
export interface MoveGates {
  isOpen(index: number): boolean;
  /** Whether no move of these will ever open it. */
  isClosedForEver(index: number): boolean;
  /** A move has ended: opens those that waited for it. Nothing but the gates changes. */
  end(index: number): void;
  /** Other moves of the same shard, whether they have ended or not: calls back in the order given. */
  eachOfShard(shard: number, visit: (index: number) => void): void;
}

const gate = { open: 0, waits: 1, never: 2 } as const;

/** @param keepsOrder whether the moves of a shard keep the order in which they are given */
export function createMoveGates(
  problem: PlanningProblem,
  moves: readonly PlannedMove[],
  keepsOrder: boolean,
): MoveGates {
  const first = new Int32Array(problem.shardCount).fill(-1);
  const next = new Int32Array(moves.length).fill(-1);
  const gates = new Uint8Array(moves.length);
  const shardOf = (index: number): number => problem.shardOf[moves[index].replica];
  for (let index = moves.length - 1; index >= 0; index--) {
    const shard = shardOf(index);
    next[index] = first[shard];
    first[shard] = index;
  }
  const opensAfter = keepsOrder ? inOrder() : afterRestoring(problem, moves, gates);

  function inOrder(): (index: number) => void {
    for (const following of next) if (following >= 0) gates[following] = gate.waits;
    return (index) => {
      if (next[index] >= 0) gates[next[index]] = gate.open;
    };
  }

  return {
    isOpen: (index) => gates[index] === gate.open,
    isClosedForEver: (index) => gates[index] === gate.never,
    end: (index) => opensAfter(index, first, next),
    eachOfShard(shard, visit) {
      for (let index = first[shard]; index >= 0; index = next[index]) visit(index);
    },
  };
}

/**
 * Other replicas of a shard move only after what it lost has been restored: until then they are what it lives on and
 * what is copied from. Where that is not restored by these moves, a replica that the shard cannot do without stays.
 */
function afterRestoring(
  problem: PlanningProblem,
  moves: readonly PlannedMove[],
  gates: Uint8Array,
): (index: number, first: Int32Array, next: Int32Array) => void {
  const lost = Uint8Array.from(problem.request.snapshot.nodes, (node) => (isHealthy(node) ? 0 : 1));
  if (!lost.includes(1)) return () => {};
  const { replicaNodes } = problem.shards;
  const isRestoring = ({ kind, replica }: PlannedMove): boolean =>
    kind === 'relocate' && lost[replicaNodes[replica]] === 1;
  const toRestore = new Map<number, number>();
  for (const move of moves) {
    if (!isRestoring(move)) continue;
    const shard = problem.shardOf[move.replica];
    toRestore.set(shard, (toRestore.get(shard) ?? 0) + 1);
  }
  for (const [index, move] of moves.entries()) {
    if (move.kind !== 'relocate' || isRestoring(move)) continue;
    const shard = problem.shardOf[move.replica];
    if (toRestore.has(shard)) gates[index] = gate.waits;
    else if (isIndispensable(problem, shard, lost)) gates[index] = gate.never;
  }
  return (index, first, next) => {
    if (!isRestoring(moves[index])) return;
    const shard = problem.shardOf[moves[index].replica];
    const rest = (toRestore.get(shard) ?? 0) - 1;
    toRestore.set(shard, rest);
    if (rest > 0) return;
    for (let other = first[shard]; other >= 0; other = next[other]) gates[other] = gate.open;
  };
}

/** Whether the shard would have too few healthy replicas while one of them moves. */
function isIndispensable(problem: PlanningProblem, shard: number, lost: Uint8Array): boolean {
  const { replicaOffsets, replicaNodes } = problem.shards;
  const begin = replicaOffsets[shard];
  const end = replicaOffsets[shard + 1];
  let others = -1;
  for (let replica = begin; replica < end; replica++) if (lost[replicaNodes[replica]] === 0) others += 1;
  const { minHealthyReplicas } = problem.request.policy.placement;
  return others < Math.min(minHealthyReplicas, end - begin - 1);
}
