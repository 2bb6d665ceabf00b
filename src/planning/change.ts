/**
 * A candidate: load that would leave one node for another. A relocation carries the row of its replica; a leadership
 * transfer and a swap carry the difference of two rows, whose parts may be negative. One object is reused for all
 * candidates, so that the search allocates nothing.
 */
export interface Change {
  kind: ChangeKind;
  /** Replica (row index) that moves; for a transfer the one that leads before. */
  replica: number;
  /** Replica that leads afterwards, or the swap's other replica; -1 for a relocation. */
  partner: number;
  from: number;
  to: number;
  /** Load per dimension of the problem, at `offset` of `loads`. */
  loads: Float64Array;
  offset: number;
}

export type ChangeKind = 'relocate' | 'transfer' | 'swap';

export function createChange(): Change {
  return { kind: 'relocate', replica: 0, partner: -1, from: 0, to: 0, loads: new Float64Array(0), offset: 0 };
}
