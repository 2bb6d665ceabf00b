import type { PlacementState } from './placement-state.ts';

/** In which order the search settled where replicas are. */
export interface MoveSequence {
  /** The replicas that were ever moved, or ever handed leadership on, each once, by the last time of each. */
  replicas(): Int32Array;
}

/** Steps that are noted before the first time that double ones are taken out. */
const leastCapacity = 1_024;

/**
 * Notes the steps one after the other: a number per replica would be written all over memory, step by step. Of several
 * steps of a replica only the last counts; where they fill the room, the others are taken out, so that there is room for
 * less than four times as many steps as replicas. O(1) per step over time.
 */
export function recordSequence(state: PlacementState): MoveSequence {
  const { replicaCount } = state.problem;
  let steps = new Int32Array(Math.min(leastCapacity, 2 * replicaCount));
  let count = 0;

  /** Keeps the last step of each replica, in their order. */
  function takeOutDouble(): void {
    const seen = new Uint8Array(replicaCount);
    let begin = count;
    for (let at = count - 1; at >= 0; at--) {
      if (seen[steps[at]] === 1) continue;
      seen[steps[at]] = 1;
      begin -= 1;
      steps[begin] = steps[at];
    }
    steps.copyWithin(0, begin, count);
    count -= begin;
  }

  function makeRoom(): void {
    if (2 * steps.length >= replicaCount) takeOutDouble();
    // Half of the room is free afterwards, so that the next time is as many steps away.
    if (2 * count <= steps.length) return;
    const more = new Int32Array(2 * steps.length);
    more.set(steps);
    steps = more;
  }

  state.listen({
    settle({ replica }) {
      if (count === steps.length) makeRoom();
      steps[count++] = replica;
    },
  });
  return {
    replicas() {
      takeOutDouble();
      return steps.slice(0, count);
    },
  };
}
