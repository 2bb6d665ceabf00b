import { createChange } from '../../change.ts';
import type { PlacementState } from '../../placement-state.ts';

/** The best placement so far, kept beside a state that wanders off: what is away from it is known, so both are cheap. */
export interface BestPlacement {
  /** The state as it is now becomes the best. O(replicas away from the old one). */
  keep(): void;
  /** Takes the state back to the best. */
  restore(): void;
}

/** Follows relocations only; leadership stays as it is. */
export function createBestPlacement(state: PlacementState): BestPlacement {
  const { nodeOf } = state;
  const best = nodeOf.slice();
  const isAway = new Uint8Array(nodeOf.length);
  const away: number[] = [];
  const change = createChange();
  state.listen({
    settle({ kind, replica }) {
      if (kind !== 'relocate' || isAway[replica] === 1) return;
      isAway[replica] = 1;
      away.push(replica);
    },
  });
  return {
    keep() {
      for (const replica of away) {
        best[replica] = nodeOf[replica];
        isAway[replica] = 0;
      }
      away.length = 0;
    },
    restore() {
      for (const replica of away) {
        isAway[replica] = 0;
        if (nodeOf[replica] === best[replica]) continue;
        state.apply(state.relocation(change, replica, best[replica]));
      }
      // What was applied just now entered the list again.
      for (const replica of away) isAway[replica] = 0;
      away.length = 0;
    },
  };
}
