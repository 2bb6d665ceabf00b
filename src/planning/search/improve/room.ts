import type { Change } from '../../change.ts';
import type { PlacementState } from '../../placement-state.ts';

/** Load that nodes may still take, held load included; follows the state. */
export interface Room {
  /** nodes × dimensions; negative where a node carries more than its ceiling. */
  readonly left: Float64Array;
  /** Per dimension 1 where load stays held on the first node of what left it: there arriving and leaving change nothing. */
  readonly isHeld: Uint8Array;
  /** Measures all nodes anew. O(nodes × dimensions). */
  measure(): void;
  /** Ends it: nothing is followed any more. */
  close(): void;
}

/**
 * @param ceilings nodes × dimensions
 * @param measured told of each node whose room has been measured
 */
export function createRoom(
  state: PlacementState,
  ceilings: Float64Array,
  measured: (node: number) => void = () => {},
): Room {
  const { problem, load, ghost } = state;
  const { width, dimensions, nodeCount } = problem;
  const origins = problem.shards.replicaNodes;
  const isHeld = Uint8Array.from(dimensions, ({ transient }) => (ghost !== null && transient ? 1 : 0));
  const holds = isHeld.includes(1);
  const left = new Float64Array(nodeCount * width);

  function measureNode(node: number): void {
    for (let d = 0, at = node * width; d < width; d++, at++) {
      left[at] = ceilings[at] - (ghost === null ? load[at] : load[at] + ghost[at]);
    }
    measured(node);
  }

  const close = state.listen({
    settle({ replica, from, to }) {
      measureNode(from);
      measureNode(to);
      const origin = holds ? origins[replica] : from;
      if (origin !== from && origin !== to) measureNode(origin);
    },
  });

  return {
    left,
    isHeld,
    measure() {
      for (let node = 0; node < nodeCount; node++) measureNode(node);
    },
    close,
  };
}

/** What a swap adds in a dimension whose load stays held: nobody is relieved of what left, nor burdened by what comes home. */
export function createHeldSwap({ problem, rowOf }: PlacementState) {
  const { width, loads } = problem;
  const origins = problem.shards.replicaNodes;

  /** What `node` gets for the replica that comes and for the one that goes. */
  function added(node: number, comes: number, goes: number, d: number): number {
    const amount = origins[comes] === node ? 0 : loads[rowOf(comes) * width + d];
    return origins[goes] === node ? amount : amount - loads[rowOf(goes) * width + d];
  }

  return {
    onSource: ({ replica, partner, from }: Change, d: number): number => added(from, partner, replica, d),
    onTarget: ({ replica, partner, to }: Change, d: number): number => added(to, replica, partner, d),
  };
}
