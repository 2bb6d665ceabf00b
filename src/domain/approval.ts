/** One principal's consent to exactly one content. */
export interface Approval {
  readonly principal: string;
  readonly groups: readonly string[];
  /** Digest of the plan that was approved; equal to the plan's or the approval would have been refused. */
  readonly digest: string;
  readonly at: number;
  readonly reason: string;
  readonly changeTicket: string;
}

/** What a plan needs before it may run, fixed when the plan is made. */
export interface ApprovalRequirement {
  readonly required: number;
  readonly excludeAuthor: boolean;
  /** When not empty, only members count. */
  readonly groups: readonly string[];
  /** Name of the tier that asked for it; empty for the policy's base. */
  readonly tier: string;
  /** Whether policy's mode and kinds let it run without anybody's approval. */
  readonly automatic: boolean;
}
