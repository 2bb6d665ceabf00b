/** Who changed a shard, and why. */
export interface ShardHistory {
  readonly actor: string;
  readonly reason: string;
  readonly changeTicket: string;
  /** Empty when the owner stayed. */
  readonly previousOwner: string;
}
