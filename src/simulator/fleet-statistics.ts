import { type FleetState, isAlive, rowsOf } from './fleet-state.ts';

/** What was done to the fleet since the last reset. Definitions are in `docs/simulated-fleet.md`. */
export interface FleetStatistics {
  /** Looks at a shard whose replicas have just changed their places or their nodes' lives. */
  observeShard(shard: number): void;
  observeAllShards(): void;
  /** A move took its first effect; it ends with `moveEnded`. */
  moveBegan(): void;
  moveEnded(): void;
  /** A step of the move changed something. */
  effect(moveKey: string, step: EffectiveStep): void;
  /** A call arrived. */
  call(moveKey: string): void;
  overCommit(): void;
  /** What became of a call: `done`, `inProgress`, a refusal's code, `droppedAnswer`, ... */
  answer(outcome: string): void;
  reset(): void;
  read(): FleetCounters;
}

export type EffectiveStep = 'prepares' | 'drains' | 'transfers' | 'releases' | 'aborts';

export interface MoveEffects extends Readonly<Record<EffectiveStep, number>> {
  readonly calls: number;
}

export interface FleetCounters {
  /** Fewest over shards with two or more replicas: on alive nodes, or lost to a kill and not yet restored. */
  readonly minHealthyReplicas: number;
  /** The same without the exception. */
  readonly minAliveReplicas: number;
  readonly concurrentMoves: number;
  readonly maxConcurrentMoves: number;
  /** Steps that took effect again for a move key. */
  readonly repeatedEffects: number;
  readonly overCommits: number;
  readonly answers: ReadonlyMap<string, number>;
  /** By move key, in order of first call. */
  readonly moves: ReadonlyMap<string, MoveEffects>;
}

/** Moves whose effects are counted one by one; beyond, the oldest are forgotten. */
const maxCountedMoves = 200_000;

export function createFleetStatistics(state: FleetState): FleetStatistics {
  let minHealthy = 0;
  let minAlive = 0;
  let concurrent = 0;
  let maxConcurrent = 0;
  let repeated = 0;
  let overCommits = 0;
  const answers = new Map<string, number>();
  const moves = new Map<string, Record<EffectiveStep | 'calls', number>>();

  function observeShard(shard: number): void {
    const [first, end] = rowsOf(state, shard);
    if (end - first < 2) return;
    let healthy = 0;
    let alive = 0;
    for (let row = first; row < end; row++) {
      const lives = isAlive(state, state.replicaNodes[row] ?? 0);
      if (lives) alive++;
      if (lives || state.lostToKill[row] === 1) healthy++;
    }
    minHealthy = Math.min(minHealthy, healthy);
    minAlive = Math.min(minAlive, alive);
  }

  function observeAllShards(): void {
    for (let shard = 0; shard < state.blueprint.shards.ids.length; shard++) observeShard(shard);
  }

  function effectsOf(moveKey: string): Record<EffectiveStep | 'calls', number> {
    const known = moves.get(moveKey);
    if (known) return known;
    const effects = { prepares: 0, drains: 0, transfers: 0, releases: 0, aborts: 0, calls: 0 };
    if (moves.size >= maxCountedMoves) {
      const oldest = moves.keys().next();
      if (!oldest.done) moves.delete(oldest.value);
    }
    moves.set(moveKey, effects);
    return effects;
  }

  function reset(): void {
    minHealthy = Number.POSITIVE_INFINITY;
    minAlive = Number.POSITIVE_INFINITY;
    maxConcurrent = concurrent;
    repeated = 0;
    overCommits = 0;
    answers.clear();
    moves.clear();
    observeAllShards();
  }
  reset();

  return {
    observeShard,
    observeAllShards,
    moveBegan() {
      concurrent++;
      maxConcurrent = Math.max(maxConcurrent, concurrent);
    },
    moveEnded() {
      concurrent--;
    },
    effect(moveKey, step) {
      const effects = effectsOf(moveKey);
      effects[step]++;
      if (effects[step] > 1) repeated++;
    },
    call(moveKey) {
      effectsOf(moveKey).calls++;
    },
    overCommit() {
      overCommits++;
    },
    answer(outcome) {
      answers.set(outcome, (answers.get(outcome) ?? 0) + 1);
    },
    reset,
    read: () => ({
      minHealthyReplicas: Number.isFinite(minHealthy) ? minHealthy : 0,
      minAliveReplicas: Number.isFinite(minAlive) ? minAlive : 0,
      concurrentMoves: concurrent,
      maxConcurrentMoves: maxConcurrent,
      repeatedEffects: repeated,
      overCommits,
      answers,
      moves,
    }),
  };
}
