/** A move that ended with the replica in its new place: what cooldowns and oscillation are judged by. */
export interface MoveTrace {
  readonly cluster: string;
  readonly namespace: string;
  readonly planId: string;
  readonly moveId: string;
  readonly shard: string;
  readonly replica: number;
  readonly source: string;
  readonly destination: string;
  readonly at: number;
}
