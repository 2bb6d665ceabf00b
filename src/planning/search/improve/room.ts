import type { Change } from '../../change.ts';
import type { PlacementState } from '../../placement-state.ts';

/** Load that nodes may still take, held load included; follows the state. */
export interface Room {
  /** nodes × dimensions; negative where a node carries more than its ceiling. */
  readonly left: Float64Array;
  /** Per dimension 1 where load stays held on the first node of what left it: there arriving and leaving change nothing. */
  readonly isHeld: Uint8Array;
  /** The swap that `onSource` and `onTarget` speak of, by its replicas and nodes; nobody has to know what it carries. */
  aim(swap: Change): void;
  /** What the swap adds in a dimension to the node that its replica leaves, and to the other. */
  onSource(dimension: number): number;
  onTarget(dimension: number): number;
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
  const { problem, load, ghost, rowOf } = state;
  const { width, dimensions, nodeCount, loads } = problem;
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

  /** Where the rows of the swap's replicas begin, and whether its nodes are the first ones of them. */
  let row = 0;
  let partnerRow = 0;
  let leavesHome = false;
  let comesHome = false;
  let partnerLeavesHome = false;
  let partnerComesHome = false;

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
    aim({ replica, partner, from, to }) {
      row = rowOf(replica) * width;
      partnerRow = rowOf(partner) * width;
      if (!holds) return;
      leavesHome = origins[replica] === from;
      comesHome = origins[replica] === to;
      partnerLeavesHome = origins[partner] === to;
      partnerComesHome = origins[partner] === from;
    },
    onSource(d) {
      if (isHeld[d] === 0) return loads[partnerRow + d] - loads[row + d];
      return (partnerComesHome ? 0 : loads[partnerRow + d]) - (leavesHome ? 0 : loads[row + d]);
    },
    onTarget(d) {
      if (isHeld[d] === 0) return loads[row + d] - loads[partnerRow + d];
      return (comesHome ? 0 : loads[row + d]) - (partnerLeavesHome ? 0 : loads[partnerRow + d]);
    },
    measure() {
      for (let node = 0; node < nodeCount; node++) measureNode(node);
    },
    close,
  };
}
