import type { PlacementState } from '../placement-state.ts';

/** What a state says now, to be compared with what it says later. */
export interface StateCopy {
  readonly nodeOf: Int32Array;
  readonly rows: Int32Array;
  readonly leads: Uint8Array;
  readonly load: Float64Array;
  readonly count: Int32Array;
  readonly replicaLoads: Float64Array;
}

export function copyState(state: PlacementState): StateCopy {
  return {
    nodeOf: state.nodeOf.slice(),
    rows: rowsOf(state),
    leads: state.leads.slice(),
    load: state.load.slice(),
    count: state.count.slice(),
    replicaLoads: state.problem.loads.slice(),
  };
}

/** Whether nothing has been written since the copy. */
export function sameState(copy: StateCopy, state: PlacementState): boolean {
  return (
    equal(copy.nodeOf, state.nodeOf) &&
    equal(copy.rows, rowsOf(state)) &&
    equal(copy.leads, state.leads) &&
    equal(copy.load, state.load) &&
    equal(copy.count, state.count) &&
    equal(copy.replicaLoads, state.problem.loads)
  );
}

const rowsOf = (state: PlacementState): Int32Array => state.nodeOf.map((_, replica) => state.rowOf(replica));

type Numbers = Float64Array | Int32Array | Uint8Array;

function equal(left: Numbers, right: Numbers): boolean {
  for (let i = 0; i < left.length; i++) if (!Object.is(left[i], right[i])) return false;
  return true;
}

/** Sums of doubles in another order differ by this share of what was summed. */
const rounding = 1e-9;

/** Whether two numbers differ by rounding only; `size` is that of the sums that they are the difference of. */
export function agree(left: number, right: number, size: number): boolean {
  return Math.abs(left - right) <= rounding * Math.max(1, Math.abs(left), Math.abs(right), size);
}
