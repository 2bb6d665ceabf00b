/** The fields of JSON answers that the demo reads; 64-bit integers are texts, as in every protobuf JSON. */
export interface PlanFileJson {
  readonly plan: PlanJson;
}

export interface PlanJson {
  readonly id: string;
  readonly status: string;
  readonly digest: string;
  readonly kind: string;
  readonly createdBy: string;
  readonly summary: {
    readonly moves: string;
    readonly lowerBound: number;
    readonly before: readonly BalanceJson[];
    readonly after: readonly BalanceJson[];
  };
}

interface BalanceJson {
  readonly dimension: string;
  readonly peakToMean: number;
}

export interface FleetJson {
  readonly minHealthyReplicas: number;
  readonly maxConcurrentMoves: number;
  readonly executedMoves: number;
  readonly repeatedEffects: number;
  readonly dimensions: readonly { readonly name: string; readonly peakToMean: number }[];
  readonly nodeStates: readonly {
    readonly node: string;
    readonly alive: boolean;
    readonly utilization: number;
  }[];
}

export interface EffectivePolicyJson {
  readonly effective: {
    readonly spec: { readonly concurrency: { readonly namespace: number; readonly cluster: number } };
  };
}

export interface AuditJson {
  readonly records: string;
}

/** `PLAN_STATUS_PENDING_APPROVAL` → `pendingApproval`. */
export function statusName(status: string): string {
  return status
    .replace('PLAN_STATUS_', '')
    .toLowerCase()
    .replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

export function worstPeakToMean(balances: readonly BalanceJson[]): number {
  return Math.max(...balances.map((each) => each.peakToMean));
}

/** What `peers list` answers. */
export interface NodesJson {
  readonly nodes: readonly {
    readonly node: { readonly id: string };
    readonly dimensions: readonly string[];
    readonly loads: readonly number[];
  }[];
}
