/** What the scoring adapters together say of the nodes of one snapshot. */
export interface NodeScores {
  /** Per node of the snapshot 0 (well) to 1 (must not carry more); never NaN. */
  readonly distress: Float64Array;
  /** The same with its reasons, in the order of the snapshot's nodes. */
  readonly nodes: readonly NodeScore[];
}

export interface NodeScore {
  readonly node: string;
  readonly distress: number;
  readonly adapters: readonly AdapterScore[];
}

export interface AdapterScore {
  readonly adapter: string;
  readonly weight: number;
  /** Before the policy's floor. Null where the adapter could not score the node. */
  readonly distress: number | null;
  /** In `evidenceUnit`; null where the adapter could not score the node. */
  readonly evidence: number | null;
  readonly evidenceUnit: string;
}
